import { type Atlas, type AtlasEdge, smallestP } from '../../audit/registry/atlas.ts'
import type { ComponentComparison } from '../../audit/result.ts'
import { type Html, html } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import { cardTable, NO_VALUE, type SectionContext, section, verdictChip } from '../html/parts.ts'
import { name, powers, sentence } from '../html/pieces.ts'
import { componentName } from '../messages/components.ts'
import type { Language } from '../messages/language.ts'
import { formatLog10 } from '../messages/quantity.ts'
import { testName } from '../messages/tests.ts'
import { atlasIndex, familyId, familyTitle } from './atlas-index.ts'
import { correlationText, dependentParts } from './registry-text.ts'
import { registryWords } from './registry-words.ts'
import { treeList } from './tree-list.ts'
import { TREE_STYLE, treePicture } from './tree-picture.ts'
import { edgeId, edgePieces } from './tree-words.ts'

/** Pairs beside the tree grow with the square of a family: hundreds of models would make a page that no browser opens. */
const FURTHER_MAX = 40

/** The family tree of a registry as one self-contained document in both languages. */
export function renderAtlasHtml(atlas: Atlas, options: { readonly language: Language }): string {
  const { language } = options
  const title = `${registryWords('atlas_title', 'ko')} / ${registryWords('atlas_title', 'en')}`
  return renderPage({ language, title, style: TREE_STYLE }, (shown) => {
    const context = { language: shown, prefix: shown }
    return html`${masthead(atlas, shown)}
${atlas.families.length === 0 ? emptyState(atlas, shown) : explanation(shown)}
${atlasIndex(atlas, context)}
${atlas.families.map((_, at) => familySection(atlas, at, context))}
${singlesSection(atlas, context)}`
  })
}

function masthead(atlas: Atlas, language: Language): Html {
  const pairs = atlas.families.reduce(
    (sum, family) => sum + family.tree.length + family.further.length,
    0,
  )
  const facts = registryWords('atlas_facts', language, {
    models: atlas.models.length,
    families: atlas.families.length,
    pairs,
  })
  const level = registryWords('atlas_level', language, {
    hypotheses: atlas.hypotheses,
    log10Alpha: atlas.log10Alpha,
  })
  return html`<header class="masthead"><h1>${registryWords('atlas_title', language)}</h1>
<dl class="facts-list"><div><dt>${registryWords('atlas_models', language)}</dt><dd>${facts}</dd></div><div><dt>${registryWords('atlas_correction', language)}</dt><dd>${level}</dd></div></dl></header>`
}

const emptyState = ({ models }: Atlas, language: Language): Html =>
  html`<p>${
    models.length === 1
      ? registryWords('atlas_alone', language)
      : registryWords('atlas_no_family', language, { models: models.length })
  }</p>`

function explanation(language: Language): Html {
  return html`<p>${registryWords('atlas_intro', language)}</p>
<ul class="legend-lines">${(
    ['legend_exact', 'legend_part', 'legend_claimed', 'legend_number'] as const
  ).map((key) => html`<li>${powers(registryWords(key, language))}</li>`)}</ul>`
}

function familySection(atlas: Atlas, at: number, context: SectionContext): Html {
  const { language } = context
  const family = atlas.families[at]
  if (!family) return html``
  const title = familyTitle(atlas, at, context)
  const pairs = family.further.length
  return section(
    { id: familyId(at), title, ...context },
    html`${treePicture(atlas, family, { ...context, number: at + 1 })}
${treeList(atlas, family, { ...context, number: at + 1 })}
<h3>${registryWords('evidence', language)}</h3>
${family.tree.map((edge) => edgeDetails(atlas, edge, context))}
${
  pairs === 0
    ? null
    : html`<details class="numbers"><summary>${registryWords('further', language, { pairs })}</summary>
${pairs > FURTHER_MAX ? html`<p>${registryWords('further_cut', language, { shown: FURTHER_MAX, pairs })}</p>` : null}
${family.further.slice(0, FURTHER_MAX).map((edge) => edgeDetails(atlas, edge, context))}</details>`
}`,
  )
}

function edgeDetails(atlas: Atlas, edge: AtlasEdge, context: SectionContext): Html {
  const { language } = context
  const caption = registryWords('evidence_caption', language, {
    first: edge.comparison.candidate.id,
    second: edge.comparison.reference.id,
  })
  const columns = [
    { title: registryWords('component', language) },
    { title: registryWords('verdict', language) },
    { title: registryWords('basis', language), kind: 'wide' as const },
    { title: registryWords('log10_p', language), kind: 'number' as const },
    { title: registryWords('correlation', language), kind: 'number' as const },
  ]
  const rows = dependentParts(edge.comparison).map((part) => [
    componentName(part.component, language),
    verdictChip(part.verdict, language),
    basisOf(part, language),
    part.log10P === null ? NO_VALUE : formatLog10(part.log10P),
    correlationText(part),
  ])
  const label = registryWords('edge_label', language, { log10P: smallestP(edge) })
  return html`<details class="component" id="${edgeId(context, edge)}"><summary><span class="summary-name">${sentence(edgePieces(atlas, edge, context))}</span> <span>${label}</span></summary>
<div class="inside">${edge.isTied ? html`<p>${registryWords('edge_tied', language)}</p>` : null}${cardTable({ caption, columns }, rows)}</div></details>
`
}

/** The exact tests of a part, the one with the smallest p first. */
function basisOf(part: ComponentComparison, language: Language): string {
  const exact = part.tests.filter((test) => test.tier === 'exact' && (test.log10P ?? 0) < 0)
  const sorted = [...exact].sort((x, y) => (x.log10P ?? 0) - (y.log10P ?? 0))
  return sorted
    .map((test) => `${testName(test.test, language)} (${test.statistic ?? 0}/${test.n})`)
    .join(', ')
}

function singlesSection(atlas: Atlas, context: SectionContext): Html | null {
  if (atlas.singles.length === 0) return null
  const { language } = context
  return section(
    { id: 'singles', title: registryWords('singles', language), ...context },
    html`<p>${registryWords('singles_intro', language)}</p>
<ul class="singles">${atlas.singles.map(
      (model) => html`<li>${name(atlas.models[model]?.source.id ?? '')}</li>`,
    )}</ul>`,
  )
}
