import type { Checkpoint } from '../model/checkpoint.ts'
import { checkClaims, type FoundRelative } from './registry/claim-checks.ts'
import { isSameModel, readClaims } from './registry/claims.ts'
import { type ClaimCheck, type Comparison, VERDICTS, type Verdict } from './result.ts'

/** A comparison with every name under which a card may mean its reference. */
export type NamedComparison = FoundRelative

/** What the candidate's card says, held against named references and the registry alike. */
export function cardClaims(
  candidate: Checkpoint,
  audit: {
    readonly named: readonly NamedComparison[]
    readonly registry:
      | {
          readonly comparisons: readonly Comparison[]
          readonly searched: readonly unknown[]
          readonly isHeld: (id: string) => boolean
        }
      | undefined
    readonly own: ReadonlySet<string>
  },
): ClaimCheck[] {
  const { named, registry, own } = audit
  const kept = (registry?.comparisons ?? []).map((comparison) => ({
    comparison,
    ids: [comparison.reference.id],
  }))
  return checkClaims(readClaims(candidate), {
    found: [...named, ...kept]
      .filter(({ comparison }) => isDependent(comparison.verdict))
      .sort((x, y) => strength(x.comparison) - strength(y.comparison)),
    isHeld: (base) =>
      named.some(({ ids }) => ids.some((id) => isSameModel(id, base))) ||
      (registry?.isHeld(base) ?? false),
    models: named.length + (registry?.searched.length ?? 0),
    own,
  })
}

/** Descent, or a start in common: anything that is not silence. */
export const isDependent = (verdict: Verdict): boolean =>
  VERDICTS.indexOf(verdict) < VERDICTS.indexOf('no_evidence')

/** By verdict, then by p: smaller is stronger. log10 p stays above −10⁶ for any model there is. */
const strength = ({ verdict, components }: Comparison): number =>
  VERDICTS.indexOf(verdict) * 1e6 + Math.min(0, ...components.map(({ log10P }) => log10P ?? 0))
