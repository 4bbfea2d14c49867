import type { Atlas } from '../../audit/registry/atlas.ts'
import { type Html, html } from '../html/markup.ts'
import type { SectionContext } from '../html/parts.ts'
import { name } from '../html/pieces.ts'
import { registryWords } from './registry-words.ts'
import { layOutTree } from './tree-layout.ts'

/** Fewer are in sight at once. */
const INDEXED_MODELS = 12

export const familyId = (at: number): string => `family-${at + 1}`

/** 'Family 2: org/base and 5 more', by the model on which the drawing stands. */
export function familyTitle(atlas: Atlas, at: number, { language }: SectionContext): string {
  const family = atlas.families[at]
  const root = family && layOutTree(family).nodes.find(({ depth }) => depth === 0)
  return registryWords('family', language, {
    number: at + 1,
    root: atlas.models[root?.model ?? -1]?.source.id ?? '',
    others: (family?.models.length ?? 1) - 1,
  })
}

/** Links to the families, and every model by its name with a field that finds it. */
export function atlasIndex(atlas: Atlas, context: SectionContext): Html | null {
  const { families, models } = atlas
  const isLong = models.length >= INDEXED_MODELS
  if (families.length === 0 || (families.length === 1 && !isLong)) return null
  return html`<nav class="atlas-index" aria-label="${registryWords('index', context.language)}">
<ol class="families">${families.map(
    (_, at) =>
      html`<li><a href="#${context.prefix}-${familyId(at)}">${familyTitle(atlas, at, context)}</a></li>`,
  )}</ol>
${isLong ? modelIndex(atlas, context) : null}</nav>`
}

function modelIndex(atlas: Atlas, { language, prefix }: SectionContext): Html {
  const familyOf = new Map(
    atlas.families.flatMap(({ models }, at) => models.map((model) => [model, at] as const)),
  )
  const items = [...atlas.models.entries()]
    .map(([at, { source }]) => ({ id: source.id, family: familyOf.get(at) }))
    .sort((x, y) => (x.id < y.id ? -1 : 1))
  const field = `${prefix}-find`
  return html`<details class="numbers" data-filtered><summary>${registryWords('index_models', language, { models: items.length })}</summary>
<p class="find" hidden><label for="${field}">${registryWords('find', language)}</label> <input id="${field}" type="search" data-filter autocomplete="off" spellcheck="false"></p>
<p data-none role="status" hidden>${registryWords('found_none', language)}</p>
<ul class="singles">${items.map(
    ({ id, family }) =>
      html`<li><a href="#${prefix}-${family === undefined ? 'singles' : familyId(family)}">${name(id)}</a></li>`,
  )}</ul></details>`
}
