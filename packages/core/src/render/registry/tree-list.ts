import {
  type Atlas,
  type AtlasEdge,
  type AtlasFamily,
  smallestP,
} from '../../audit/registry/atlas.ts'
import { type Html, html } from '../html/markup.ts'
import type { SectionContext } from '../html/parts.ts'
import { name } from '../html/pieces.ts'
import { registryWords } from './registry-words.ts'
import { layOutTree, type PlacedEdge, type TreeLayout } from './tree-layout.ts'
import { edgeId, modelFacts } from './tree-words.ts'

/** Beyond this depth a narrow screen has no room left to indent. */
const INDENTED_DEPTH = 6

type ListContext = SectionContext & { readonly atlas: Atlas; readonly layout: TreeLayout }

/**
 * The family as nested lists, which takes the drawing's place on a narrow screen: full names that
 * wrap, and a link to the evidence of every line.
 */
export function treeList(
  atlas: Atlas,
  family: AtlasFamily,
  context: SectionContext & { readonly number: number },
): Html {
  const layout = layOutTree(family)
  const root = layout.nodes.find(({ depth }) => depth === 0)
  const label = registryWords('tree_list', context.language, { number: context.number })
  const list = { ...context, atlas, layout }
  return html`<ul class="tree-list" aria-label="${label}">${root ? item(root.model, null, list) : null}</ul>`
}

function item(model: number, via: PlacedEdge | null, context: ListContext): Html {
  const { atlas, layout, language } = context
  const below = layout.edges.filter(({ from }) => from.model === model)
  const facts = html`<small>${modelFacts(atlas, model, language)}</small>`
  const kind = (via?.to.depth ?? 0) >= INDENTED_DEPTH ? 'deep' : 'joined'
  return html`<li>${name(atlas.models[model]?.source.id ?? '')}${facts}${via ? line(via, context) : null}${
    below.length === 0
      ? null
      : html`<ul class="${kind}">${below.map((placed) => item(placed.to.model, placed, context))}</ul>`
  }</li>`
}

function line({ edge, from, to }: PlacedEdge, context: ListContext): Html {
  const { atlas, language } = context
  const text = registryWords(wordOf(edge, to.model), language, {
    parent: atlas.models[from.model]?.source.id ?? '',
    log10P: smallestP(edge),
  })
  return html`<a class="line ${edge.isBody ? 'body' : 'part'}" href="#${edgeId(context, edge)}">${text}</a>`
}

function wordOf(edge: AtlasEdge, child: number) {
  if (edge.claimedParent === null) return 'child_line'
  return edge[edge.claimedParent] === child ? 'parent_claimed' : 'child_claims'
}
