import type { AuditReport, ComponentComparison, MergeFinding } from '../../audit/result.ts'
import { type Html, html, listOf } from '../html/markup.ts'
import { type SectionContext, scrollBox, section } from '../html/parts.ts'
import { name } from '../html/pieces.ts'
import { componentName } from '../messages/components.ts'
import { mergeText, structureTexts } from './structure-texts.ts'
import { structureWords } from './structure-words.ts'

/** Layers, experts and rearrangement of one component; null where there is nothing to say. */
export function structureBlock(part: ComponentComparison, context: SectionContext): Html | null {
  const texts = structureTexts(part, context.language)
  if (texts.length === 0) return null
  return html`<h3>${structureWords('title', context.language)}</h3>${listOf(texts, 'plain')}`
}

/** Every mixture with its weights, layer by layer behind a summary. */
export function mergesSection(merges: AuditReport['merges'], context: SectionContext): Html | null {
  if (!merges || merges.length === 0) return null
  const { language } = context
  return section(
    { ...context, id: 'merges', title: structureWords('merges', language) },
    html`${merges.map(
      (merge) => html`<p>${mergeText(merge, language)}</p>${layerTable(merge, context)}`,
    )}`,
  )
}

function layerTable(merge: MergeFinding, context: SectionContext): Html {
  const { language } = context
  const caption = `${componentName(merge.component, language)}: ${structureWords('merges_caption', language)}`
  const cell = (weight: number, from: number | null | undefined) =>
    from === null || from === undefined ? weight.toFixed(3) : `${weight.toFixed(3)} (${from})`
  return html`<details class="numbers"><summary>${caption}</summary>
${scrollBox(
  { label: caption, language },
  html`<table class="dense"><caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">${structureWords('layer', language)}</th><th scope="col">${structureWords('kind', language)}</th>${merge.parents.map((parent) => html`<th scope="col" class="number">${name(parent)}</th>`)}</tr></thead>
<tbody>${merge.layers.map(
    (
      layer,
    ) => html`<tr><th scope="row">${layer.layer ?? '-'}</th><td>${layer.kind}</td>${layer.weights.map((weight, at) => html`<td class="number">${cell(weight, layer.from[at])}</td>`)}</tr>
`,
  )}</tbody></table>`,
)}</details>`
}
