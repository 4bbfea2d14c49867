import { DTYPE_SIZE_BYTES, type Dtype, isFloatDtype } from '../../model/tensor.ts'
import { bf16Bits, roundToBf16Bits } from '../../numeric/bf16.ts'
import type { RowMeasurer } from '../../numeric/row-measurer.ts'
import { type ContentBlock, readBlock } from './content-blocks.ts'
import { deterministicKind } from './deterministic.ts'
import { type OpenModel, sideOf, tensorOf } from './measure-signs.ts'
import { leaveOutTogether } from './non-finite.ts'
import type { RolePair } from './pairing.ts'
import { readRows } from './read-rows.ts'
import { type EncodingRelation, encodingRelation } from './reencoding.ts'

/** Elements of a block; smaller matrices are one block. */
const BLOCK_ELEMENTS = 4096
/** A block with less information than this is equal too easily: constants, masks, fresh norms. */
const BLOCK_BITS_MIN = 128
/** Rows read to recognise a computed tensor. */
const STRUCTURE_ELEMENTS = 65_536

/** What the blocks of one pair of matrices say. */
export type ContentResult = {
  readonly pair: RolePair
  readonly candidateDtype: Dtype
  readonly referenceDtype: Dtype
  readonly informativeBlocks: number
  /** Equal, and too poor in information to count. */
  readonly constantBlocks: number
  /** Equal after rounding both to bfloat16 (nearest even). */
  readonly equalBlocks: number
  /** Equal as stored numbers. */
  readonly exactBlocks: number
  /** Of informative blocks that are not the same to the last bit, once they were looked at (`explainAll`). */
  readonly encodings: readonly EncodingRelation[]
  readonly readElements: number
  /** First entries of the candidate's and of the reference's matrix, where they were read. */
  readonly starts: readonly [Uint16Array | null, Uint16Array | null]
  readonly computed: 'sinusoids' | 'filter_bank' | null
  /** Stored in a form whose numbers cannot be read: nothing was compared. */
  readonly isUnread: boolean
}

export type ContentJob = {
  readonly pair: RolePair
  readonly blocksMax: number
  readonly measurer: RowMeasurer
}

export async function compareContent(
  candidate: OpenModel,
  reference: OpenModel,
  job: ContentJob,
): Promise<ContentResult> {
  const { pair } = job
  const a = tensorOf(candidate, pair.candidate)
  const b = tensorOf(reference, pair.reference)
  const tally = { informative: 0, equal: 0, exact: 0, read: 0, constant: 0 }
  let computed: ContentResult['computed'] = null
  let starts: ContentResult['starts'] = [null, null]
  const isReadable = isFloatDtype(a.dtype) && isFloatDtype(b.dtype)
  if (isReadable) {
    const sides = [sideOf(candidate, pair.candidate), sideOf(reference, pair.reference)] as const
    for (const range of blockRanges(pair, job.blocksMax)) {
      const block = await readBlock(sides, range, job.measurer)
      try {
        if (range.first === 0) starts = block.starts()
        const found = compareBlock(block)
        tally.read += block.elements
        if (!found.isInformative) {
          tally.constant += Number(found.isEqual)
          continue
        }
        if (found.isEqual && computed === null && tally.equal === 0) {
          computed = await computedKind(candidate, pair)
          if (computed) break
        }
        tally.informative++
        tally.equal += Number(found.isEqual)
        tally.exact += Number(found.isExact)
      } finally {
        block.giveBack()
      }
    }
  }
  return {
    pair,
    candidateDtype: a.dtype,
    referenceDtype: b.dtype,
    informativeBlocks: computed ? 0 : tally.informative,
    constantBlocks: tally.constant,
    equalBlocks: computed ? 0 : tally.equal,
    exactBlocks: computed ? 0 : tally.exact,
    encodings: [],
    readElements: tally.read,
    starts,
    computed,
    isUnread: !isReadable,
  }
}

/** Reads the beginning of the candidate's matrix and asks whether it was computed. */
export async function computedKind(
  model: OpenModel,
  pair: RolePair,
): Promise<ContentResult['computed']> {
  const { view } = pair.candidate
  const count = Math.min(view.rows, Math.max(1, Math.floor(STRUCTURE_ELEMENTS / view.cols)))
  const values = await readRows(model.source, tensorOf(model, pair.candidate), {
    view,
    ranges: [{ first: 0, count }],
  })
  return deterministicKind(values, count, view.cols)
}

/** Evenly spaced runs of whole rows, the same in every model of this shape. */
function blockRanges(pair: RolePair, blocksMax: number) {
  const rowsPerBlock = Math.min(pair.rows, Math.max(1, Math.ceil(BLOCK_ELEMENTS / pair.cols)))
  const blocks = Math.min(blocksMax, Math.floor(pair.rows / rowsPerBlock))
  return Array.from({ length: blocks }, (_, k) => ({
    first: blocks === 1 ? 0 : Math.floor((k * (pair.rows - rowsPerBlock)) / (blocks - 1)),
    count: rowsPerBlock,
  }))
}

