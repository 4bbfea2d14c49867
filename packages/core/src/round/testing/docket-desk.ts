import type { ActBody, ActKind } from '../docket/acts.ts'
import { type Written, writeAct } from '../docket/write-act.ts'
import type { GateContext } from '../gate/file-gate.ts'
import type { AxisJudgement, Finding, GateDecided } from '../gate/gate-bodies.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { planTemplate } from '../plan/template.ts'
import { keyFromSeed } from '../seal/envelope.ts'
import type { RecordEntry } from '../seal/record.ts'
import { sealPlan } from '../seal/seal.ts'

/** A record under a plan, to which tests add entries as an office would. */
export class Desk {
  record: RecordEntry[]
  readonly mayVote: GateContext['mayVote']

  constructor(
    options: { change?: (text: string) => string; mayVote?: GateContext['mayVote'] } = {},
  ) {
    const text = (options.change ?? ((same) => same))(planTemplate({ stageId: 'stage-1' }))
    const parsed = parsePlan(text, 'plan.yaml')
    const key = keyFromSeed(new Uint8Array(32).fill(7))
    const sealed = { time: '2026-01-01T00:00:00Z', author: 'office', key, existingResults: [] }
    this.record = [sealPlan({ parsed, record: [], ...sealed })]
    this.mayVote = options.mayVote
  }

  /** Writes an entry; the fields that every entry has may be left out. */
  write<K extends ActKind>(kind: K, time: string, body: Loose<ActBody<K>>): Written {
    const written = writeAct(
      kind,
      { retold: null, corrects: null, ...body } as unknown as Omit<ActBody<K>, 'blind'>,
      {
        record: this.record,
        time,
        author: 'office',
        blind: 'ab'.repeat(32),
        ...(this.mayVote ? { mayVote: this.mayVote } : {}),
      },
    )
    this.record = [...this.record, written.entry]
    return written
  }
}

type Loose<Body> = Omit<Body, 'blind' | 'retold' | 'corrects'> &
  Partial<Pick<Body & { retold: unknown; corrects: unknown }, 'retold' | 'corrects'>>

export const REPORT = {
  title: 'Audit of the submitted model',
  file: 'evidence/audit.json',
  digest: `sha256:${'1'.repeat(64)}`,
  at: 'components/vision_encoder',
} as const

export const finding = (change: Partial<Finding> = {}): Finding => ({
  component: 'vision_encoder',
  role: 'weights',
  outcome: 'met',
  says: 'No evidence of descent.',
  evidence: [REPORT],
  ...change,
})

export const judged = (
  outcome: AxisJudgement['outcome'],
  change: Partial<AxisJudgement> = {},
): AxisJudgement => ({
  outcome,
  reasons: [{ says: `The axis is ${outcome}.`, evidence: [] }],
  findings: [finding({ outcome }), finding({ component: 'tokenizer', role: 'tokenizer', outcome })],
  conditions: [],
  ...change,
})

export const gateBody = (change: Partial<GateDecided> = {}): Loose<GateDecided> => ({
  team: 'team-a',
  axes: { technical: judged('met'), policy: judged('met'), ethical: judged('met') },
  published: null,
  replies: [],
  votes: null,
  decidedBy: 'The owner',
  advice: [],
  dissent: [],
  ...change,
})
