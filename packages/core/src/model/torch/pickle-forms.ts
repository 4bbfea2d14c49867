import { quoted } from '../../base/quoted.ts'
import {
  ORDERED_DICT,
  type PickleValue,
  REBUILD_PARAMETER,
  REBUILD_TENSOR,
  storageDtype,
} from './pickle-value.ts'
import { archiveError, refusedPickle } from './torch-fault.ts'

/** The persistent id ('storage', type, key, device, count), as the record of a storage. */
export function storageOf(file: string, id: PickleValue): PickleValue {
  const [word, type, key, , count] = id.kind === 'list' ? id.items : []
  const dtype = type?.kind === 'name' ? storageDtype(type.global) : undefined
  const name = textOf(key)
  const elements = naturalOf(count)
  if (
    textOf(word) !== 'storage' ||
    dtype === undefined ||
    name === undefined ||
    elements === undefined
  ) {
    throw archiveError(file, 'its pickle points to something that is no storage')
  }
  if (!/^[0-9A-Za-z_]{1,64}$/.test(name))
    throw archiveError(file, `a storage is named ${quoted(name)}`)
  return { kind: 'storage', dtype, key: name, count: elements }
}

/** What a call of one of the known names would describe. */
export function reduce(file: string, callee: PickleValue, given: PickleValue): PickleValue {
  const items = given.kind === 'list' ? given.items : []
  const global = callee.kind === 'name' ? callee.global : ''
  if (global === ORDERED_DICT && items.length === 0) return { kind: 'table', items: new Map() }
  if (global === REBUILD_TENSOR) return tensorOf(file, items)
  const [wrapped] = items
  if (global === REBUILD_PARAMETER && wrapped?.kind === 'tensor') return wrapped
  throw refusedPickle(file, `its pickle calls ${quoted(global)}`)
}

function tensorOf(file: string, items: readonly PickleValue[]): PickleValue {
  const [storage, offset, size, stride] = items
  const shape = naturalsOf(size)
  const strides = naturalsOf(stride)
  const first = naturalOf(offset)
  const isWhole = shape !== undefined && strides !== undefined && shape.length === strides.length
  if (storage?.kind !== 'storage' || first === undefined || !isWhole || items.length > 7) {
    throw archiveError(file, 'its pickle describes a tensor without storage, place or shape')
  }
  return { kind: 'tensor', storage, offset: first, shape, strides }
}

const textOf = (value: PickleValue | undefined): string | undefined =>
  value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined

function naturalOf(value: PickleValue | undefined): number | undefined {
  const number = value?.kind === 'scalar' ? value.value : undefined
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
    ? number
    : undefined
}

function naturalsOf(value: PickleValue | undefined): readonly number[] | undefined {
  if (value?.kind !== 'list' || value.items.length > 16) return undefined
  const numbers = value.items.map(naturalOf).filter((number) => number !== undefined)
  return numbers.length === value.items.length ? numbers : undefined
}
