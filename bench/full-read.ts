import { execFileSync, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fullReader, openModel } from '../packages/core/node/index.ts'
import {
  type FullReadPlan,
  planFullRead,
} from '../packages/core/src/audit/full-read/plan-full-read.ts'
import { pairRoles } from '../packages/core/src/audit/technical/pairing.ts'
import { mapRoles } from '../packages/core/src/model/roles/map-roles.ts'
import { makeSynthetic7B } from './synthetic-7b.ts'

// A full read of two checkpoints (SHA-256 of every file; mean, deviation, cosine and correlation of every
// tensor) beside its limit: the same files through the same reader and threads, hashed and nothing else. And beside
// openssl, which hashes without knowing of tensors. Two simulated checkpoints of four layers of a
// 7B model in shards of at most 270 MB (4.3 GB in all), read once beforehand so that the disk is not what is measured.
//   npm run bench -- full-read [--runs 5]

const CACHE = join(import.meta.dirname, '..', '.cache', 'bench')
const LIMIT_RATIO = 1 / 1.1

type Run = { readonly seconds: number; readonly cpuSeconds: number }

export async function benchFullRead(runs: number): Promise<void> {
  const folders = [
    join(CACHE, 'four-layers-small-shards-a'),
    join(CACHE, 'four-layers-small-shards-b'),
  ] as const
  process.stderr.write('making two simulated checkpoints (4.3 GB) unless they exist …\n')
  for (const [at, folder] of folders.entries()) {
    await makeSynthetic7B(folder, at + 1, { layers: 4, shardBytes: 270e6 })
  }
  const [candidate, reference] = [await openModel(folders[0]), await openModel(folders[1])]
  const roles = {
    candidate: mapRoles(candidate.checkpoint),
    reference: mapRoles(reference.checkpoint),
  }
  const plan = planFullRead(
    { candidate: candidate.checkpoint, reference: reference.checkpoint },
    roles,
    pairRoles(roles.candidate, roles.reference),
  )
  const bytes = [...plan.candidateFiles, ...plan.referenceFiles].reduce(
    (sum, file) => sum + file.sizeBytes,
    0,
  )
  const read = (workers: number, part: FullReadPlan) =>
    timed(() => fullReader({ workers, cacheFolder: null })(part, { candidate, reference }))
  await read(2, { ...plan, steps: [] })

  const rows: Record<string, unknown>[] = []
  for (const asked of [1, 2, 4]) {
    // As the command does: never more threads than processors.
    const workers = Math.min(asked, availableParallelism())
    const full: Run[] = []
    const hashed: Run[] = []
    for (let run = 0; run < runs; run++) {
      hashed.push(await read(workers, { ...plan, steps: [] }))
      full.push(await read(workers, plan))
    }
    const ratio = (pick: (run: Run) => number) =>
      median(full.map((run, at) => pick(hashed[at] as Run) / pick(run)))
    rows.push({
      'workers asked': asked,
      threads: workers,
      'full read, GB/s': round(bytes / 1e9 / median(full.map((run) => run.seconds))),
      'hashing alone, GB/s': round(bytes / 1e9 / median(hashed.map((run) => run.seconds))),
      'share of the limit': round(ratio((run) => run.seconds)),
      'in processor time': round(ratio((run) => run.cpuSeconds)),
      'at least': round(LIMIT_RATIO),
    })
  }
  console.table(rows)
  printOpenssl(folders, bytes)
  await Promise.all([candidate.close(), reference.close()])
}

function printOpenssl(folders: readonly [string, string], bytes: number): void {
  const started = performance.now()
  const command = folders.map((folder) => `openssl dgst -sha256 '${folder}'/*.safetensors &`)
  const run = spawnSync('sh', ['-c', `${command.join(' ')} wait`])
  const seconds = (performance.now() - started) / 1000
  const version = run.status === 0 ? execFileSync('openssl', ['version']).toString().trim() : null
  if (version)
    console.log(`${version}, a process for each model: ${round(bytes / 1e9 / seconds)} GB/s`)
}

async function timed(work: () => Promise<unknown>): Promise<Run> {
  const before = process.cpuUsage()
  const started = performance.now()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 }
}

const median = (values: readonly number[]): number =>
  values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN

const round = (value: number): number => Math.round(value * 1000) / 1000
