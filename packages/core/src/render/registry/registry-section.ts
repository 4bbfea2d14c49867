import type { AuditReport } from '../../audit/result.ts'
import { type Html, html, listOf } from '../html/markup.ts'
import { type SectionContext, section } from '../html/parts.ts'
import { claimTexts, kinTexts } from './registry-text.ts'
import { registryWords } from './registry-words.ts'
import { registryTokenizerTitle, tokenizerTexts } from './tokenizer-text.ts'

/** What the card says, held against what was compared; null where it says nothing. */
export function claimsSection(claims: AuditReport['claims'], context: SectionContext): Html | null {
  if (!claims || claims.length === 0) return null
  const { language } = context
  return section(
    { ...context, id: 'claims', title: registryWords('claims', language) },
    html`<p class="lead">${registryWords('claims_lead', language)}</p>
${listOf(claimTexts(claims, language), 'notes')}`,
  )
}

/** The search of a registry in a report; null where there was none. */
export function registrySection(
  registry: AuditReport['registry'],
  context: SectionContext,
): Html | null {
  if (!registry) return null
  const { language } = context
  const { models, compared, hypotheses } = registry
  const part = (title: string, texts: readonly string[]) =>
    texts.length === 0 ? null : html`<h3>${title}</h3>${listOf(texts, 'notes')}`
  return section(
    { ...context, id: 'registry', title: registryWords('registry', language) },
    html`<p class="lead">${registryWords('registry_searched', language, { models, compared, hypotheses })}</p>
${part(registryTokenizerTitle(language), tokenizerTexts(registry, language))}
${part(registryWords('kin', language), kinTexts(registry, language))}`,
  )
}
