import type { ClaimCheck, RegistryFindings } from '../../audit/registry/findings.ts'
import type { Fingerprint } from '../../audit/registry/fingerprint.ts'
import type { RegistrySearch } from '../../audit/registry/search-registry.ts'
import type { Comparison, ComponentComparison } from '../../audit/result.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { formatCorrelation, formatLog10, formatParameters } from '../messages/quantity.ts'
import { verdictName } from '../messages/verdicts.ts'
import { type Row, renderTable } from '../terminal/table.ts'
import { wrapToWidth } from '../terminal/width.ts'
import { visibleWithin } from '../visible.ts'
import { isRegistryWord, registryWords } from './registry-words.ts'
import { registryTokenizerTitle, tokenizerTexts } from './tokenizer-text.ts'

export type RegistryTextOptions = { readonly language: Language; readonly width: number }

const plain = (text: string): string => text
const NONE = '-'

/** What a list says of a model. */
export type RegistryListing = Pick<Fingerprint, 'source' | 'model'>

/** The entries of a registry as a table; who signed them where that is known of any. */
export function renderRegistryList(
  fingerprints: readonly RegistryListing[],
  options: RegistryTextOptions & { readonly signers?: readonly (string | null)[] },
): string {
  const { language, width, signers = [] } = options
  const isSigned = signers.some((signer) => signer !== null)
  const column = (key: 'model' | 'type' | 'parameters' | 'commit' | 'date' | 'signer') => ({
    title: registryWords(key, language),
    align: key === 'parameters' ? ('right' as const) : ('left' as const),
  })
  const rows = fingerprints.map(
    ({ source, model }, at): Row => ({
      cells: [
        visibleWithin(source.id, 80),
        visibleWithin(model.modelType ?? NONE, 24),
        formatParameters(model.parameters, language),
        source.commit?.slice(0, 10) ?? NONE,
        source.date,
        ...(isSigned ? [signers[at]?.slice('sha256:'.length, 'sha256:'.length + 12) ?? NONE] : []),
      ],
      paint: plain,
    }),
  )
  const titles = ['model', 'type', 'parameters', 'commit', 'date'] as const
  const columns = [...titles, ...(isSigned ? (['signer'] as const) : [])].map(column)
  return `${renderTable(columns, rows, { width, head: plain }).join('\n')}\n`
}

/** What a search has found, what its silence is worth, and what is for information only. */
export function renderRegistrySearch(
  search: RegistrySearch,
  findings: Pick<RegistryFindings, 'kin' | 'tokenizers'> & {
    readonly claims: readonly ClaimCheck[]
  },
  options: RegistryTextOptions,
): string {
  const { language, width } = options
  const sections = [
    wrapToWidth(searchedText(search, language), width),
    search.hits.length > 0 ? hitTable(search, options) : [registryWords('no_hit', language)],
    silentLines(search.silent, options),
    titled(registryWords('claims', language), listed(claimTexts(findings.claims, language), width)),
    titled(registryTokenizerTitle(language), listed(tokenizerTexts(findings, language), width)),
    titled(registryWords('kin', language), listed(kinTexts(findings, language), width)),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function searchedText(search: RegistrySearch, language: Language): string {
  const { models, compared, hypotheses, log10Alpha } = search
  return registryWords('searched', language, { models, compared, hypotheses, log10Alpha })
}

const listed = (texts: readonly string[], width: number): readonly string[] =>
  texts.flatMap((text) => wrapToWidth(`- ${text}`, width))

const titled = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length > 0 ? [title, ...lines] : []

function hitTable(search: RegistrySearch, { language, width }: RegistryTextOptions) {
  const rows = search.hits.flatMap(({ comparison }) =>
    dependentParts(comparison).map(
      (part): Row => ({
        cells: [
          visibleWithin(comparison.reference.id, 60),
          componentName(part.component, language),
          verdictName(part.verdict, language),
          part.log10P === null ? NONE : formatLog10(part.log10P),
          correlationText(part),
        ],
        paint: plain,
      }),
    ),
  )
  const columns = (['model', 'component', 'verdict', 'log10_p', 'correlation'] as const).map(
    (key) => ({
      title: registryWords(key, language),
      align: key === 'log10_p' || key === 'correlation' ? ('right' as const) : ('left' as const),
    }),
  )
  return renderTable(columns, rows, { width, head: plain })
}

export const dependentParts = (comparison: Comparison): readonly ComponentComparison[] =>
  comparison.components.filter(
    ({ verdict }) => verdict !== 'no_evidence' && verdict !== 'not_testable',
  )

/** The largest correlation among the exact tests of a part. */
export function correlationText(part: ComponentComparison): string {
  const values = part.tests.flatMap((test) =>
    test.tier === 'exact' && test.meanCorrelation !== null ? [test.meanCorrelation] : [],
  )
  const largest = [...values].sort((x, y) => Math.abs(y) - Math.abs(x))[0]
  return largest === undefined ? NONE : formatCorrelation(largest)
}

function silentLines(silent: Comparison | null, { language, width }: RegistryTextOptions) {
  return (silent?.components ?? []).flatMap((part) => {
    const limit = part.minDetectableCorrelation
    const text =
      limit === null
        ? registryWords('silent_untested', language, { component: part.component })
        : registryWords('silent_limit', language, {
            component: part.component,
            correlation: limit,
          })
    return wrapToWidth(text, width)
  })
}

/** Each claim of the card with what the comparisons say of it. */
export const claimTexts = (claims: readonly ClaimCheck[], language: Language): readonly string[] =>
  claims.flatMap(({ claim, outcome, reference, log10P }) => {
    const key = `claim_${claim}_${outcome}`
    if (!isRegistryWord(key)) return []
    return registryWords(key, language, { reference, log10P: log10P ?? 0 })
  })

/** Each public architecture with what was changed, theirs before own. */
export const kinTexts = (
  { kin }: Pick<RegistryFindings, 'kin'>,
  language: Language,
): readonly string[] =>
  kin.map(({ id, changed }) => {
    const changes = changed.map(({ key, own, theirs }) => `${key} ${theirs} → ${own}`).join(', ')
    return changed.length === 0
      ? registryWords('kin_same', language, { reference: id })
      : registryWords('kin_changed', language, { reference: id, changes })
  })
