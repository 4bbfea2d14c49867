import type { Digest } from '../../base/digest.ts'
import type { InputChange } from '../changed-inputs.ts'
import type { Plan } from '../plan/plan.ts'
import type { Text } from '../plan/words.ts'
import type { FactStatistic } from '../rows/facts.ts'
import type { Answer, Coverage, GateState } from '../score/scoreboard.ts'
import type { Envelope } from '../seal/envelope.ts'
import type { Aggregates } from './aggregates.ts'
import type { DocketView } from './docket-view.ts'
import type { Figure, Shown } from './figures.ts'
import type { Opening } from './leaves.ts'
import type { ShownTrace } from './redact-trace.ts'
import type { Audience, DisclosureWord } from './rights.ts'
import type { SensitivityView } from './sensitivity-view.ts'

export const VIEW_SCHEMA_VERSION = 'dokja.round-view/1'

/**
 * A stage as one audience may see it. What is kept from it is marked as withheld, in place; a page
 * that is made from a view can show nothing else.
 */
export type RoundView = {
  readonly schemaVersion: typeof VIEW_SCHEMA_VERSION
  readonly audience: Audience
  readonly asOf: string
  readonly programme: Plan['programme']
  readonly stage: Plan['stage']
  readonly points: number
  /** Words of the plan that apply to this audience. */
  readonly shows: readonly DisclosureWord[]
  /** Parts (and `total`) whose numbers rest on simulated rows: they are not measurements. */
  readonly simulated: readonly string[]
  readonly commitment: Commitment
  readonly seals: readonly SealView[]
  readonly plan: Shown<Plan>
  readonly teams: readonly TeamView[]
  /** Teams from first to last. */
  readonly ranking: Shown<readonly string[]>
  readonly aggregates: readonly Aggregates[]
  readonly figures: readonly PublishedFigure[]
  /** Published figures that cannot all be true together with the scores. */
  readonly contradiction: readonly PublishedFigure[] | null
  /** What is no longer as the record says; digests are for those who may see the files. */
  readonly changes: readonly ChangeView[]
  readonly openPlaces: Shown<Answer<number>>
  readonly coverage: Shown<readonly Coverage[]>
  readonly panels: Shown<readonly { readonly panel: string; readonly counted: number }[]>
  readonly inputs: Shown<
    readonly { readonly path: string; readonly digest: Digest; readonly rows: number }[]
  >
  readonly notes: Shown<readonly string[]>
  readonly sensitivity: SensitivityView
  readonly docket: DocketView
  /** Proof for every value above that is shown. */
  readonly openings: readonly Opening[]
}

/** What the view is bound to. The digests of scoreboard and rows are leaves of the root. */
export type Commitment = {
  readonly tree: 'RFC 6962 SHA-256'
  readonly root: Digest
  readonly leaves: number
  readonly planDigest: Digest
  readonly record: { readonly sequence: number; readonly digest: Digest } | null
}

export type SealView = {
  readonly sequence: number
  readonly time: string
  readonly author: string
  readonly planDigest: Digest
  readonly textDigest: Digest
  readonly publicKey: string
  readonly amendment: {
    readonly reason: string
    readonly approvedBy: readonly string[]
    readonly seenBy: readonly string[] | null
    readonly existing: number
  } | null
  /** The signed statement; withheld where it lists the digests of results. */
  readonly envelope: Shown<Envelope>
}

export type TeamView = {
  readonly team: string
  readonly name: Text
  readonly model: Text | null
  readonly total: Shown<Figure>
  readonly totalTrace: Shown<ShownTrace>
  readonly rank: Shown<Answer<number>>
  readonly gate: Shown<GateState['outcome']>
  readonly advancesByScore: Shown<Answer<boolean>>
  readonly advances: Shown<Answer<boolean>>
  readonly parts: readonly PartView[]
}

export type PartView = {
  readonly part: string
  readonly name: Text
  readonly points: number
  readonly score: Shown<Figure>
  readonly trace: Shown<ShownTrace>
  readonly parts: readonly PartView[]
}

export type PublishedFigure = {
  readonly part: string
  readonly statistic: FactStatistic
  readonly teams: readonly string[]
  readonly value: string | null
  readonly source: string
  readonly verdict: 'agrees' | 'contradicts' | 'not_checkable'
  readonly computed: Shown<string | null>
}

export type ChangeView = {
  readonly what: InputChange['what']
  readonly since: InputChange['since']
}
