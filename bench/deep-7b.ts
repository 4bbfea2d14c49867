import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeHidden } from './hidden-7b.ts'
import { makeSynthetic7B } from './synthetic-7b.ts'

// `compare --deep` at the widths of a 7B (4096 axes, 11,008 units): a hidden descendant and its
// base, of 8 layers each to spare 19 GB of disk (two of them are aligned, as of 32), and two
// independent models, which cost most because every tier is asked. With one and two threads, whose
// answers must be the same bytes. Simulated weights; the folders are kept in .cache/bench.
//   npm run bench -- deep-7b [--runs 1]

const CACHE = join(import.meta.dirname, '..', '.cache', 'bench')
const CLI = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'dokja.js')
const SMALL = { layers: 8, shardBytes: 5e9 }

export async function benchDeep7B(runs: number): Promise<void> {
  const base = join(CACHE, 'seven-8-layers')
  const hidden = join(CACHE, 'seven-8-layers-hidden')
  process.stderr.write('making simulated checkpoints (7.7 GB) unless they exist …\n')
  await makeSynthetic7B(base, 3, SMALL)
  await makeHidden(base, hidden)
  const pairs: Record<string, readonly [string, string]> = {
    'hidden descendant': [hidden, base],
    ...(await independentPair()),
  }
  for (const [name, pair] of Object.entries(pairs)) {
    for (let run = 0; run < runs; run++) {
      const rows = [2, 1].map((workers) => measure(pair, workers))
      console.log(`\n${name}`)
      console.table(rows.map(({ digest: _, ...row }) => row))
      const isSame = new Set(rows.map(({ digest }) => digest)).size === 1
      console.log(isSame ? 'the same bytes' : 'DIFFERENT ANSWERS')
      if (!isSame) process.exitCode = 1
    }
  }
}

/** Of whole models, where the benchmark compare-7b has made them; else of 8 layers. */
async function independentPair(): Promise<Record<string, readonly [string, string]>> {
  const whole = [join(CACHE, 'seven-a'), join(CACHE, 'seven-b')] as const
  const isMade = await Promise.all(whole.map((folder) => stat(join(folder, 'complete')))).catch(
    () => null,
  )
  if (isMade) return { 'independent models of 32 layers': whole }
  const other = join(CACHE, 'seven-8-layers-other')
  await makeSynthetic7B(other, 4, SMALL)
  return { 'independent models of 8 layers': [other, join(CACHE, 'seven-8-layers')] }
}

function measure([a, b]: readonly [string, string], workers: number) {
  const started = performance.now()
  const child = spawnSync(
    '/usr/bin/env',
    [
      ...['time', '-f', '%U %S %M', process.execPath, CLI, 'compare', a, b],
      ...['--deep', '--json', '--workers', String(workers)],
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  const seconds = (performance.now() - started) / 1000
  const [user = 0, system = 0, kilobytes = 0] = (child.stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number)
  const report = JSON.parse(child.stdout)
  const body = report.components.find(
    ({ component }: { component: string }) => component === 'language_model',
  )
  return {
    workers,
    seconds,
    cpuSeconds: user + system,
    memoryMB: kilobytes / 1024,
    readMB: (report.bytesRead.candidate + report.bytesRead.reference) / 1e6,
    verdict: body.verdict,
    log10P: body.log10P,
    map: body.transform?.residual.kind ?? '',
    matched: body.transform?.layers.map(({ matched }: { matched: number }) => matched).join(' '),
    heldOut: body.transform?.heldOut?.correlation,
    digest: createHash('sha256').update(child.stdout).digest('hex'),
  }
}
