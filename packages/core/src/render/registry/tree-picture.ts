import {
  type Atlas,
  type AtlasEdge,
  type AtlasFamily,
  smallestP,
} from '../../audit/registry/atlas.ts'
import { type Html, html } from '../html/markup.ts'
import type { SectionContext } from '../html/parts.ts'
import { visibleWithin } from '../visible.ts'
import { registryWords } from './registry-words.ts'
import { layOutTree, type PlacedEdge, type PlacedNode } from './tree-layout.ts'

const ROW = 46
const NODE = { width: 190, height: 30 } as const
const GAP = 130
const MARGIN = 8
const NAME_LETTERS = 24

export const edgeId = (context: SectionContext, edge: AtlasEdge): string =>
  `${context.prefix}-edge-${edge.first}-${edge.second}`

/** The drawing of one family. Every line is a link to its evidence, reachable by keyboard. */
export function treePicture(
  atlas: Atlas,
  family: AtlasFamily,
  context: SectionContext & { readonly number: number },
): Html {
  const { language, number, prefix } = context
  const layout = layOutTree(family)
  const width = 2 * MARGIN + layout.depths * NODE.width + (layout.depths - 1) * GAP
  const height = 2 * MARGIN + (layout.rows - 1) * ROW + NODE.height
  const id = `${prefix}-tree-${number}`
  const name = registryWords('tree_name', language, {
    models: family.models.length,
    edges: family.tree.length,
  })
  return html`<div class="scroll tree-scroll" role="region" tabindex="0" aria-label="${registryWords('tree_scroll', language, { number })}"><svg class="tree" role="group" aria-labelledby="${id}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title id="${id}">${name}</title>
<defs><marker id="${id}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="arrow" d="M0 0 8 4 0 8z"/></marker></defs>
${layout.edges.map((placed) => drawEdge(atlas, placed, { ...context, arrow: `${id}-arrow` }))}
${layout.nodes.map((node) => drawNode(atlas, node))}
</svg></div>`
}

const left = (node: PlacedNode): number => MARGIN + node.depth * (NODE.width + GAP)
const middle = (node: PlacedNode): number => MARGIN + node.row * ROW + NODE.height / 2

function drawNode(atlas: Atlas, node: PlacedNode): Html {
  const name = visibleWithin(atlas.models[node.model]?.source.id ?? '', 120)
  const shown = visibleWithin(name, NAME_LETTERS)
  return html`<g class="node"><title>${name}</title><rect x="${left(node)}" y="${middle(node) - NODE.height / 2}" width="${NODE.width}" height="${NODE.height}" rx="4"/><text x="${left(node) + 10}" y="${middle(node) + 5}">${shown}</text></g>
`
}

function drawEdge(
  atlas: Atlas,
  { edge, from, to }: PlacedEdge,
  context: SectionContext & { readonly arrow: string },
): Html {
  const { language } = context
  const [x1, y1, x2, y2] = [left(from) + NODE.width, middle(from), left(to), middle(to)]
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

/** Both models, the claimed parent first. */
export function edgeName(atlas: Atlas, edge: AtlasEdge, context: SectionContext): string {
  const name = (model: number) => atlas.models[model]?.source.id ?? ''
  const isTurned = edge.claimedParent === 'second'
  const [first, second] = isTurned ? [edge.second, edge.first] : [edge.first, edge.second]
  const key = edge.claimedParent === null ? 'edge' : 'edge_claimed'
  return registryWords(key, context.language, { first: name(first), second: name(second) })
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
.legend-lines { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: 0 0 1rem; list-style: none; color: var(--soft); font-size: .9rem; }
.singles { columns: 14rem; padding-left: 1.2rem; }
`
