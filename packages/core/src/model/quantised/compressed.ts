import type { ZeroPoints } from '../encoding.ts'
import { elementCount, type TensorInfo } from '../tensor.ts'
import { ONE, rowGrid } from './grids.ts'
import type { QuantisationFacts } from './quantisation-config.ts'
import { fourBitFloat } from './scaled.ts'
import {
  type Lookup,
  OTHER,
  type Recognised,
  type SmallReader,
  sameShape,
  unfit,
} from './tensor-group.ts'

const PAYLOAD = 'weight_packed'

type Source = {
  readonly lookup: Lookup
  readonly facts: QuantisationFacts
  readonly readSmall: SmallReader
}

/**
 * compressed-tensors: `weight_packed` beside `weight_scale`. Words of 32 bits hold integers moved
 * by half their range; bytes hold pairs of E2M1.
 */
export async function recogniseCompressed(tensor: TensorInfo, source: Source): Promise<Recognised> {
  if (!tensor.name.endsWith(`.${PAYLOAD}`) && tensor.name !== PAYLOAD) return OTHER
  const base = tensor.name.slice(0, -PAYLOAD.length)
  const { lookup } = source
  const scales = lookup(`${base}weight_scale`)
  if (scales === undefined || tensor.shape.length !== 2) return unfit('its scales are missing')
  if (tensor.dtype === 'U8') {
    const [rows = 0, bytes = 0] = tensor.shape
    const outer = lookup(`${base}weight_global_scale`)
    return fourBitFloat(tensor, {
      name: `${base}weight`,
      shape: [rows, 2 * bytes],
      scales,
      factor: outer === undefined ? ONE : { value: 1, tensor: outer, isDivisor: true },
      uses: [tensor.name, scales.name, ...(outer ? [outer.name] : [])],
    })
  }
  if (tensor.dtype !== 'I32') return unfit(`codes of type ${tensor.dtype}`)
  return words(tensor, { ...source, base, scales })
}

async function words(
  tensor: TensorInfo,
  source: Source & { readonly base: string; readonly scales: TensorInfo },
): Promise<Recognised> {
  const { base, scales, lookup } = source
  const layout = await layoutOf(tensor, source)
  if (layout === undefined) return unfit('its width cannot be told')
  const { bits, cols } = layout
  const [rows = 0] = tensor.shape
  const groups = elementCount(scales.shape) / rows
  const colBlock = source.facts.groupSize ?? cols / groups
  if (!Number.isInteger(groups) || Math.ceil(cols / colBlock) !== groups) {
    return unfit(`scales of shape [${scales.shape}] for [${rows}, ${cols}]`)
  }
  const index = lookup(`${base}weight_g_idx`)
  if (index !== undefined && (!sameShape(index, [cols]) || index.dtype !== 'I32')) {
    return unfit('the groups of its columns are not listed')
  }
  const stored = lookup(`${base}weight_zero_point`)
  const zeros = zeroPoints(stored, { bits, rows, groups, colBlock })
  if (zeros === undefined) return unfit('zero points of another shape')
  const grid = { ...rowGrid(scales, groups, { colBlock }), groupOfColumn: index ?? null }
  const weight: TensorInfo = {
    name: `${base}weight`,
    dtype: 'F32',
    shape: [rows, cols],
    storage: tensor.storage,
    encoding: {
      kind: 'affine',
      label: `packed ${bits}-bit integers`,
      codes: { kind: 'row_stream', bits },
      scales: grid,
      zeros,
      factor: ONE,
    },
  }
  const uses = [tensor, scales, stored, index, lookup(`${base}weight_shape`)]
  const names = uses.flatMap((part) => (part === undefined ? [] : [part.name]))
  return { kind: 'weight', weight, uses: names }
}

/** Packed ones cancel the shift of the codes; plain ones are signed and do not. */
function zeroPoints(
  stored: TensorInfo | undefined,
  matrix: {
    readonly bits: number
    readonly rows: number
    readonly groups: number
    readonly colBlock: number
  },
): ZeroPoints | undefined {
  const { bits, rows, groups, colBlock } = matrix
  const middle = 2 ** (bits - 1)
  if (stored === undefined) return { kind: 'constant', value: middle }
  if (stored.dtype === 'I32' && sameShape(stored, [Math.ceil((rows * bits) / 32), groups])) {
    return { kind: 'column_stream', tensor: stored, bits }
  }
  const isPlain = stored.dtype === 'I8' && elementCount(stored.shape) === rows * groups
  if (!isPlain) return undefined
  return { kind: 'grid', grid: rowGrid(stored, groups, { colBlock }), plus: middle }
}

/**
 * Bits and columns. What the configuration says is taken if it fits the number of scales exactly;
 * otherwise the stored `weight_shape` decides, which costs a read.
 */
async function layoutOf(
  tensor: TensorInfo,
  source: Source & { readonly base: string; readonly scales: TensorInfo },
): Promise<{ readonly bits: number; readonly cols: number } | undefined> {
  const [rows = 0, width = 0] = tensor.shape
  const { bits, groupSize } = source.facts
  const groups = elementCount(source.scales.shape) / rows
  if (bits !== undefined && groupSize !== undefined && groups * groupSize === (width * 32) / bits) {
    return { bits, cols: groups * groupSize }
  }
  const shape = source.lookup(`${source.base}weight_shape`)
  if (shape === undefined || shape.dtype !== 'I64' || !sameShape(shape, [2])) return undefined
  const bytes = await source.readSmall(shape)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const cols = Number(view.getBigInt64(8, true))
  if (Number(view.getBigInt64(0, true)) !== rows || !(cols > 0)) return undefined
  const found = [4, 8].find((count) => Math.ceil((cols * count) / 32) === width)
  return found === undefined ? undefined : { bits: found, cols }
}
