import { canonicalBytes, type JsonValue } from '../../base/canonical-json.ts'
import type { Digest } from '../../base/digest.ts'
import type { Plan } from '../plan/plan.ts'
import type { PartScore, Scoreboard, TeamScore } from '../score/scoreboard.ts'
import { figureOf } from './figures.ts'
import { type Hash, leafHash, pathOf, rootOf } from './merkle.ts'
import { saltOf } from './salts.ts'

export const LEAF_SCHEMA_VERSION = 'dokja.leaf/1'

/**
 * One value of the scoreboard, sealed in the published root. `item` is `part/<id>`, `total`,
 * `rank`, `gate` or `advances`; of the team "" there is `board` and `rows`, the digests of all.
 */
export type Leaf = {
  readonly schemaVersion: typeof LEAF_SCHEMA_VERSION
  readonly plan: Digest
  readonly team: string
  readonly item: string
  readonly value: JsonValue
  readonly salt: string
}

export const hashOfLeaf = (leaf: Leaf): Hash => leafHash(canonicalBytes(leaf))

/** A leaf with its way to the root: what is handed to those who may see the value. */
export type Opening = {
  readonly leaf: Leaf
  readonly index: number
  readonly path: readonly Hash[]
}

export type ScoreTree = {
  readonly root: Digest
  readonly size: number
  /** The opening of a value; undefined when there is no such leaf. */
  readonly open: (team: string, item: string) => Opening | undefined
}

/**
 * Commits to a whole scoreboard. Every value of every team becomes a leaf, whether it is known or
 * not, in the order of the plan, so that the number of leaves says nothing about the scores.
 */
export function scoreTree(plan: Plan, board: Scoreboard, secret: string): ScoreTree {
  const { planDigest, digest: boardDigest } = board
  const values: [string, string, JsonValue][] = [
    ...board.teams.flatMap((team) =>
      teamValues(team, plan).map(([item, value]): [string, string, JsonValue] => [
        team.team,
        item,
        value,
      ]),
    ),
    ['', 'board', board.digest],
    ['', 'rows', board.rowsDigest],
  ]
  const leaves = values.map(
    ([team, item, value]): Leaf => ({
      schemaVersion: LEAF_SCHEMA_VERSION,
      plan: planDigest,
      team,
      item,
      value,
      salt: saltOf(secret, { planDigest, boardDigest, team, item }),
    }),
  )
  const hashes = leaves.map(hashOfLeaf)
  const places = new Map(leaves.map((leaf, index) => [`${leaf.team}\n${leaf.item}`, index]))
  return {
    root: `sha256:${rootOf(hashes)}`,
    size: leaves.length,
    open: (team, item) => {
      const index = places.get(`${team}\n${item}`)
      const leaf = index === undefined ? undefined : leaves[index]
      return index === undefined || !leaf ? undefined : { leaf, index, path: pathOf(hashes, index) }
    },
  }
}

function teamValues(team: TeamScore, plan: Plan): [string, JsonValue][] {
  const { score, total } = plan.rounding.printed
  const parts = (entries: readonly PartScore[]): [string, JsonValue][] =>
    entries.flatMap((entry) => [
      [`part/${entry.part}`, figureOf(entry.amount, score, plan)],
      ...parts(entry.parts),
    ])
  return [
    ...parts(team.parts),
    ['total', figureOf(team.total, total, plan)],
    ['rank', { ...team.rank }],
    ['gate', team.gate.outcome],
    ['advances', { ...team.advances }],
  ]
}
