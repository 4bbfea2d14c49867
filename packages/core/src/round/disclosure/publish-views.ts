import { type Docket, decisionInForce } from '../docket/docket.ts'
import { readDocket } from '../docket/read-docket.ts'
import type { RoundResult } from '../run-round.ts'
import { buildView } from './build-view.ts'
import { type Derivable, derivableScores } from './derivable.ts'
import { scoreTree } from './leaves.ts'
import type { Audience } from './rights.ts'
import type { RoundView } from './view.ts'

export type PublishedView = {
  /** Folder inside of `published/`, such as `teams/alpha`. */
  readonly folder: string
  readonly view: RoundView
  readonly derivable: readonly Derivable[]
}

export type Publication = {
  readonly docket: Docket
  readonly views: readonly PublishedView[]
  readonly office: RoundView
}

/** One view per audience of a stage, all under one root. `secret`: 64 hexadecimal digits. */
export function publishViews(
  result: RoundResult,
  options: { readonly secret: string; readonly asOf: string },
): Publication {
  const { plan } = result.sealed.current
  const docket = readDocket(result.record)
  const tree = scoreTree(plan, result.board, options.secret)
  const source = { result, docket, tree, asOf: options.asOf }
  const audiences: (readonly [string, Audience])[] = [
    ['public', { kind: 'public' }],
    ...plan.teams.map(({ id }) => [`teams/${id}`, { kind: 'team', team: id }] as const),
    ['panel', { kind: 'panel' }],
  ]
  return {
    docket,
    views: audiences.map(([folder, audience]) => {
      const view = buildView(source, audience)
      return { folder, view, derivable: derivableScores(view) }
    }),
    office: buildView(source, { kind: 'office' }),
  }
}

/** Whether a decision stands on another scoreboard than the one that is about to be published. */
export function isDecisionStale({ docket }: Publication, result: RoundResult): boolean {
  const decision = decisionInForce(docket)
  return decision !== undefined && decision.body.board !== result.board.digest
}
