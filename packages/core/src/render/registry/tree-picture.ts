import { type Atlas, type AtlasFamily, smallestP } from '../../audit/registry/atlas.ts'
import { type Html, html } from '../html/markup.ts'
import { type SectionContext, scrollBox } from '../html/parts.ts'
import type { Language } from '../messages/language.ts'
import { displayWidth } from '../terminal/width.ts'
import { visibleWithin } from '../visible.ts'
import { registryWords } from './registry-words.ts'
import { layOutTree, type PlacedEdge, type PlacedNode } from './tree-layout.ts'
import { edgeId, edgeName, modelFacts } from './tree-words.ts'

const ROW = 46
const NODE_HEIGHT = 30
const GAP = 112
const MARGIN = 8
/** A letter of 13 px is at most this wide on average; wide letters count twice. */
const LETTER = 7.3
const NAME_LETTERS = 36

/** The drawing of one family. Every line is a link to its evidence, reachable by keyboard. */
export function treePicture(
  atlas: Atlas,
  family: AtlasFamily,
  context: SectionContext & { readonly number: number },
): Html {
  const { language, number, prefix } = context
  const layout = layOutTree(family)
  const box = nodeWidth(atlas, family)
  const width = 2 * MARGIN + layout.depths * box + (layout.depths - 1) * GAP
  const height = 2 * MARGIN + (layout.rows - 1) * ROW + NODE_HEIGHT
  const id = `${prefix}-tree-${number}`
  const name = registryWords('tree_name', language, {
    models: family.models.length,
    edges: family.tree.length,
  })
  return scrollBox(
    {
      label: registryWords('tree_scroll', language, { number }),
      language,
      kind: ' drawn tree-scroll',
    },
    html`<svg class="tree" role="group" aria-labelledby="${id}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title id="${id}">${name}</title>
<defs><marker id="${id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="arrow" d="M0 0 8 4 0 8z"/></marker></defs>
${layout.edges.map((placed) => drawEdge(atlas, placed, { ...context, arrow: `${id}-arrow`, box }))}
${layout.nodes.map((node) => drawNode(atlas, node, { language, box }))}
</svg>`,
  )
}

const left = (node: PlacedNode, box: number): number => MARGIN + node.depth * (box + GAP)
const middle = (node: PlacedNode): number => MARGIN + node.row * ROW + NODE_HEIGHT / 2

const nameOf = (atlas: Atlas, model: number): string =>
  visibleWithin(atlas.models[model]?.source.id ?? '', 120)

/** As wide as the longest name of the family asks for, so that a family of short names stays narrow. */
function nodeWidth(atlas: Atlas, family: AtlasFamily): number {
  const longest = Math.max(
    ...family.models.map((model) =>
      displayWidth(visibleWithin(nameOf(atlas, model), NAME_LETTERS)),
    ),
  )
  return Math.ceil(Math.min(Math.max(longest, 10), NAME_LETTERS) * LETTER) + 20
}

function drawNode(
  atlas: Atlas,
  node: PlacedNode,
  { language, box }: { readonly language: Language; readonly box: number },
): Html {
  const name = nameOf(atlas, node.model)
  const shown = visibleWithin(name, NAME_LETTERS)
  return html`<g class="node"><title>${name} (${modelFacts(atlas, node.model, language)})</title><rect x="${left(node, box)}" y="${middle(node) - NODE_HEIGHT / 2}" width="${box}" height="${NODE_HEIGHT}" rx="4"/><text x="${left(node, box) + 10}" y="${middle(node) + 5}">${shown}</text></g>
`
}

function drawEdge(
  atlas: Atlas,
  { edge, from, to }: PlacedEdge,
  context: SectionContext & { readonly arrow: string; readonly box: number },
): Html {
  const { language, box } = context
  const [x1, y1, x2, y2] = [left(from, box) + box, middle(from), left(to, box), middle(to)]
  const bend = x1 + 22
  const path =
    y1 === y2
      ? `M${x1} ${y1}H${x2}`
      : `M${x1} ${y1}C${bend} ${y1} ${x1 + 4} ${y2} ${x1 + 30} ${y2}H${x2}`
  const parent = edge.claimedParent === null ? null : edge[edge.claimedParent]
  const ends =
    parent === null
      ? null
      : parent === from.model
        ? html` marker-end="url(#${context.arrow})"`
        : html` marker-start="url(#${context.arrow})"`
  const label = registryWords('edge_label', language, { log10P: smallestP(edge) })
  const spoken = `${edgeName(atlas, edge, context)}, ${label}`
  return html`<a class="edge ${edge.isBody ? 'body' : 'part'}" href="#${edgeId(context, edge)}" aria-label="${spoken}"><path class="touch" d="${path}"/><path class="line" d="${path}"${ends}/><text x="${x2 - 8}" y="${y2 - 6}">${label}</text></a>
`
}

export const TREE_STYLE = `
.tree-scroll { padding: .25rem; margin: .5rem 0 1.2rem; }
.tree { display: block; max-width: none; }
.tree .node rect { fill: var(--faint); stroke: var(--line); }
.tree .node text { fill: var(--ink); font-size: 13px; }
.tree .edge text { fill: var(--soft); font-size: 11px; text-anchor: end; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.tree .line { fill: none; stroke: var(--accent); stroke-width: 2; }
.tree .touch { fill: none; stroke: transparent; stroke-width: 18; }
.tree .part .line { stroke-dasharray: 5 4; }
.tree .arrow { fill: var(--accent); }
.tree .edge:hover .line, .tree .edge:focus-visible .line { stroke-width: 4; }
.tree .edge:focus-visible { outline: none; }
.tree .edge:focus-visible text { fill: var(--focus); font-weight: 700; }
.tree .edge:focus-visible .line { stroke: var(--focus); }
.tree-list { display: none; }
@media (max-width: 46rem) {
  .tree-scroll { display: none; }
  .tree-list, .tree-list ul { display: block; list-style: none; margin: 0; padding: 0; }
  .tree-list { margin: .5rem 0 1.2rem; }
  .tree-list ul { margin-left: .35rem; padding-left: .8rem; border-left: 2px solid var(--line); }
  .tree-list .deep { margin-left: 0; padding-left: 0; border-left: 0; }
  .tree-list li { padding: .3rem 0; }
  .tree-list .name { font-weight: 600; }
  .tree-list .line { display: inline-block; min-height: 1.5rem; font-size: .86rem; }
  .tree-list .part { text-decoration-style: dashed; }
}
@media print { .tree-scroll { display: block; } .tree-list { display: none; } .tree { max-width: 100%; height: auto; } }
.masthead + p { margin-top: 1.4rem; }
.legend-lines { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: 0 0 1rem; list-style: none; color: var(--soft); font-size: .9rem; }
.singles { columns: 14rem; padding-left: 1.2rem; }
.singles li { break-inside: avoid; overflow-wrap: anywhere; }
.atlas-index { margin: 1.4rem 0; }
.atlas-index .families { margin: 0 0 1rem; padding: 0; columns: 22rem; column-gap: 2rem; list-style: none; }
.atlas-index .families li { break-inside: avoid; overflow-wrap: anywhere; padding: .1rem 0; }
.atlas-index a { display: inline-block; min-height: 1.5rem; }
.find input { margin-left: .4rem; font: inherit; width: 20rem; max-width: 100%; padding: .3rem .5rem; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 3px; }
`
