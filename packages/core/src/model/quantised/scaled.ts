import type { CodeLayout, Factor } from '../encoding.ts'
import type { StoredTensor } from '../stored-tensor.ts'
import { elementCount, type TensorInfo } from '../tensor.ts'
import { gridFor, ONE } from './grids.ts'
import type { QuantisationFacts } from './quantisation-config.ts'
import { type Lookup, matrixOf, OTHER, type Recognised, unfit } from './tensor-group.ts'

/** Endings of the scales that belong to a weight of this name, in the order they are looked for. */
const SCALE_ENDINGS = ['_scale_inv', '_scale'] as const

/**
 * Codes that are numbers of their own type, beside their scales: FP8 with `weight_scale_inv`
 * (blocks of 128 × 128, multiplied, in spite of the name) or `weight_scale`; INT8 with
 * `weight_scale` or, from bitsandbytes, `SCB`; pairs of E2M1 in bytes with scales of 16 (NVFP4) or
 * 32 (MXFP4) columns; MXFP8.
 */
export function recogniseScaled(
  tensor: TensorInfo,
  lookup: Lookup,
  facts: QuantisationFacts,
): Recognised {
  const { dtype, name, shape } = tensor
  if (tensor.encoding !== undefined || shape.length < 2) return OTHER
  const isFloat8 = dtype === 'F8_E4M3' || dtype === 'F8_E5M2'
  if (!isFloat8 && dtype !== 'I8' && dtype !== 'U8') return OTHER
  if (dtype === 'I8' && name.endsWith('weight')) {
    const columns = lookup(name.replace(/weight$/, 'SCB'))
    if (columns !== undefined) return eightBit(tensor, columns, lookup)
  }
  const scales = SCALE_ENDINGS.map((ending) => lookup(name + ending)).find((s) => s !== undefined)
  if (scales === undefined || scales.encoding !== undefined) return OTHER
  if (dtype === 'U8') return halfBytes(tensor, scales, lookup)
  const matrix = matrixOf(shape)
  const grid = gridFor(asScale(scales), matrix, facts.blockShape)
  if (grid === undefined) return unfit(`scales of shape [${scales.shape}] for [${shape}]`)
  const zeros = lookup(`${name}_zero_point`)
  const zeroGrid = zeros && gridFor(zeros, matrix, facts.blockShape)
  if (zeros !== undefined && zeroGrid === undefined) return unfit('zero points of another shape')
  const weight: TensorInfo = {
    ...tensor,
    dtype: 'F32',
    encoding: {
      kind: 'affine',
      label: `${isFloat8 ? 'FP8' : 'INT8'} with scales`,
      codes: { kind: 'plain', dtype },
      scales: grid,
      zeros:
        zeroGrid === undefined
          ? { kind: 'constant', value: 0 }
          : { kind: 'grid', grid: zeroGrid, plus: 0 },
      factor: ONE,
    },
  }
  const uses = [tensor, scales, ...(zeros ? [zeros] : [])]
  return { kind: 'weight', weight, uses: uses.map((part) => part.name) }
}

/** Bytes as scales are powers of two. */
const asScale = (scales: StoredTensor): StoredTensor =>
  scales.dtype === 'U8' ? { ...scales, dtype: 'F8_E8M0' } : scales

/** LLM.int8: code · SCB / 127 by row. */
function eightBit(tensor: TensorInfo, columns: TensorInfo, lookup: Lookup): Recognised {
  const { rows, cols } = matrixOf(tensor.shape)
  if (elementCount(columns.shape) !== rows) return unfit(`SCB does not have ${rows} entries`)
  const grid = gridFor({ ...columns, shape: [rows] }, { rows, cols })
  if (grid === undefined) return unfit('SCB of another shape')
  const weight: TensorInfo = {
    ...tensor,
    dtype: 'F32',
    encoding: {
      kind: 'affine',
      label: 'INT8 of bitsandbytes',
      codes: { kind: 'plain', dtype: 'I8' },
      scales: grid,
      zeros: { kind: 'constant', value: 0 },
      factor: { value: 1 / 127, tensor: null, isDivisor: false },
    },
  }
  const format = lookup(`${tensor.name}_format`)
  const uses = [tensor, columns, ...(format ? [format] : [])]
  return { kind: 'weight', weight, uses: uses.map(({ name }) => name) }
}

/** Two E2M1 codes to a byte, with a scale for every 16 or 32 of them in a row. */
function halfBytes(tensor: TensorInfo, scales: TensorInfo, lookup: Lookup): Recognised {
  const shape = [...tensor.shape.slice(0, -1), 2 * (tensor.shape.at(-1) ?? 0)]
  const outer = lookup(`${tensor.name}_scale_2`)
  return fourBitFloat(tensor, {
    name: tensor.name,
    shape,
    scales,
    factor: outer === undefined ? ONE : { value: 1, tensor: outer, isDivisor: false },
    uses: [tensor.name, scales.name, ...(outer ? [outer.name] : [])],
  })
}

/** NVFP4 and MXFP4 under any names. */
export function fourBitFloat(
  payload: TensorInfo,
  parts: {
    readonly name: string
    readonly shape: readonly number[]
    readonly scales: StoredTensor
    readonly factor: Factor
    readonly uses: readonly string[]
  },
): Recognised {
  const { name, shape, factor, uses } = parts
  const { rows, cols } = matrixOf(shape)
  const scales = asScale(parts.scales)
  const perScale = (rows * cols) / elementCount(scales.shape)
  const isMicroscaling = scales.dtype === 'F8_E8M0' && perScale === 32
  const isNvidia = scales.dtype === 'F8_E4M3' && perScale === 16
  if (!isMicroscaling && !isNvidia) {
    return unfit(`${perScale} half bytes share a scale of type ${scales.dtype}`)
  }
  if (factor.tensor !== null && elementCount(factor.tensor.shape) !== 1) {
    return unfit('the scale of the whole tensor is not one number')
  }
  const grid = gridFor({ ...scales, shape: [rows, cols / perScale] }, { rows, cols })
  if (grid === undefined || cols % perScale !== 0) return unfit('rows that are not whole groups')
  const codes: CodeLayout = { kind: 'float4' }
  const weight: TensorInfo = {
    name,
    shape,
    dtype: 'F32',
    storage: payload.storage,
    encoding: {
      kind: 'affine',
      label: isMicroscaling ? 'MXFP4' : 'NVFP4',
      codes,
      scales: grid,
      zeros: { kind: 'constant', value: 0 },
      factor,
    },
  }
  return { kind: 'weight', weight, uses }
}

const BLOCKS = '_blocks'

/** gpt-oss: `x_blocks` of [..., groups, 16] bytes beside `x_scales` of [..., groups]. */
export function recogniseBlocks(tensor: TensorInfo, lookup: Lookup): Recognised {
  if (!tensor.name.endsWith(BLOCKS) || tensor.dtype !== 'U8') return OTHER
  const name = tensor.name.slice(0, -BLOCKS.length)
  const scales = lookup(`${name}_scales`)
  const [groups = 0, width = 0] = tensor.shape.slice(-2)
  if (scales === undefined || scales.dtype !== 'U8') return OTHER
  if (width !== 16 || tensor.shape.length < 3) return unfit('blocks that are not of 16 bytes')
  const shape = [...tensor.shape.slice(0, -2), groups * 32]
  const uses = [tensor.name, scales.name]
  return fourBitFloat(tensor, { name, shape, scales, factor: ONE, uses })
}
