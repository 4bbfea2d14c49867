import { sha256 } from '@noble/hashes/sha2.js'
import type { Role, RoleKind } from '../../model/role.ts'
import { isFloatDtype } from '../../model/tensor.ts'
import { roundToBf16Bits } from '../../numeric/bf16.ts'
import { informationBits } from '../technical/content.ts'
import { deterministicKind } from '../technical/deterministic.ts'
import { type OpenModel, tensorOf } from '../technical/measure-signs.ts'
import { readRows } from '../technical/read-rows.ts'
import type { ContentEntry } from './fingerprint.ts'

const BLOCK_ELEMENTS = 4096
const BLOCKS_PER_MATRIX = 16
export const HASH_BYTES = 16
/** Information below which a block is equal too easily: constants, masks, fresh norms. */
const BLOCK_BITS_MIN = 128
/** Smaller matrices say little when they are equal. */
const ELEMENTS_MIN = 64
/** Of many experts the first ones are hashed. */
const EXPERTS_MAX = 4
/** Hashes of a component altogether: fewer blocks of each matrix where there are many. */
const HASHES_MAX = 8192
const STRUCTURE_ELEMENTS = 65_536

const NEVER: readonly RoleKind[] = ['buffer', 'position']
/** Kinds whose names do not tell learned weights from computed bases. */
const MAYBE_COMPUTED: readonly RoleKind[] = ['conv', 'patch', 'linear', 'other']

/** Hashes of sampled blocks of every matrix of a component, chosen by shapes alone. */
export async function hashContent(
  model: OpenModel,
  roles: readonly Role[],
): Promise<ContentEntry[]> {
  const hashed = roles.filter((role) => isHashed(model, role))
  const blocksMax = Math.max(
    1,
    Math.min(BLOCKS_PER_MATRIX, Math.floor(HASHES_MAX / Math.max(1, hashed.length))),
  )
  const entries: ContentEntry[] = []
  for (const role of hashed.slice(0, HASHES_MAX)) {
    entries.push({
      label: labelOf(role),
      rows: role.view.rows,
      cols: role.view.cols,
      hashes: await hashMatrix(model, role, blocksMax),
    })
  }
  return entries
}

function isHashed(model: OpenModel, role: Role): boolean {
  return (
    !NEVER.includes(role.kind) &&
    role.view.rows * role.view.cols >= ELEMENTS_MIN &&
    (role.expert ?? 0) < EXPERTS_MAX &&
    isFloatDtype(tensorOf(model, role).dtype)
  )
}

export const labelOf = (role: Role): string =>
  [
    role.layer ?? '-',
    ...(role.expert === null ? [] : [`e${role.expert}`]),
    role.part === 'bias' ? `${role.kind}.bias` : role.kind,
    ...(role.slot === '' ? [] : [role.slot]),
  ].join('/')

async function hashMatrix(model: OpenModel, role: Role, blocksMax: number): Promise<Uint8Array> {
  const places = blockPlaces(role.view.rows, role.view.cols, blocksMax)
  const hashes = new Uint8Array(places.length * HASH_BYTES)
  if (await isComputed(model, role)) return hashes
  for (const [at, range] of places.entries()) {
    const values = await readRows(model.source, tensorOf(model, role), {
      view: role.view,
      ranges: [range],
      nonFinite: 'keep',
    })
    const codes = new Uint16Array(values.length)
    roundToBf16Bits(values, codes)
    if (informationBits(codes) < BLOCK_BITS_MIN) continue
    hashes.set(hashBlock(codes, role.view.cols), at * HASH_BYTES)
  }
  return hashes
}

/**
 * Runs of whole rows. Position k is the bit-reversed k-th of 16 evenly spaced ones, so that the
 * first n of them are spread as well and a shorter list is a prefix of a longer one.
 */
export function blockPlaces(
  rows: number,
  cols: number,
  blocksMax: number,
): { readonly first: number; readonly count: number }[] {
  const count = Math.min(rows, Math.max(1, Math.ceil(BLOCK_ELEMENTS / cols)))
  const fit = Math.floor(rows / count)
  const places: { first: number; count: number }[] = []
  for (let k = 0; k < BLOCKS_PER_MATRIX && places.length < blocksMax; k++) {
    const reversed = [1, 2, 4, 8].reduce((sum, bit, at) => sum + (k & bit ? 8 >> at : 0), 0)
    const slot = fit >= BLOCKS_PER_MATRIX ? Math.floor((reversed * fit) / BLOCKS_PER_MATRIX) : k
    if (slot < fit) places.push({ first: slot * count, count })
  }
  return places
}

/** The first 128 bits of SHA-256 over the width (so that shapes never meet) and bf16 codes, little-endian. */
function hashBlock(codes: Uint16Array, cols: number): Uint8Array {
  const bytes = new Uint8Array(4 + codes.length * 2)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, cols, true)
  for (let i = 0; i < codes.length; i++) view.setUint16(4 + 2 * i, codes[i] as number, true)
  return sha256(bytes).subarray(0, HASH_BYTES)
}

async function isComputed(model: OpenModel, role: Role): Promise<boolean> {
  if (!MAYBE_COMPUTED.includes(role.kind)) return false
  const { rows, cols } = role.view
  const count = Math.min(rows, Math.max(1, Math.floor(STRUCTURE_ELEMENTS / cols)))
  const values = await readRows(model.source, tensorOf(model, role), {
    view: role.view,
    ranges: [{ first: 0, count }],
  })
  return deterministicKind(values, count, cols) !== null
}
