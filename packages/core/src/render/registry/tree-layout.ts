import type { AtlasEdge, AtlasFamily } from '../../audit/registry/atlas.ts'

/** A family laid out from left to right: every model on a row of its own or above its children. */
export type PlacedNode = { readonly model: number; readonly depth: number; readonly row: number }
export type PlacedEdge = {
  readonly edge: AtlasEdge
  readonly from: PlacedNode
  readonly to: PlacedNode
}
export type TreeLayout = {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  readonly rows: number
  readonly depths: number
}

/**
 * Stands the tree on its root: the claimed ancestor of most, else the model with most lines.
 * Children follow their parent in the order of their subtrees' size; leaves take one row each.
 */
export function layOutTree(family: AtlasFamily): TreeLayout {
  const neighbours = new Map<number, AtlasEdge[]>(family.models.map((model) => [model, []]))
  for (const edge of family.tree) {
    neighbours.get(edge.first)?.push(edge)
    neighbours.get(edge.second)?.push(edge)
  }
  const nodes: PlacedNode[] = []
  const edges: PlacedEdge[] = []
  let rows = 0
  let depths = 0

  const place = (model: number, depth: number, via: AtlasEdge | null): PlacedNode => {
    depths = Math.max(depths, depth + 1)
    const children = (neighbours.get(model) ?? []).filter((edge) => edge !== via)
    const placed = children.map((edge) => ({
      edge,
      to: place(edge.first === model ? edge.second : edge.first, depth + 1, edge),
    }))
    // The parent stands on the row of its first child, so that the trunk runs straight.
    const row = placed[0]?.to.row ?? rows++
    const node = { model, depth, row }
    nodes.push(node)
    for (const { edge, to } of placed) edges.push({ edge, from: node, to })
    return node
  }
  place(rootOf(family, neighbours), 0, null)
  return { nodes, edges, rows, depths }
}

function rootOf(family: AtlasFamily, neighbours: ReadonlyMap<number, AtlasEdge[]>): number {
  const score = (model: number) => {
    const own = neighbours.get(model) ?? []
    const parentOf = own.filter((edge) =>
      edge.claimedParent === 'first'
        ? edge.first === model
        : edge.claimedParent === 'second' && edge.second === model,
    )
    const childOf = own.filter((edge) => edge.claimedParent !== null).length - parentOf.length
    return 1000 * parentOf.length - 10_000 * childOf + own.length
  }
  return [...family.models].sort((x, y) => score(y) - score(x) || x - y)[0] ?? 0
}
