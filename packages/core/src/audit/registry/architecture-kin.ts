import { ARCHITECTURE_KEYS, type Architecture, type ArchitectureKey } from './architecture.ts'
import type { ArchitectureKin } from './findings.ts'

/** An architecture with the name of a model that has it. */
export type KnownArchitecture = {
  readonly id: string
  /** Null where it is not known. */
  readonly developer: string | null
  readonly architecture: Architecture
}

type Fact = string | number | boolean
type Difference = { readonly key: ArchitectureKey; readonly own: Fact; readonly theirs: Fact }

export type ArchitectureMatch = {
  readonly id: string
  readonly developer: string | null
  /** Facts of the shape that both state alike. */
  readonly same: readonly { readonly key: ArchitectureKey; readonly value: Fact }[]
  /** Facts of the shape that both state, and differently. */
  readonly changed: readonly Difference[]
  /** Facts of the recipe that differ; they do not count for nearness. */
  readonly recipe: readonly Difference[]
  /** Facts that one of the two alone states. */
  readonly open: readonly ArchitectureKey[]
}

export type NearestArchitectures = {
  readonly models: number
  /** Models that share enough stated facts to be compared. */
  readonly compared: number
  /** Of these, models with every shape fact alike: how common this shape is. */
  readonly alike: number
  readonly nearest: readonly ArchitectureMatch[]
}

/** Facts that make an architecture what it is; the others are recipe. */
const SHAPE_KEYS: readonly ArchitectureKey[] = [
  'model_type',
  'hidden_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'intermediate_size',
  'moe_intermediate_size',
  'num_experts',
  'vocab_size',
  'head_dim',
]
const isShape = (key: ArchitectureKey): boolean => SHAPE_KEYS.includes(key)

const STATED_MIN = 4
const LISTED = 5

/**
 * The known architectures nearest to a configuration, what is the same and what was changed, from
 * metadata alone. Descriptive: equal shapes are no sign of equal weights. docs/methods/config-kinship.md
 */
export function nearestArchitectures(
  own: Architecture,
  known: readonly KnownArchitecture[],
  listed: number = LISTED,
): NearestArchitectures {
  const matches = known.map((one) => compareArchitectures(own, one))
  const compared = matches.filter(({ same, changed }) => dimensions([...same, ...changed]))
  const near = compared
    .filter(({ same }) => dimensions(same))
    .sort((x, y) => scoreOf(y) - scoreOf(x) || (x.id < y.id ? -1 : 1))
  return {
    models: known.length,
    compared: compared.length,
    alike: near.filter(({ changed }) => changed.length === 0).length,
    nearest: near.slice(0, listed),
  }
}

/** The same for the findings of an audit. */
export const architectureKin = (
  own: Architecture,
  catalogue: { readonly models: readonly KnownArchitecture[] },
): ArchitectureKin[] =>
  nearestArchitectures(own, catalogue.models).nearest.map(({ id, developer, same, changed }) => ({
    id,
    developer: developer ?? '',
    same: same.map(({ key }) => key),
    changed,
  }))

/** A name of a type says little: at least four facts beside it. */
const dimensions = (facts: readonly { readonly key: ArchitectureKey }[]): boolean =>
  facts.filter(({ key }) => key !== 'model_type').length >= STATED_MIN

const scoreOf = ({ same, changed }: ArchitectureMatch): number => same.length - 2 * changed.length

function compareArchitectures(own: Architecture, known: KnownArchitecture): ArchitectureMatch {
  const { id, developer, architecture } = known
  const stated = ARCHITECTURE_KEYS.flatMap((key) => {
    const [mine, theirs] = [own[key], architecture[key]]
    return mine === undefined || theirs === undefined ? [] : [{ key, own: mine, theirs }]
  })
  const differing = stated.filter((one) => one.own !== one.theirs)
  return {
    id,
    developer,
    same: stated
      .filter((one) => one.own === one.theirs && isShape(one.key))
      .map(({ key, own: value }) => ({ key, value })),
    changed: differing.filter(({ key }) => isShape(key)),
    recipe: differing.filter(({ key }) => !isShape(key)),
    open: ARCHITECTURE_KEYS.filter(
      (key) => (own[key] === undefined) !== (architecture[key] === undefined),
    ),
  }
}
