import { z } from 'zod'
import type { Digest } from '../../../base/digest.ts'
import type { Dtype } from '../../../base/dtype.ts'
import { type NamedTensor, safetensorsBytes } from '../../../model/safetensors/write-safetensors.ts'
import { MAP_KINDS } from '../aligned/residual-map.ts'
import type { HeldOut, TransformParts } from '../aligned/transform.ts'

/** A recovered transform as it lies in a file of its own. docs/formats/transform.md */
export type StoredTransform = {
  readonly component: string
  /** As the report names the models; names prove nothing. */
  readonly candidate: string
  readonly reference: string
  readonly parts: TransformParts
  /** What the report states of the down projections; null where it states nothing. */
  readonly heldOut: HeldOut | null
  /** That of the report, which is recomputed from the numbers when the file is read. */
  readonly digest: Digest
}

export const SCHEMA_VERSION = 'dokja.transform/1'

// Bounds hold for writer and reader alike: what is written can be read.
export const ROTATED_AXES_MAX = 8192
export const AXES_MAX = 2 ** 16
export const LAYERS_MAX = 4096
/** Of all layers together. */
export const UNITS_MAX = 2 ** 22
export const HEADER_MAX_BYTES = 4 * 2 ** 20
/** The largest rotation, all units and the header. */
export const FILE_MAX_BYTES = 4 * ROTATED_AXES_MAX ** 2 + 12 * UNITS_MAX + HEADER_MAX_BYTES + 8
/** No entry of a rotation is above 1; rounding and directions left short change little. */
export const ROTATION_ENTRY_MAX = 2
/** Ratios of two lengths of float32 rows lie well within. */
export const SCALE_MAX = 1e100

const NAME_LENGTH_MAX = 4000
const name = z.string().max(NAME_LENGTH_MAX)
const axes = z.string().regex(/^[1-9]\d{0,5}$/, 'a number of axes')
const figure = z.string().regex(/^-?\d{1,3}(\.\d{1,25})?(e-\d{1,3})?$/, 'a decimal number')

/** The texts in the header of the file. */
export const metadataSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  component: name,
  candidate: name,
  reference: name,
  kind: z.enum(MAP_KINDS),
  candidateWidth: axes,
  referenceWidth: axes,
  heldOutCorrelation: figure.optional(),
  heldOutError: figure.optional(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hexadecimal digits'),
})

/** Stands for the dense MLP of a layer where an expert would be named. */
export const DENSE = -1

export const TENSOR_NAMES = {
  rotation: 'residual.rotation',
  source: 'residual.source',
  sign: 'residual.sign',
  layerMap: 'layers.map',
  units: (row: number) => `layers.${row}.units`,
  scales: (row: number) => `layers.${row}.scales`,
} as const

/** The bytes of the file, the same for the same transform; null for one beyond the bounds. */
export function transformBytes(stored: StoredTransform): Uint8Array | null {
  const { parts, heldOut } = stored
  const { map, width, layers } = parts
  const units = layers.reduce((sum, { match }) => sum + match.length, 0)
  const widest = Math.max(width.candidate, width.reference)
  const axesMost = map.kind === 'rotation' ? ROTATED_AXES_MAX : AXES_MAX
  const names = [stored.component, stored.candidate, stored.reference]
  if (names.some(({ length }) => length > NAME_LENGTH_MAX)) return null
  if (widest > axesMost || layers.length > LAYERS_MAX || units > UNITS_MAX) return null
  const layerMap = layers.flatMap(({ candidate, expert, reference, referenceExpert }) => [
    ...[candidate, expert ?? DENSE],
    ...[reference, referenceExpert ?? DENSE],
  ])
  const tensors = [
    ...mapTensors(map),
    tensor(TENSOR_NAMES.layerMap, [layers.length, 4], Int32Array.from(layerMap)),
    ...layers.flatMap(({ match, scales }, row) => [
      tensor(TENSOR_NAMES.units(row), [match.length], match),
      tensor(TENSOR_NAMES.scales(row), [scales.length], scales),
    ]),
  ]
  return safetensorsBytes(tensors, {
    schemaVersion: SCHEMA_VERSION,
    component: stored.component.toWellFormed(),
    candidate: stored.candidate.toWellFormed(),
    reference: stored.reference.toWellFormed(),
    kind: map.kind,
    candidateWidth: String(width.candidate),
    referenceWidth: String(width.reference),
    ...(heldOut
      ? {
          heldOutCorrelation: String(heldOut.correlation),
          heldOutError: String(heldOut.error),
        }
      : {}),
    digest: stored.digest,
  })
}

function mapTensors(map: TransformParts['map']): NamedTensor[] {
  switch (map.kind) {
    case 'identity':
      return []
    case 'signed_permutation':
      return [
        tensor(TENSOR_NAMES.source, [map.source.length], map.source),
        tensor(
          TENSOR_NAMES.sign,
          [map.sign.length],
          map.sign.map((sign, to) => ((map.source[to] ?? -1) < 0 ? 0 : sign)),
        ),
      ]
    case 'rotation': {
      const { rows, columns, data } = map.rotation
      return [tensor(TENSOR_NAMES.rotation, [rows, columns], data)]
    }
  }
}

type Numbers = Float64Array | Float32Array | Int32Array | Int8Array

/** Typed arrays are little-endian here: decoding refuses any other machine. */
function tensor(name: string, shape: readonly number[], values: Numbers): NamedTensor {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { name, dtype: dtypeOf(values), shape, bytes }
}

function dtypeOf(values: Numbers): Dtype {
  if (values instanceof Float64Array) return 'F64'
  if (values instanceof Float32Array) return 'F32'
  return values instanceof Int32Array ? 'I32' : 'I8'
}
