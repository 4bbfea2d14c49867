import type { TestName } from '../result.ts'
import type { UnitBatch } from './unit-batch.ts'

/** What a report calls the groups of families that can be reused apart from each other. */
export type PartName = 'attention' | 'mlp' | 'channels'

const PART_OF: Partial<Record<TestName, PartName>> = {
  sign_value: 'attention',
  sign_key: 'attention',
  sign_latent: 'attention',
  sign_up: 'mlp',
  fixed_points_gate: 'mlp',
  fixed_points_fc1: 'mlp',
  aligned_up: 'mlp',
  aligned_value: 'attention',
  sketch_up: 'mlp',
  sketch_value: 'attention',
  fixed_points_channels: 'channels',
}

/**
 * Where a dependence lies. A shared start leaves its trace in every family and layer, a reused part
 * only in that part: figures that tell the two apart are read where the models agree, and never
 * diluted by parts that are foreign. docs/methods/shared-initialisation.md
 */
export type AgreeingParts = {
  /** Of the families and layers that agree; none where no unit does. */
  readonly batches: readonly UnitBatch[]
  readonly families: { readonly shared: readonly TestName[]; readonly other: readonly TestName[] }
  readonly layers: { readonly shared: readonly number[]; readonly other: readonly number[] }
}

/** Fixed-point families have no mean correlation, only the cosine they would have shown. */
export type MatchedFamily = { readonly test: TestName; readonly detectable: number | null }

/** Standard errors beyond which a mean correlation is there, or below which it is not. */
const ERRORS = 3
/** A part with less than this share of what others have in common, and with nothing at all, is foreign. */
const FOREIGN_SHARE = 0.25
/** The same for families that only show large cosines. */
const FOREIGN_SHARE_MATCHED = 0.5

export function agreeingParts(
  batches: readonly UnitBatch[],
  seen: {
    /** Families that reject, pooled or in some layer. */
    readonly rejecting: ReadonlySet<TestName>
    readonly matched: readonly MatchedFamily[]
  },
): AgreeingParts {
  const { rejecting, matched } = seen
  const families = [...Map.groupBy(batches, ({ test }) => test)].map(([test, own]) => ({
    test,
    ...meanOf(own),
  }))
  const rejected = families.filter(({ test }) => rejecting.has(test)).map(({ mean }) => mean)
  const visible = matched.flatMap(({ test, detectable }) =>
    rejecting.has(test) && detectable !== null ? [detectable] : [],
  )
  const size = Math.max(0, ...(rejected.length > 0 ? rejected : visible))
  const shared = families.filter((one) => rejecting.has(one.test) || isPresent(one))
  const names = shared.map(({ test }) => test)
  const layers = sharedLayers(batches.filter(({ test }) => names.includes(test)))
  const own = batches.filter(
    ({ test, layer }) => names.includes(test) && !layers.other.includes(layer ?? -1),
  )
  return {
    batches: own,
    layers,
    families: {
      shared: [
        ...new Set([...names, ...matched.map((m) => m.test).filter((t) => rejecting.has(t))]),
      ],
      other: [
        ...families.filter((one) => !names.includes(one.test) && isAbsent(one, size)),
        ...matched.filter(
          ({ test, detectable }) =>
            !rejecting.has(test) &&
            detectable !== null &&
            detectable < FOREIGN_SHARE_MATCHED * size,
        ),
      ].map(({ test }) => test),
    },
  }
}

type Mean = { readonly mean: number; readonly error: number }

/** Size of the mean correlation per unit, and its standard error if every sign is a fair coin. */
function meanOf(batches: readonly UnitBatch[]): Mean {
  let [sum, squares, units] = [0, 0, 0]
  for (const { correlations } of batches) {
    for (const c of correlations) {
      sum += c
      squares += c * c
      units++
    }
  }
  return units > 0
    ? { mean: Math.abs(sum) / units, error: Math.sqrt(squares) / units }
    : { mean: 0, error: Number.POSITIVE_INFINITY }
}

const isPresent = ({ mean, error }: Mean): boolean => mean > ERRORS * error

/** Nothing beyond chance, and a fraction of what others share would have shown. */
const isAbsent = (one: Mean, size: number): boolean =>
  !isPresent(one) && one.mean + ERRORS * one.error < FOREIGN_SHARE * size

/** A layer is foreign where no family that agrees elsewhere does, and one of them clearly not. */
function sharedLayers(batches: readonly UnitBatch[]): AgreeingParts['layers'] {
  const shared = new Set<number>()
  const absent = new Set<number>()
  for (const own of Map.groupBy(batches, ({ test }) => test).values()) {
    const layers = [...Map.groupBy(own, ({ layer }) => layer)].flatMap(([layer, of]) =>
      layer === null ? [] : [{ layer, ...meanOf(of) }],
    )
    const size = Math.max(0, ...layers.map(({ mean }) => mean))
    for (const one of layers) {
      if (isPresent(one)) shared.add(one.layer)
      else if (isAbsent(one, size)) absent.add(one.layer)
    }
  }
  const sorted = (layers: Iterable<number>) => [...layers].sort((x, y) => x - y)
  return { shared: sorted(shared), other: sorted([...absent].filter((l) => !shared.has(l))) }
}

export const partOf = (test: TestName): PartName | undefined => PART_OF[test]

const partsOf = (tests: readonly TestName[]): Set<PartName> =>
  new Set(tests.flatMap((test) => PART_OF[test] ?? []))

/** Parts that agree, and parts that were tested and do not. */
export function partNames({ families }: Pick<AgreeingParts, 'families'>): {
  readonly shared: readonly PartName[]
  readonly other: readonly PartName[]
} {
  const shared = partsOf(families.shared)
  return { shared: [...shared], other: [...partsOf(families.other)].filter((p) => !shared.has(p)) }
}

/** Is some family or layer clearly foreign? A shared start would show there as well. */
export const isPartial = ({ families, layers }: AgreeingParts): boolean =>
  families.other.length > 0 || layers.other.length > 0
