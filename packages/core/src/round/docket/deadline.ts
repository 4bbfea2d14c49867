import { assert } from '../../base/errors.ts'

const DAY_MS = 86_400_000

/**
 * So many times 24 hours after a time. What is recorded at that second still is in time: a
 * deadline that depends on no time zone can be computed again by anybody.
 */
export function afterDays(time: string, days: number): string {
  return toIso(toMs(time) + days * DAY_MS)
}

/** Both as ISO 8601 in UTC; negative, zero or positive. */
export const compareTimes = (a: string, b: string): number => toMs(a) - toMs(b)

/** Days from the first to the last day, both included. */
export function daysWithin(window: { readonly from: string; readonly to: string }): number {
  return (toMs(`${window.to}T00:00:00Z`) - toMs(`${window.from}T00:00:00Z`)) / DAY_MS + 1
}

function toMs(time: string): number {
  const ms = Date.parse(time)
  assert(Number.isFinite(ms), `not a time: ${time}`)
  return ms
}

const toIso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
