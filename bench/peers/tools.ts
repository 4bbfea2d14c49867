import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './cases.ts'
import {
  expectedOfAwm,
  expectedOfMpk,
  expectedOfPhiU,
  type Judgement,
  judgeComponents,
  judgeYesNo,
} from './judge.ts'

// How each tool is called, how its answer reads, and whether it is right.

export type Reading = { readonly answer: string; readonly judgement: Judgement }

export type Tool = {
  readonly name: string
  readonly command: (pair: Case) => readonly string[]
  /** Dokja says what it read; a peer reads its weight files whole. */
  readonly bytesRead: ((output: string) => number) | null
  /** Exit statuses that come with an answer. */
  readonly statuses: readonly number[]
  readonly read: (output: string, pair: Case) => Reading
}

const ROOT = join(import.meta.dirname, '..', '..')
const CLI = join(ROOT, 'packages', 'cli', 'bin', 'dokja.js')

const FOUND_BY_PHI_U_LOG10_P = -9
/** The smallest z that AWM's README reports for a related pair (Llama-3.2-1B from Llama-3-8B). */
const FOUND_BY_AWM_Z = 12.14
const FOUND_BY_MPK = ['Confirmed Match', 'High-Confidence Match']

export const dokja: Tool = {
  name: 'Dokja',
  command: ({ candidate, reference }) => [
    process.execPath,
    CLI,
    'compare',
    candidate,
    reference,
    '--json',
  ],
  bytesRead: (output) => {
    const { bytesRead } = JSON.parse(output)
    return bytesRead.candidate + bytesRead.reference
  },
  // No evidence, descent, not determinable.
  statuses: [0, 1, 3],
  read: (output, { allowed }) => {
    const report: { components: { component: string; verdict: string; log10P: number | null }[] } =
      JSON.parse(output)
    const judged = report.components.filter(({ component }) => component in allowed)
    const words = judged.map(({ component, verdict, log10P }) => {
      const p = log10P !== null && log10P < -9 ? ` (p 10^${log10P.toFixed(0)})` : ''
      return `${component} ${verdict}${p}`
    })
    const found = Object.fromEntries(judged.map((entry) => [entry.component, entry.verdict]))
    return { answer: words.join(', '), judgement: judgeComponents(found, allowed) }
  },
}

type Peer = {
  readonly name: string
  /** Clone, driver of ours, and a file that says the clone is there. */
  readonly clone: string
  readonly driver: string
  readonly witness: string
  readonly read: Tool['read']
}

/** The last line of a driver's output. */
export function driverLine(output: string): Record<string, unknown> {
  return JSON.parse(output.trimEnd().split('\n').at(-1)!)
}

const PEERS: readonly Peer[] = [
  {
    name: 'φ_U',
    clone: 'model-tracing',
    driver: 'phi_u.py',
    witness: 'tracing/statistics/csu.py',
    read: (output, { truth }) => {
      // null: the p-value is below what a double holds.
      const log10P = driverLine(output)['log10P'] as number | null
      const isRelated = log10P === null || log10P <= FOUND_BY_PHI_U_LOG10_P
      return {
        answer: log10P === null ? 'p < 10^-307' : `p 10^${log10P.toFixed(1)}`,
        judgement: judgeYesNo(isRelated, expectedOfPhiU(truth)),
      }
    },
  },
  {
    name: 'AWM',
    clone: 'AWM',
    driver: 'awm.py',
    witness: 'main.py',
    read: (output, { truth }) => {
      const { percent, z } = driverLine(output) as { percent: number; z: number }
      return {
        answer: `${percent.toFixed(2)} %, z ${z.toFixed(1)}`,
        judgement: judgeYesNo(z >= FOUND_BY_AWM_Z, expectedOfAwm(truth)),
      }
    },
  },
  {
    name: 'MPK',
    clone: 'model-provenance-kit',
    driver: 'mpk.py',
    witness: 'src/provenancekit/cli.py',
    read: (output, { truth }) => {
      const { decision, identityScore, tier } = driverLine(output) as {
        decision: string
        identityScore: number | null
        tier: number
      }
      const score = identityScore === null ? 'none' : identityScore.toFixed(2)
      return {
        answer: `${decision} (tier ${tier}; score of the weights ${score})`,
        judgement: judgeYesNo(FOUND_BY_MPK.includes(decision), expectedOfMpk(truth)),
      }
    },
  },
]

/** The peers whose clones lie in `folder`, with a `python` to run them, and the names of the others. */
export function findPeers(
  folder: string,
  python: string,
): { readonly installed: readonly Tool[]; readonly missing: readonly string[] } {
  const isThere = ({ clone, witness }: Peer) =>
    existsSync(python) && existsSync(join(folder, clone, witness))
  return {
    installed: PEERS.filter(isThere).map(({ name, clone, driver, read }) => ({
      name,
      command: ({ candidate, reference }) => [
        python,
        join(import.meta.dirname, driver),
        join(folder, clone),
        candidate,
        reference,
      ],
      bytesRead: null,
      statuses: [0],
      read,
    })),
    missing: PEERS.filter((peer) => !isThere(peer)).map(({ name }) => name),
  }
}
