import { afterDays, compareTimes } from '../docket/deadline.ts'
import type { Departure } from '../docket/departures.ts'
import type { Gate } from '../plan/conduct.ts'

/** The right of reply as a plan states it. */
export type ReplyRule = NonNullable<Gate['reply']>

/**
 * What a new plan starts with. Where a plan sealed no right of reply, a docket shows beside the
 * decision what this rule would have asked for; it excuses or condemns nothing.
 */
export const STARTING_REPLY_RULE: ReplyRule = { before_decision: true, days: 5 }

/** End of the window of a question that was put at `time`; null when no length was sealed. */
export const replyUntil = (rule: ReplyRule | null, time: string | null): string | null =>
  rule === null || rule.days === null || time === null ? null : afterDays(time, rule.days)

export type Hearing = {
  readonly questions: readonly {
    readonly sequence: number
    readonly time: string | null
    readonly until: string | null
  }[]
  readonly replies: readonly {
    readonly digest: string
    readonly sequence: number
    readonly final: boolean
  }[]
}

/**
 * Whether a gate may be decided at `time`: the team was asked; the window is over, or the team has
 * said that its reply is final; and every reply on record has been considered.
 */
export function hearingDepartures(
  rule: ReplyRule | null,
  hearing: Hearing,
  decision: { readonly time: string | null; readonly considered: ReadonlySet<string> },
): Departure[] {
  if (rule === null || !rule.before_decision) return []
  const last = hearing.questions.at(-1)
  const passedOver = hearing.replies
    .filter((reply) => !decision.considered.has(reply.digest))
    .map(({ sequence }): Departure => ({ code: 'reply_passed_over', sequence }))
  if (!last) return [{ code: 'not_asked' }, ...passedOver]
  // A reply to an earlier question cannot be final for what was asked after it.
  const isFinal = hearing.replies.some((reply) => reply.final && reply.sequence > last.sequence)
  if (isFinal) return passedOver
  // The length follows from the rule that is applied, which need not be the one that was sealed.
  const until = replyUntil(rule, last.time) ?? last.until
  if (until === null) return [{ code: 'window_without_end' }, ...passedOver]
  const isOpen = decision.time !== null && compareTimes(decision.time, until) <= 0
  return isOpen ? [{ code: 'window_open', until }, ...passedOver] : passedOver
}
