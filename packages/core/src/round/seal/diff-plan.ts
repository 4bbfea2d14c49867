import type { Path } from '../plan/yaml-source.ts'

/** One difference between two plans. `at` names entries by id; `path` leads there in the second. */
export type PlanChange = {
  readonly at: string
  readonly path: Path
  readonly before: string
  readonly after: string
}

/**
 * What differs between two plans. Lists whose entries have ids are matched by id, so that an
 * inserted team does not show as a change of every team after it.
 */
export function diffPlans(before: unknown, after: unknown): PlanChange[] {
  return differences(before, after, { at: '', path: [] })
}

export const formatChange = (change: PlanChange): string =>
  `${change.at}: ${change.before} → ${change.after}`

type Place = Pick<PlanChange, 'at' | 'path'>

function differences(before: unknown, after: unknown, place: Place): PlanChange[] {
  const { at, path } = place
  if (isRecord(before) && isRecord(after)) {
    return mergedKeys(before, after).flatMap((key) =>
      differences(before[key], after[key], {
        at: at === '' ? key : `${at}.${key}`,
        path: [...path, key],
      }),
    )
  }
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, place)
  if (before === after) return []
  return [{ ...place, before: brief(before), after: brief(after) }]
}

function listDifferences(before: unknown[], after: unknown[], place: Place): PlanChange[] {
  const { at, path } = place
  const [own, other] = [byId(before), byId(after)]
  if (!own || !other) {
    const length = Math.max(before.length, after.length)
    return Array.from({ length }, (_, i) =>
      differences(before[i], after[i], { at: `${at}[${i}]`, path: [...path, i] }),
    ).flat()
  }
  const changes = mergedKeys(own, other).flatMap((id) =>
    differences(own[id], other[id], {
      at: `${at}[${id}]`,
      // An entry that is gone has no place of its own; its list has.
      path: id in other ? [...path, Object.keys(other).indexOf(id)] : path,
    }),
  )
  const [order, newOrder] = [Object.keys(own).join(' '), Object.keys(other).join(' ')]
  const moved = changes.length === 0 && order !== newOrder
  return moved ? [{ at: `${at} (order)`, path, before: order, after: newOrder }] : changes
}

function byId(list: readonly unknown[]): Record<string, unknown> | undefined {
  const entries = list.map((entry) => (isRecord(entry) ? [entry['id'], entry] : [undefined, entry]))
  if (!entries.every(([id]) => typeof id === 'string')) return undefined
  return Object.fromEntries(entries)
}

const mergedKeys = (a: Record<string, unknown>, b: Record<string, unknown>): string[] => [
  ...new Set([...Object.keys(a), ...Object.keys(b)]),
]

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function brief(value: unknown): string {
  if (value === undefined) return '(nothing)'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
