import { benchCompare7B } from './compare-7b.ts'
import { benchDeep7B } from './deep-7b.ts'
import { benchFullRead } from './full-read.ts'
import { benchPeers } from './peers/run.ts'
import { benchPower } from './power.ts'
import { benchRound } from './round.ts'
import { benchSketchSearch } from './sketch-search.ts'

// Benchmarks print ratios against a peer or a limit in the same run; they are never timed tests.
//   npm run bench -- NAME [--runs N]; `peers` has options of its own, see peers/README.md

const [name = '', ...rest] = process.argv.slice(2)
const at = rest.indexOf('--runs')
const runs = at >= 0 ? Number(rest[at + 1]) : 5

const BENCHMARKS: Record<string, () => Promise<void>> = {
  'compare-7b': () => benchCompare7B(runs),
  'deep-7b': () => benchDeep7B(at >= 0 ? runs : 1),
  'full-read': () => benchFullRead(runs),
  power: () => benchPower(runs),
  peers: () => benchPeers(rest),
  round: () => benchRound(runs),
  'sketch-search': () => benchSketchSearch(runs),
}

const chosen = BENCHMARKS[name]
if (!chosen) {
  console.error(`error: no benchmark named "${name}"\nhint: ${Object.keys(BENCHMARKS).join(', ')}`)
  process.exitCode = 2
} else await chosen()
