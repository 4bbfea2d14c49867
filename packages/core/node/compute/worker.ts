import { workerData } from 'node:worker_threads'
import { serveJobs } from './posted-job.ts'
import type { WorkerStart } from './threads.ts'
import { tileRunner } from './tile-runner.ts'

// A thread that computes tiles for whoever started it. It reads no files and prints nothing: the
// caller blocks while it works and could not carry its output.

const { module, shared } = workerData as WorkerStart
serveJobs(shared, tileRunner(module))
