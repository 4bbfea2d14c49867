import type { ComponentStructure } from '../../../model/role.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import { type RowMatrix, takeRows } from '../../../numeric/row-matrix.ts'
import { foldedSource, type ModelPair } from '../aligned/folded-layers.ts'
import { type AxisMap, columnTaker, type ReplaySums, rowTaker } from '../aligned/replay-rows.ts'
import { mapRows } from '../aligned/residual-map.ts'
import { rowSource } from '../aligned/row-source.ts'
import {
  attentionLayers,
  costOf,
  type LayerPair,
  type Parts,
  type RoleBoth,
  rolesOf,
} from './replay-job.ts'
import type { StoredTransform } from './stored-transform.ts'

/**
 * Products over each head, [width, width]: the values of a group with the output columns of a query
 * head, its keys with the queries. Whatever keeps the function inside a head (another order, signs,
 * a rotation of values) cancels in them, and they turn with the residual stream alone.
 */
export type HeadJob = {
  readonly kind: 'qk' | 'vo'
  readonly layer: number
  readonly referenceLayer: number
  readonly isMapped: boolean
  readonly heads: number
  readonly costBytes: number
  readonly sums: (options: AxisMap & { readonly engine: MatrixEngine }) => Promise<ReplaySums>
}

type Heads = NonNullable<ComponentStructure['attention']>

export function headJobs(
  context: ModelPair,
  parts: Parts,
  stored: StoredTransform,
): readonly HeadJob[] {
  const heads = headsOf(context, parts)
  if (!heads) return []
  return attentionLayers(parts, stored.parts.layers).flatMap((layer) =>
    (['qk', 'vo'] as const).flatMap((kind) => {
      const job = headJob(parts, layer, { kind, heads, width: stored.parts.width })
      return job ? [job] : []
    }),
  )
}

/** Where both models have the same heads, in plain attention. */
function headsOf(context: ModelPair, { own, other }: Parts): Heads | null {
  const [a, b] = [own, other].map((part) => {
    const map = part.side === 'candidate' ? context.candidateRoles : context.referenceRoles
    const structure = map.structures.find(({ component }) => component === part.roles[0]?.component)
    return structure?.latent === undefined ? structure?.attention : undefined
  })
  const isSame =
    a !== undefined &&
    a.queryHeads === b?.queryHeads &&
    a.keyValueHeads === b.keyValueHeads &&
    a.headDim === b.headDim
  return isSame ? a : null
}

function headJob(
  parts: Parts,
  layer: LayerPair,
  job: {
    readonly kind: 'qk' | 'vo'
    readonly heads: Heads
    readonly width: AxisMap['width']
  },
): HeadJob | null {
  const { kind, heads, width } = job
  // A norm inside of attention leaves each head a scale of its own.
  if (kind === 'qk' && hasInnerNorm(parts, layer)) return null
  const [ofHeads, ofGroups] = kind === 'qk' ? (['q', 'k'] as const) : (['o', 'v'] as const)
  const [outer, inner] = [rolesOf(parts, ofHeads, layer), rolesOf(parts, ofGroups, layer)]
  if (!outer || !inner) return null
  const rows = {
    outer: heads.queryHeads * heads.headDim,
    inner: heads.keyValueHeads * heads.headDim,
  }
  const fits = (roles: RoleBoth, inside: number, isWriter: boolean) =>
    (['own', 'other'] as const).every((side) => {
      const { rows: r, cols: c } = roles[side].view
      const stream = side === 'own' ? width.candidate : width.reference
      return isWriter ? r === stream && c === inside : c === stream && r === inside
    })
  if (!fits(outer, rows.outer, kind === 'vo') || !fits(inner, rows.inner, false)) return null
  const cost = [outer, inner].map((roles) => costOf(parts, roles, { share: 1 }).costBytes)
  return {
    kind,
    layer: layer.candidate,
    referenceLayer: layer.reference,
    isMapped: layer.isMapped,
    heads: heads.queryHeads,
    costBytes: cost.reduce((sum, bytes) => sum + bytes, 0),
    sums: async (options) => {
      const vectors = await readBoth(parts, layer, { outer, kinds: [ofHeads, ofGroups] })
      return vectors ? productSums(vectors, heads, options) : EMPTY
    },
  }
}

const EMPTY: ReplaySums = { xy: 0, xx: 0, yy: 0, values: 0 }

const hasInnerNorm = ({ own, other }: Parts, layer: LayerPair): boolean =>
  own.roles.some((role) => role.kind === 'qk_norm' && role.layer === layer.candidate) ||
  other.roles.some((role) => role.kind === 'qk_norm' && role.layer === layer.reference)

type Vectors = { readonly outer: RowMatrix; readonly inner: RowMatrix }

async function readBoth(
  parts: Parts,
  layer: LayerPair,
  job: { readonly outer: RoleBoth; readonly kinds: readonly ['q' | 'o', 'k' | 'v'] },
): Promise<{ readonly own: Vectors; readonly other: Vectors } | null> {
  const [ofHeads, ofGroups] = job.kinds
  const read = async (side: 'own' | 'other'): Promise<Vectors | null> => {
    const part = parts[side]
    const place = { layer: side === 'own' ? layer.candidate : layer.reference, expert: null }
    const first =
      ofHeads === 'o'
        ? columnTaker(rowSource(part.model, job.outer[side]))
        : rowTakerOf(await foldedSource(part, ofHeads, place))
    const second = await foldedSource(part, ofGroups, place)
    if (!first || !second) return null
    const { cols, rows } = job.outer[side].view
    const all = (count: number) => Array.from({ length: count }, (_, at) => at)
    const outer = await first.take(all(ofHeads === 'o' ? cols : rows))
    return { outer, inner: await second.take(all(second.rows)) }
  }
  const [own, other] = [await read('own'), await read('other')]
  return own && other ? { own, other } : null
}

const rowTakerOf = (source: Parameters<typeof rowTaker>[0] | null) => source && rowTaker(source)

/**
 * ⟨M, N⟩ for M = Σ_j x_j y_jᵀ and N = Σ_k u_k v_kᵀ is Σ_jk ⟨x_j, u_k⟩⟨y_j, v_k⟩: no product of
 * [width, width] is ever made.
 */
function productSums(
  { own, other }: { readonly own: Vectors; readonly other: Vectors },
  { queryHeads, keyValueHeads, headDim }: Heads,
  { map, width, engine }: AxisMap & { readonly engine: MatrixEngine },
): ReplaySums {
  const mapped = {
    outer: mapRows(own.outer, map, engine),
    inner: mapRows(own.inner, map, engine),
  }
  const headOf = (matrix: RowMatrix, head: number) =>
    takeRows(
      matrix,
      Array.from({ length: headDim }, (_, at) => head * headDim + at),
    )
  const sums = { xy: 0, xx: 0, yy: 0, values: 0 }
  for (let head = 0; head < queryHeads; head++) {
    const group = Math.floor((head * keyValueHeads) / queryHeads)
    const [x, y] = [headOf(mapped.outer, head), headOf(mapped.inner, group)]
    const [u, v] = [headOf(other.outer, head), headOf(other.inner, group)]
    const inner = (a: RowMatrix, b: RowMatrix, c: RowMatrix, d: RowMatrix) =>
      sumOfProducts(engine.multiply(a, c).data, engine.multiply(b, d).data)
    sums.xy += inner(x, y, u, v)
    sums.xx += inner(x, y, x, y)
    sums.yy += inner(u, v, u, v)
    sums.values += width.reference ** 2
  }
  return sums
}

function sumOfProducts(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number)
  return sum
}
