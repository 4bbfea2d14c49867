import type { AuditReport } from '../../audit/result.ts'
import { type Html, html, listOf } from '../html/markup.ts'
import { type SectionContext, section } from '../html/parts.ts'
import { claimTexts, kinTexts } from './registry-text.ts'
import { registryWords } from './registry-words.ts'
import { registryTokenizerTitle, tokenizerTexts } from './tokenizer-text.ts'

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
${part(registryWords('claims', language), claimTexts(registry, language))}
${part(registryTokenizerTitle(language), tokenizerTexts(registry, language))}
${part(registryWords('kin', language), kinTexts(registry, language))}`,
  )
}
