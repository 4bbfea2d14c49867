import type { Checkpoint } from '../model/checkpoint.ts'
import { type BaseSearched, checkClaims, type FoundRelative } from './registry/claim-checks.ts'
import { isSameModel, readClaims } from './registry/claims.ts'
import type { ClaimCheck } from './registry/findings.ts'
import { type Comparison, isDependent, VERDICTS, type Verdict } from './result.ts'

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
          readonly searchedAs: (base: string) => BaseSearched
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
      .filter(({ comparison }) => isDependent(comparison))
      .sort((x, y) => strength(x.comparison) - strength(y.comparison)),
    searchedAs: (base) => {
      const those = named.filter(({ ids }) => ids.some((id) => isSameModel(id, base)))
      if (those.some(({ comparison }) => comparison.verdict !== 'not_testable')) return 'compared'
      const elsewhere = registry?.searchedAs(base) ?? 'not_searched'
      return elsewhere === 'not_searched' && those.length > 0 ? 'not_testable' : elsewhere
    },
    silence: silenceOf([...named, ...kept].map(({ comparison }) => comparison.verdict)),
    own,
  })
}

function silenceOf(verdicts: readonly Verdict[]): 'no_evidence' | 'not_testable' | null {
  if (verdicts.length === 0) return null
  return verdicts.includes('no_evidence') ? 'no_evidence' : 'not_testable'
}

/** By verdict, then by p: smaller is stronger. log10 p stays above −10⁶ for any model there is. */
const strength = ({ verdict, components }: Comparison): number =>
  VERDICTS.indexOf(verdict) * 1e6 + Math.min(0, ...components.map(({ log10P }) => log10P ?? 0))
