import { assert } from '../../base/errors.ts'
import type { Part } from './measure.ts'
import type { Alternative, Plan } from './plan.ts'

/** An alternative and those that it extends, most basic first; or the cycle that it runs into. */
export type Lineage =
  | { readonly kind: 'line'; readonly line: readonly Alternative[] }
  | { readonly kind: 'cycle'; readonly ids: readonly string[] }
  | { readonly kind: 'unknown'; readonly id: string }

export function lineageOf(alternative: Alternative, all: readonly Alternative[]): Lineage {
  const line: Alternative[] = []
  let current: Alternative | undefined = alternative
  while (current) {
    if (line.includes(current)) {
      const from = line.indexOf(current)
      return { kind: 'cycle', ids: [...line.slice(from), current].map((entry) => entry.id) }
    }
    line.push(current)
    const parent: string | undefined = current.extends
    if (parent === undefined) break
    current = all.find((entry) => entry.id === parent)
    if (!current) return { kind: 'unknown', id: parent }
  }
  return { kind: 'line', line: line.reverse() }
}

/** The plan as it would read under an alternative. The plan itself is not changed. */
export function planUnder(plan: Plan, alternative: Alternative): Plan {
  const lineage = lineageOf(alternative, plan.alternatives)
  assert(lineage.kind === 'line', `alternative ${alternative.id} was not checked`)
  return lineage.line.reduce(applyOne, plan)
}

function applyOne(plan: Plan, alternative: Alternative): Plan {
  const changes = new Map((alternative.parts ?? []).map((change) => [change.part, change]))
  const change = (part: Part): Part => {
    const own = changes.get(part.id)
    const measure =
      part.measure && own?.steps ? { ...part.measure, steps: own.steps } : part.measure
    return {
      ...part,
      points: own?.points ?? part.points,
      ...(part.parts ? { parts: part.parts.map(change) } : {}),
      ...(measure ? { measure } : {}),
    }
  }
  const given = alternative.advancement ?? {}
  return {
    ...plan,
    parts: plan.parts.map(change),
    advancement: {
      ...plan.advancement,
      ...(given.gate === undefined ? {} : { gate: given.gate }),
      ...(given.relative_to === undefined ? {} : { relative_to: given.relative_to }),
      ...(given.rule === undefined ? {} : { rule: given.rule }),
    },
  }
}
