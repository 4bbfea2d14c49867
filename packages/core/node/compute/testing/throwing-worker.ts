import { workerData } from 'node:worker_threads'
import { serveJobs } from '../posted-job.ts'
import type { WorkerStart } from '../threads.ts'

// A worker whose first tile fails.

serveJobs((workerData as WorkerStart).shared, () => {
  throw new Error('out of luck')
})
