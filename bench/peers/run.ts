import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Case, LARGE, largeCases, smallCases } from './cases.ts'
import { makeLargeCheckpoint } from './large-checkpoints.ts'
import { type Limits, measure, medianRow, type Row, warm } from './measure.ts'
import { COPIES, makeCopy } from './small-copies.ts'
import { countsOf, ratiosOf, tableOf } from './table.ts'
import { dokja, findPeers, type Tool } from './tools.ts'

// Dokja and the peers that run without an accelerator, on the same checkpoints, one after another.
// Peers are the reader's own clones; without one the table says so.
//   npm run bench -- peers [--peers DIR] [--python FILE] [--only small|large] [--pair TEXT]
//                          [--tool NAME] [--runs 3] [--peer-runs 1] [--limit-s 1800] [--keep]

const CACHE = join(import.meta.dirname, '..', '..', '.cache')

const RULES = `Related is what each tool says is related: Dokja, a verdict per component; φ_U, p ≤ 10^-9; AWM, z ≥ 12.14,
the smallest that its README reports of a related pair; MPK, "Confirmed" or "High-Confidence Match".
Dokja: median of runs before, between and after those of the peers, bytes as it counts them. Peers: median of theirs, the size of the weight files,
which they load whole. All models are simulated, all files lie in the page cache. Sources of the rules: bench/peers/README.md`

export async function benchPeers(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'string', default: process.env['DOKJA_PEERS'] ?? join(CACHE, 'peers') },
      python: { type: 'string' },
      only: { type: 'string' },
      pair: { type: 'string', default: '' },
      tool: { type: 'string' },
      runs: { type: 'string', default: '3' },
      'peer-runs': { type: 'string', default: '1' },
      'limit-s': { type: 'string', default: '1800' },
      keep: { type: 'boolean', default: false },
    },
  })
  const python = values.python ?? join(values.peers, 'venv', 'bin', 'python')
  const isAsked = (name: string) => values.tool === undefined || values.tool === name
  const { installed, missing } = findPeers(values.peers, python)
  const peers = installed.filter(({ name }) => isAsked(name))
  const limits = {
    runs: Number(values.runs),
    peerRuns: Number(values['peer-runs']),
    limitSeconds: Number(values['limit-s']),
  }
  const suite: Suite = {
    measure: (pairs) =>
      measureAll(
        pairs.filter(({ name }) => name.includes(values.pair)),
        peers,
        limits,
      ),
    table: (rows) => tableOf(rows, missing.filter(isAsked)),
  }
  const rows: Row[] = []
  if (values.only !== 'large') rows.push(...(await runSmall(suite)))
  if (values.only !== 'small') rows.push(...(await runLarge(suite, values.keep)))
  console.log(`\n${countsOf(rows)}\n\n${RULES}`)
}

type Suite = {
  readonly measure: (pairs: readonly Case[]) => Row[]
  readonly table: (rows: readonly Row[]) => string
}

async function runSmall({ measure, table }: Suite): Promise<Row[]> {
  const copies = await mkdtemp(join(tmpdir(), 'dokja-peers-'))
  try {
    for (const name of Object.keys(COPIES)) await makeCopy(name, join(copies, name))
    const rows = measure(smallCases(copies))
    console.log(`\nTiny models\n\n${table(rows)}`)
    return rows
  } finally {
    await rm(copies, { recursive: true })
  }
}

async function runLarge({ measure, table }: Suite, isKept: boolean): Promise<Row[]> {
  const folder = join(CACHE, 'bench', 'peers-1b')
  process.stderr.write('making three simulated 1B checkpoints (7.4 GB) unless they exist …\n')
  try {
    for (const [name, recipe] of Object.entries(LARGE)) {
      await makeLargeCheckpoint(join(folder, name), recipe)
    }
    const rows = measure(largeCases(folder))
    console.log(`\nShape of Llama-3.2-1B\n\n${table(rows)}\n\nDokja = 1\n\n${ratiosOf(rows)}`)
    return rows
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Pair by pair. Runs of ours stand before, between and after those of the peers: a machine that is shared is
 * not as fast at one minute as at the next.
 */
function measureAll(
  pairs: readonly Case[],
  peers: readonly Tool[],
  limits: Limits & { readonly peerRuns: number },
): Row[] {
  const { runs, peerRuns } = limits
  const ownRuns = { ...limits, runs: Math.ceil(runs / (peers.length * peerRuns + 1)) }
  return pairs.flatMap((pair) => {
    process.stderr.write(`${pair.name} …\n`)
    warm(pair)
    const own = measure(dokja, pair, ownRuns)
    const others = peers.map((peer) => {
      process.stderr.write(`  ${peer.name} …\n`)
      const rows = Array.from({ length: peerRuns }, () => {
        const [row] = measure(peer, pair, { ...limits, runs: 1 })
        own.push(...measure(dokja, pair, ownRuns))
        return row!
      })
      return medianRow(rows)
    })
    return [medianRow(own), ...others]
  })
}
