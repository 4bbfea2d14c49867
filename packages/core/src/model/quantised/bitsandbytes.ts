import type { JsonValue } from '../../base/canonical-json.ts'
import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import type { CodebookEncoding } from '../encoding.ts'
import { elementCount, type TensorInfo } from '../tensor.ts'
import { type Lookup, OTHER, type Recognised, type SmallReader, unfit } from './tensor-group.ts'

const KINDS = ['nf4', 'fp4'] as const
const MAX_STATE_BYTES = 65_536

/**
 * bitsandbytes in 4 bits: bytes of two codes beside `.absmax`, `.quant_map` and a JSON text
 * (`.quant_state.bitsandbytes__nf4`) that gives the shape. The scales may be quantised again.
 */
export async function recogniseFourBit(
  tensor: TensorInfo,
  lookup: Lookup,
  readSmall: SmallReader,
): Promise<Recognised> {
  if (tensor.dtype !== 'U8') return OTHER
  const { name } = tensor
  const state = KINDS.map((kind) => lookup(`${name}.quant_state.bitsandbytes__${kind}`)).find(
    (found) => found !== undefined,
  )
  if (state === undefined) return OTHER
  const absmax = lookup(`${name}.absmax`)
  const table = lookup(`${name}.quant_map`)
  if (absmax === undefined || table === undefined) return unfit('absmax or quant_map is missing')
  const text = await stateOf(state, readSmall)
  if (text === undefined) return unfit('its quant_state is not a JSON object')
  const shape = naturals(text['shape'])
  const blockElements = natural(text['blocksize'])
  if (shape === undefined || blockElements === undefined)
    return unfit('its quant_state lacks sizes')
  const count = elementCount(shape)
  const blocks = Math.ceil(count / blockElements)
  if (Math.ceil(count / 2) !== elementCount(tensor.shape)) return unfit(`[${shape}] in other bytes`)
  if (elementCount(absmax.shape) !== blocks || elementCount(table.shape) !== 16) {
    return unfit(`not ${blocks} scales and 16 levels`)
  }
  const nested = nestedOf(name, { lookup, text, blocks })
  if (nested === undefined) return unfit('scales of its scales are missing')
  const weight: TensorInfo = {
    name,
    shape,
    dtype: 'F32',
    storage: tensor.storage,
    encoding: {
      kind: 'codebook',
      label: 'bitsandbytes 4-bit',
      bits: 4,
      blockElements,
      table,
      absmax,
      nested,
    },
  }
  const own = [tensor, state, absmax, table, nested?.table, nested?.absmax]
  return { kind: 'weight', weight, uses: own.flatMap((part) => (part ? [part.name] : [])) }
}

type State = { readonly [key: string]: JsonValue }

/** Null where scales are plain numbers, undefined where their own scales do not fit. */
function nestedOf(
  name: string,
  source: { readonly lookup: Lookup; readonly text: State; readonly blocks: number },
): CodebookEncoding['nested'] | undefined {
  const { lookup, text, blocks } = source
  const absmax = lookup(`${name}.nested_absmax`)
  const table = lookup(`${name}.nested_quant_map`)
  const blockElements = natural(text['nested_blocksize'])
  if (absmax === undefined && blockElements === undefined) return null
  const offset = text['nested_offset']
  if (absmax === undefined || table === undefined || blockElements === undefined) return undefined
  const fits =
    elementCount(absmax.shape) === Math.ceil(blocks / blockElements) &&
    elementCount(table.shape) === 256
  if (!fits || typeof offset !== 'number') return undefined
  return { blockElements, table, absmax, offset }
}

async function stateOf(state: TensorInfo, readSmall: SmallReader): Promise<State | undefined> {
  if (state.dtype !== 'U8' || elementCount(state.shape) > MAX_STATE_BYTES) return undefined
  try {
    const bytes = await readSmall(state)
    const value = parseStrictJson(bytes, { source: state.name, maxDepth: 4 })
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as State) : undefined
  } catch (error) {
    if (error instanceof AppError && error.code !== 'UNREADABLE') return undefined
    throw error
  }
}

const natural = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined

function naturals(value: JsonValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length < 1 || value.length > 8) return undefined
  const sizes = value.map((entry) => natural(entry))
  const known = sizes.filter((size) => size !== undefined)
  return known.length === sizes.length && Number.isSafeInteger(elementCount(known))
    ? known
    : undefined
}
