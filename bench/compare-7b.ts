import { spawnSync } from 'node:child_process'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeSynthetic7B } from './synthetic-7b.ts'

// An exact comparison of two 7B-shaped bfloat16 checkpoints on local disk, beside a full read of
// the same files. Needs 27 GB of disk; the folders are kept in .cache/bench for the next run.
//   npm run bench -- compare-7b [--runs 5]

const CACHE = join(import.meta.dirname, '..', '.cache', 'bench')
const CLI = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'dokja.js')
const LIMITS = { readMB: 64, seconds: 2, memoryMB: 300 }

type Row = {
  readonly seconds: number
  readonly memoryMB: number
  readonly readMB: number
  readonly verdict: string
}

export async function benchCompare7B(runs: number): Promise<void> {
  const [a, b] = [join(CACHE, 'seven-a'), join(CACHE, 'seven-b')]
  process.stderr.write('making two simulated 7B checkpoints (27 GB) unless they exist …\n')
  const total = await makeSynthetic7B(a, 1)
  await makeSynthetic7B(b, 2)

  const rows: Row[] = []
  for (let run = 0; run < runs; run++) {
    const started = performance.now()
    const child = spawnSync(
      '/usr/bin/env',
      ['time', '-f', '%M', process.execPath, CLI, 'compare', a, b, '--json'],
      { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
    )
    const seconds = (performance.now() - started) / 1000
    const report = JSON.parse(child.stdout)
    rows.push({
      seconds,
      memoryMB: Number(child.stderr.trim().split('\n').at(-1)) / 1024,
      readMB: Math.max(report.bytesRead.candidate, report.bytesRead.reference) / 1e6,
      verdict: report.verdict,
    })
  }
  const fullSeconds = (await readAll(a)) + (await readAll(b))
  const median = (pick: (row: Row) => number) =>
    rows.map(pick).sort((x, y) => x - y)[Math.floor(rows.length / 2)]!
  const result = {
    verdict: rows[0]!.verdict,
    seconds: median((row) => row.seconds),
    memoryMB: median((row) => row.memoryMB),
    readMB: median((row) => row.readMB),
  }
  console.table([
    { what: 'dokja compare, whole process', ...result },
    { what: 'limit', verdict: 'no_evidence', ...LIMITS },
    { what: 'full read of both', verdict: '', seconds: fullSeconds, readMB: total / 1e6 },
  ])
  console.log(
    `of the bytes: 1/${(total / 1e6 / result.readMB).toFixed(0)} · ` +
      `of the time of a full read: 1/${(fullSeconds / result.seconds).toFixed(1)}`,
  )
}

async function readAll(folder: string): Promise<number> {
  const started = performance.now()
  const buffer = Buffer.alloc(8 * 2 ** 20)
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.safetensors'))) {
    const file = await open(join(folder, name))
    try {
      while ((await file.read(buffer, 0, buffer.length)).bytesRead > 0);
    } finally {
      await file.close()
    }
  }
  return (performance.now() - started) / 1000
}
