import type { ZeroPoints } from '../encoding.ts'
import type { TensorInfo } from '../tensor.ts'
import { columnGrid, ONE } from './grids.ts'
import type { QuantisationFacts } from './quantisation-config.ts'
import { type Lookup, OTHER, type Recognised, unfit } from './tensor-group.ts'

const PAYLOAD = '.qweight'

/**
 * GPTQ and AWQ: `qweight`, `qzeros`, `scales`, and for GPTQ `g_idx`. Bits and the number of inputs
 * follow from the shapes: scales are [groups, out], GPTQ packs along the inputs ([in·bits/32, out])
 * and AWQ along the outputs ([in, out·bits/32]).
 */
export function recogniseWords(
  tensor: TensorInfo,
  lookup: Lookup,
  facts: QuantisationFacts,
): Recognised {
  if (!tensor.name.endsWith(PAYLOAD)) return OTHER
  const base = tensor.name.slice(0, -PAYLOAD.length)
  const zeros = lookup(`${base}.qzeros`)
  const scales = lookup(`${base}.scales`)
  if (zeros === undefined || scales === undefined) return unfit('scales or zero points are missing')
  const parts = { base, tensor, zeros, scales }
  if (![tensor, zeros].every(({ dtype, shape }) => dtype === 'I32' && shape.length === 2)) {
    return unfit('codes or zero points are not matrices of 32-bit words')
  }
  const [groups = 0, outputs = 0] = scales.shape
  if (scales.shape.length !== 2 || groups < 1 || outputs < 1 || zeros.shape[0] !== groups) {
    return unfit('scales and zero points have different groups')
  }
  return tensor.shape[1] === outputs
    ? gptq(parts, lookup(`${base}.g_idx`), facts)
    : awq(parts, facts)
}

type Parts = {
  readonly base: string
  readonly tensor: TensorInfo
  readonly zeros: TensorInfo
  readonly scales: TensorInfo
}

const GPTQ_BITS = [2, 3, 4, 8]

function gptq(
  { base, tensor, zeros, scales }: Parts,
  groupIndex: TensorInfo | undefined,
  facts: QuantisationFacts,
): Recognised {
  const [groups = 0, outputs = 0] = scales.shape
  const [words = 0] = tensor.shape
  const bits = ((zeros.shape[1] ?? 0) * 32) / outputs
  const inputs = (words * 32) / bits
  if (!GPTQ_BITS.includes(bits) || !Number.isInteger(inputs) || inputs < 1) {
    return unfit(`${zeros.shape[1]} words of zero points for ${outputs} outputs`)
  }
  if (groupIndex !== undefined && (groupIndex.dtype !== 'I32' || groupIndex.shape[0] !== inputs)) {
    return unfit(`g_idx does not list the ${inputs} inputs`)
  }
  const grid = columnGrid(scales, outputs, {
    colBlock: groupSize(inputs, groups, facts),
    groupOfColumn: groupIndex ?? null,
  })
  const plus = facts.checkpointFormat === 'gptq_v2' ? 0 : 1
  const weight: TensorInfo = {
    name: `${base}.weight`,
    dtype: 'F32',
    shape: [outputs, inputs],
    storage: tensor.storage,
    encoding: {
      kind: 'affine',
      label: `GPTQ ${bits}-bit`,
      codes: { kind: 'column_stream', bits },
      scales: grid,
      zeros: { kind: 'stream', tensor: zeros, bits, plus },
      factor: ONE,
    },
  }
  const uses = [tensor, zeros, scales, ...(groupIndex ? [groupIndex] : [])]
  return { kind: 'weight', weight, uses: uses.map(({ name }) => name) }
}

/** The last group may be shorter: a stated size that gives this number of groups is believed. */
function groupSize(
  inputs: number,
  groups: number,
  { groupSize: stated }: QuantisationFacts,
): number {
  if (stated !== undefined && Math.ceil(inputs / stated) === groups) return stated
  return Math.ceil(inputs / groups)
}

function awq({ base, tensor, zeros, scales }: Parts, facts: QuantisationFacts): Recognised {
  const [groups = 0, outputs = 0] = scales.shape
  const [inputs = 0, words = 0] = tensor.shape
  if (words * 8 !== outputs || zeros.shape[1] !== words) {
    return unfit(`${words} words for ${outputs} outputs: neither GPTQ's nor AWQ's packing`)
  }
  if (facts.version !== '' && facts.version !== 'gemm') {
    return unfit(`AWQ's ${facts.version} packing is not known`)
  }
  const colBlock = groupSize(inputs, groups, facts)
  const zeroPoints: ZeroPoints = { kind: 'awq', tensor: zeros }
  const weight: TensorInfo = {
    name: `${base}.weight`,
    dtype: 'F32',
    shape: [outputs, inputs],
    storage: tensor.storage,
    encoding: {
      kind: 'affine',
      label: 'AWQ 4-bit',
      codes: { kind: 'awq' },
      scales: columnGrid(scales, outputs, { colBlock, groupOfColumn: null }),
      zeros: zeroPoints,
      factor: ONE,
    },
  }
  return { kind: 'weight', weight, uses: [tensor.name, zeros.name, scales.name] }
}
