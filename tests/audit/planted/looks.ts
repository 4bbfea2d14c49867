import { compareModels } from '../../../packages/core/src/audit/compare-models.ts'
import type { AuditReport, ComponentComparison } from '../../../packages/core/src/audit/result.ts'
import { runAudit } from '../../../packages/core/src/audit/run-audit.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import type { ComponentName } from '../../../packages/core/src/model/role.ts'
import { compareByName, componentOf } from '../models.ts'
import * as change from '../transforms.ts'

// Ways to plant a derivation and look at it. All models are simulated.

/** hash: equal content. The others are tiers of docs/methods; told: described or cautioned, no p. */
export type By = 'hash' | 'exact' | 'aligned' | 'robust' | 'told'

export type Found = { readonly part: ComponentComparison; readonly said?: string }

export type Planted = {
  readonly what: string
  readonly models: string
  readonly by: By
  readonly verdict: ComponentComparison['verdict']
  /** Where this derivation is tested in more depth. */
  readonly file: string
  readonly look: () => Promise<Found>
}

export type Entry = Omit<Planted, 'look'>

export const BODY: ComponentName = 'language_model'

export const stored = (
  entry: Omit<Entry, 'models'>,
  names: readonly [string, string],
  component: ComponentName = BODY,
): Planted => ({
  ...entry,
  models: `${names[0]} – ${names[1]}${component === BODY ? '' : `, ${component}`}`,
  look: async () => ({ part: componentOf(await compareByName(...names), component) }),
})

const held = new Map<string, Promise<change.Loaded>>()
export const load = (name: string): Promise<change.Loaded> => {
  const model = held.get(name) ?? change.load(name)
  held.set(name, model)
  return model
}

export const made = (
  entry: Omit<Entry, 'models'>,
  [child, parent]: readonly [string, string],
  transform: change.Transform,
): Planted => ({
  ...entry,
  models: `${child} – ${parent}`,
  look: async () => {
    const candidate = transform(await load(child), createRng(entry.what))
    const comparison = await compareModels(
      change.asSource(child, candidate),
      change.asSource(parent, await load(parent)),
    )
    const part = componentOf(comparison, BODY)
    return { part, said: arrangementOf(part) }
  },
})

/** Layers that stand elsewhere and experts that were traced. */
export function arrangementOf({ layerMap, expertMap, transform }: ComponentComparison): string {
  const layers = new Map(
    (layerMap ?? transform?.layers ?? []).map((place) => [place.candidate, place.reference]),
  )
  const isMoved = [...layers].some(([own, other]) => own !== other)
  const experts = expertMap ?? transform?.layers.filter(({ expert }) => expert !== undefined) ?? []
  return [
    ...(isMoved ? [`layers ${[...layers.values()].join(' ')}`] : []),
    ...(experts.length > 0 ? [`${experts.length} experts traced`] : []),
  ].join('; ')
}

/** Parts of cpt1 in the body of s2, changed as a whole. */
export const mixed = (
  entry: Omit<Entry, 'models'>,
  fits: (name: string) => boolean,
  transform: change.Transform,
): Planted => ({
  ...entry,
  models: 'cpt1 in s2 – s1',
  look: async () => {
    const grafted = change.graft(await load('s2'), await load('cpt1'), fits)
    const candidate = change.asSource('mixed', transform(grafted, createRng(entry.what)))
    const comparison = await compareModels(candidate, change.asSource('s1', await load('s1')))
    return { part: componentOf(comparison, BODY) }
  },
})

export const audited = (
  entry: Omit<Entry, 'models'> & { readonly models: string },
  references: readonly string[],
  build: () => Promise<change.Loaded>,
  say: (report: AuditReport) => string = mixtureOf,
): Planted => ({
  ...entry,
  look: async () => {
    const candidate = change.asSource('candidate', await build())
    const report = await runAudit(
      candidate,
      references.map((name) => async () => change.asSource(name, await load(name))),
    )
    return {
      part: report.components.find(({ component }) => component === BODY)!,
      said: say(report),
    }
  },
})

function mixtureOf(report: AuditReport): string {
  const merge = report.merges?.find(({ component }) => component === BODY)
  if (!merge) return 'no mixture'
  const terms = merge.parents.map((id, index) => `${merge.weights[index]!.toFixed(2)} ${id}`)
  return `${merge.kind}: ${terms.join(', ')}`
}
