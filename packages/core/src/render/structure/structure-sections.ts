import type {
  AuditReport,
  ComponentComparison,
  MergeFinding,
  RecoveredTransform,
} from '../../audit/result.ts'
import { type Html, html, listOf } from '../html/markup.ts'
import { type SectionContext, scrollBox, section } from '../html/parts.ts'
import { name, sentence } from '../html/pieces.ts'
import { componentName } from '../messages/components.ts'
import { pageWords } from '../messages/page-words.ts'
import { mergeText, placeTexts, transformTexts } from './structure-texts.ts'
import { structurePhrase, structureWords } from './structure-words.ts'

/** Layers, experts and rearrangement of one component; null where there is nothing to say. */
export function structureBlock(part: ComponentComparison, context: SectionContext): Html | null {
  const { language } = context
  const places = placeTexts(part, language)
  if (places.length === 0 && !part.transform) return null
  const title = structureWords('title', language)
  return html`${places.length === 0 ? null : html`<h3>${title}</h3>${listOf(places, 'plain')}`}
${part.transform ? transformBlock(part.transform, context) : null}`
}

/** In words, layer by layer behind a summary, and where all of it can be had. */
function transformBlock(transform: RecoveredTransform, context: SectionContext): Html {
  const { language } = context
  const { layers, file } = transform
  return html`<h3>${structureWords('transform', language)}</h3>${listOf(transformTexts(transform, language), 'plain')}
${file ? fileBlock(file, context) : null}
${layers.length === 0 ? null : unitTable(layers, context)}`
}

function fileBlock(
  file: NonNullable<RecoveredTransform['file']>,
  { language }: SectionContext,
): Html {
  return html`<p>${sentence(structurePhrase('file', language, file))}<small>${structureWords('file_digest', language)} <code>${file.digest.replace('sha256:', '')}</code></small></p>`
}

/** A layer, with its expert behind a stroke where it is one. */
const placeName = (layer: number, expert: number | null | undefined): string =>
  typeof expert === 'number' ? `${layer}/${expert}` : String(layer)

function unitTable(layers: RecoveredTransform['layers'], context: SectionContext): Html {
  const { language } = context
  const caption = structureWords('unit_layers', language)
  const heading = (key: 'own_layer' | 'other_layer') =>
    html`<th scope="col">${structureWords(key, language)}</th>`
  const rows = layers.map(
    ({ candidate, reference, matched, of, expert, referenceExpert }) =>
      html`<tr><th scope="row">${placeName(candidate, expert)}</th><td>${placeName(reference, referenceExpert)}</td><td class="number">${pageWords('of_total', language, { statistic: matched, n: of })}</td></tr>
`,
  )
  return html`<details class="numbers"><summary>${caption}</summary>
${scrollBox(
  { label: caption, language },
  html`<table class="dense narrow"><caption class="unseen">${caption}</caption>
<thead><tr>${heading('own_layer')}${heading('other_layer')}<th scope="col" class="number">${structureWords('paired', language)}</th></tr></thead>
<tbody>${rows}</tbody></table>`,
)}</details>`
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
