import { workerData } from 'node:worker_threads'
import { serveJobs } from '../posted-job.ts'
import type { WorkerStart } from '../threads.ts'

// A worker that takes a tile and ends without a word, as one does that the system kills.

serveJobs((workerData as WorkerStart).shared, () => process.exit(0))