type BlockComparison = {
  readonly isInformative: boolean
  readonly isEqual: boolean
  readonly isExact: boolean
}

const DIFFERENT: BlockComparison = { isInformative: true, isEqual: false, isExact: false }

const compareBlock = (block: ContentBlock): BlockComparison =>
  block.isDifferent() ? DIFFERENT : compareValues(...block.values())

/**
 * The same results with what explains blocks that are not the same: a cast, or rounding to a grid. Every one
 * must be explained for a component to be the other's in another form, so nothing is looked at behind the
 * first that is not; blocks are read once more for it.
 */
export async function explainAll(
  candidate: OpenModel,
  reference: OpenModel,
  job: Omit<ContentJob, 'pair'> & { readonly results: readonly ContentResult[] },
): Promise<ContentResult[]> {
  const explained: ContentResult[] = []
  let isExplained = true
  for (const result of job.results) {
    const isSettled: boolean = result.exactBlocks === result.informativeBlocks || !isExplained
    const encodings: readonly EncodingRelation[] = isSettled
      ? []
      : await explainBlocks(candidate, reference, { ...job, pair: result.pair })
    isExplained &&= encodings.at(-1)?.kind !== 'none'
    explained.push(isSettled ? result : { ...result, encodings })
  }
  return explained
}

async function explainBlocks(
  candidate: OpenModel,
  reference: OpenModel,
  { pair, blocksMax, measurer }: ContentJob,
): Promise<EncodingRelation[]> {
  const sides = [sideOf(candidate, pair.candidate), sideOf(reference, pair.reference)] as const
  const forms = { cols: pair.cols, dtypes: [sides[0].tensor.dtype, sides[1].tensor.dtype] as const }
  const encodings: EncodingRelation[] = []
  for (const range of blockRanges(pair, blocksMax)) {
    const block = await readBlock(sides, range, measurer)
    try {
      const relation = explainBlock(block, forms)
      if (relation) encodings.push(relation)
      if (relation?.kind === 'none') break
    } finally {
      block.giveBack()
    }
  }
  return encodings
}

/** Null for a block that says nothing, and for one that is the same. */
function explainBlock(
  block: ContentBlock,
  forms: Parameters<typeof encodingRelation>[2],
): EncodingRelation | null {
  if (block.isUnrelated()) return { kind: 'none' }
  const [a, b] = block.values()
  const { isInformative, isExact } = compareValues(a, b)
  if (!isInformative || isExact) return null
  return leaveOutTogether(a, b) ? encodingRelation(a, b, forms) : { kind: 'none' }
}

/** Blocks of unrelated models part at their first values: no more is rounded than must be. */
function compareValues(a: Float32Array, b: Float32Array): BlockComparison {
  const [x, y] = [bitsOf(a), bitsOf(b)]
  let isExact = true
  for (let i = 0; i < x.length; i++) {
    const own = x[i] as number
    const other = y[i] as number
    if (own === other) continue
    if (bf16Bits(own) !== bf16Bits(other)) {
      // Only equality needs the full count: blocks that differ hold information unless constant.
      return { isEqual: false, isExact: false, isInformative: !isConstant(x) }
    }
    isExact &&= a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))
  }
  const codes = new Uint16Array(a.length)
  roundToBf16Bits(a, codes)
  return { isEqual: true, isExact, isInformative: informationBits(codes) >= BLOCK_BITS_MIN }
}

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length)

function isConstant(bits: Uint32Array): boolean {
  const first = bf16Bits(bits[0] ?? 0)
  return bits.every((word) => bf16Bits(word) === first)
}

/** Elements times the empirical entropy of their values, in bits. */
export function informationBits(codes: Uint16Array): number {
  const counts = new Map<number, number>()
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / codes.length)
  return bits
}

/**
 * Which matrices are compared and in how many blocks, within the budget: every block where the
 * models are read in full, else up to four of each, else one of evenly spaced matrices.
 */
export function sampleContent(
  pairs: readonly RolePair[],
  options: { readonly budgetBytes: number; readonly dtype: Dtype },
): { readonly pairs: readonly RolePair[]; readonly blocksMax: number } {
  if (!Number.isFinite(options.budgetBytes)) return { pairs, blocksMax: Number.MAX_SAFE_INTEGER }
  const size = DTYPE_SIZE_BYTES[options.dtype]
  const once = pairs.reduce(
    (sum, pair) => sum + Math.min(pair.rows * pair.cols, BLOCK_ELEMENTS + pair.cols) * size,
    0,
  )
  const rounds = Math.floor(options.budgetBytes / Math.max(1, once))
  if (rounds >= 1) return { pairs, blocksMax: Math.min(4, rounds) }
  const stride = Math.ceil(once / Math.max(1, options.budgetBytes))
  return { pairs: pairs.filter((_, index) => index % stride === 0), blocksMax: 1 }
}
