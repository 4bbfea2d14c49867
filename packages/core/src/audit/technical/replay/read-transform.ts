import type { Digest } from '../../../base/digest.ts'
import type { Dtype } from '../../../base/dtype.ts'
import { AppError } from '../../../base/errors.ts'
import { quoted } from '../../../base/quoted.ts'
import type { ByteReader } from '../../../model/byte-reader.ts'
import {
  LENGTH_BYTES,
  parseSafetensorsHeader,
  readHeaderLength,
} from '../../../model/safetensors/header.ts'
import type { TensorInfo } from '../../../model/tensor.ts'
import { transposeRows } from '../../../numeric/column-maps.ts'
import { isAllFinite } from '../../../numeric/kernels.ts'
import type { ResidualMap } from '../aligned/residual-map.ts'
import { type LayerTransform, printedTransform, type TransformParts } from '../aligned/transform.ts'
import {
  AXES_MAX,
  DENSE,
  FILE_MAX_BYTES,
  HEADER_MAX_BYTES,
  LAYERS_MAX,
  metadataSchema,
  ROTATED_AXES_MAX,
  ROTATION_ENTRY_MAX,
  SCALE_MAX,
  SCHEMA_VERSION,
  type StoredTransform,
  TENSOR_NAMES,
  UNITS_MAX,
} from './stored-transform.ts'

const WRITE_AGAIN =
  'dokja compare A B --out DIR writes the file again; docs/formats/transform.md describes it'

/**
 * Reads a transform file whole, after everything that its header says was checked. Throws AppError
 * SAFETENSORS_INVALID, SCHEMA_INVALID or LIMIT_EXCEEDED, and UNREADABLE through the reader.
 */
export async function readTransform(reader: ByteReader): Promise<StoredTransform> {
  const { file } = reader
  const header = await readHeader(reader)
  const metadata = metadataOf(file, header.metadata)
  const width = {
    candidate: Number(metadata.candidateWidth),
    reference: Number(metadata.referenceWidth),
  }
  const tensors = new TensorReader(reader, header.tensors)
  const map = await readMap(tensors, metadata.kind, width)
  const layers = await readLayers(tensors)
  tensors.refuseOthers()
  const parts: TransformParts = { map, width, layers }
  const { heldOutCorrelation: correlation, heldOutError: error } = metadata
  if ((correlation === undefined) !== (error === undefined)) {
    throw refusal(file, 'one of heldOutCorrelation and heldOutError is missing')
  }
  const heldOut =
    correlation === undefined ? null : { correlation: Number(correlation), error: Number(error) }
  const { digest } = printedTransform(parts, heldOut)
  if (digest !== metadata.digest) {
    throw refusal(file, `its numbers have the digest ${digest}, not ${metadata.digest} as stated`)
  }
  const { component, candidate, reference } = metadata
  return { component, candidate, reference, parts, heldOut, digest: digest as Digest }
}

function refusal(file: string, what: string): AppError {
  return new AppError('SCHEMA_INVALID', `${file}: ${what}`, { hint: WRITE_AGAIN })
}

function tooMuch(file: string, what: string): AppError {
  const hint = 'docs/formats/transform.md lists the bounds: this is no file that dokja wrote'
  return new AppError('LIMIT_EXCEEDED', `${file}: ${what}`, { hint })
}

async function readHeader(reader: ByteReader) {
  const facts = { file: reader.file, fileSizeBytes: reader.sizeBytes }
  if (reader.sizeBytes > FILE_MAX_BYTES) {
    throw tooMuch(facts.file, `${reader.sizeBytes} bytes, more than ${FILE_MAX_BYTES}`)
  }
  const first = await reader.read(0, Math.min(LENGTH_BYTES, reader.sizeBytes))
  const length = readHeaderLength(first, facts)
  if (length > HEADER_MAX_BYTES) {
    throw tooMuch(facts.file, `a header of ${length} bytes, more than ${HEADER_MAX_BYTES}`)
  }
  return parseSafetensorsHeader(await reader.read(LENGTH_BYTES, LENGTH_BYTES + length), facts)
}

function metadataOf(file: string, metadata: ReadonlyMap<string, string>) {
  const version = metadata.get('schemaVersion')
  if (version !== SCHEMA_VERSION) {
    const found = version === undefined ? 'none' : quoted(version)
    throw refusal(
      file,
      `is no recovered transform: schemaVersion ${SCHEMA_VERSION} is wanted, ${found} is there`,
    )
  }
  const parsed = metadataSchema.safeParse(Object.fromEntries(metadata))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.map(String).join('.') ?? ''
  throw refusal(file, `__metadata__ ${place}: ${issue?.message ?? 'is not as described'}`)
}

async function readMap(
  tensors: TensorReader,
  kind: ResidualMap['kind'],
  width: TransformParts['width'],
): Promise<ResidualMap> {
  const { candidate: from, reference: to } = width
  const most = kind === 'rotation' ? ROTATED_AXES_MAX : AXES_MAX
  if (Math.max(from, to) > most) throw tooMuch(tensors.file, `${from} and ${to} axes`)
  if (kind === 'identity') {
    if (from === to) return { kind }
    throw refusal(tensors.file, `${kind} joins ${from} with ${to} axes: it needs equal numbers`)
  }
  if (kind === 'rotation') {
    const data = await tensors.floats(TENSOR_NAMES.rotation, [from, to])
    const at = data.findIndex((entry) => Math.abs(entry) > ROTATION_ENTRY_MAX)
    if (at >= 0) throw tensors.refuse(TENSOR_NAMES.rotation, `entry ${at} is ${data[at]}`)
    const rotation = { data, rows: from, columns: to }
    return { kind, rotation, inverse: transposeRows(rotation) }
  }
  const source = await tensors.integers(TENSOR_NAMES.source, [to])
  const sign = await tensors.signs(TENSOR_NAMES.sign, [to])
  refuseRepeats(tensors, TENSOR_NAMES.source, { places: source, below: from })
  source.forEach((place, at) => {
    if (Math.abs(sign[at] ?? 0) !== Number(place >= 0)) {
      throw tensors.refuse(TENSOR_NAMES.sign, `entry ${at} is ${sign[at]} for axis ${place}`)
    }
  })
  return { kind, source, sign }
}

async function readLayers(tensors: TensorReader): Promise<readonly LayerTransform[]> {
  const map = await tensors.integers(TENSOR_NAMES.layerMap, [null, PLACE_NUMBERS])
  const count = map.length / PLACE_NUMBERS
  if (count > LAYERS_MAX) throw tooMuch(tensors.file, `${count} layers`)
  const layers: LayerTransform[] = []
  const seen = new Set<string>()
  let units = 0
  for (let row = 0; row < count; row++) {
    const place = readPlace(tensors, { map, row, seen })
    const name = TENSOR_NAMES.units(row)
    units += tensors.lengthOf(name)
    if (units > UNITS_MAX) throw tooMuch(tensors.file, `more than ${UNITS_MAX} units in all`)
    const match = await tensors.integers(name, [null])
    refuseRepeats(tensors, name, { places: match, below: UNITS_MAX })
    const scales = await tensors.doubles(TENSOR_NAMES.scales(row), [match.length])
    refuseScales(tensors, TENSOR_NAMES.scales(row), { scales, match })
    layers.push({ ...place, match, scales })
  }
  return layers
}

/** Layer and expert of the candidate, layer and expert of the reference. */
const PLACE_NUMBERS = 4

function readPlace(
  tensors: TensorReader,
  {
    map,
    row,
    seen,
  }: { readonly map: Int32Array; readonly row: number; readonly seen: Set<string> },
): Omit<LayerTransform, 'match' | 'scales'> {
  const numbers = map.subarray(row * PLACE_NUMBERS, (row + 1) * PLACE_NUMBERS)
  const [candidate = -1, expert = -1, reference = -1, referenceExpert = -1] = numbers
  const own = `${candidate}/${expert}`
  const isPlace = candidate >= 0 && reference >= 0 && Math.min(expert, referenceExpert) >= DENSE
  if (!isPlace || seen.has(own)) {
    const what = `row ${row} is ${numbers.join(', ')}: layers count from 0, experts from ${DENSE}, each once`
    throw tensors.refuse(TENSOR_NAMES.layerMap, what)
  }
  seen.add(own)
  const named = (at: number) => (at === DENSE ? null : at)
  return { candidate, reference, expert: named(expert), referenceExpert: named(referenceExpert) }
}

/** Places in the other model: −1 for none, each other one at most once. */
function refuseRepeats(
  tensors: TensorReader,
  name: string,
  { places, below }: { readonly places: Int32Array; readonly below: number },
): void {
  places.forEach((place, at) => {
    if (place >= -1 && place < below) return
    throw tensors.refuse(name, `entry ${at} is ${place}, not −1 and not below ${below}`)
  })
  const sorted = places.toSorted()
  const twice = sorted.find((place, at) => place >= 0 && place === sorted[at - 1])
  if (twice !== undefined) throw tensors.refuse(name, `${twice} stands there twice`)
}

function refuseScales(
  tensors: TensorReader,
  name: string,
  { scales, match }: { readonly scales: Float64Array; readonly match: Int32Array },
): void {
  scales.forEach((scale, unit) => {
    const size = Math.abs(scale)
    const isScale = size >= 1 / SCALE_MAX && size <= SCALE_MAX
    if (scale === 0 || (isScale && (match[unit] ?? -1) >= 0)) return
    throw tensors.refuse(name, `entry ${unit} is ${scale} for the unit ${match[unit]}`)
  })
}

/** Tensors by name, each with one type and shape, and none that nobody asks for. */
class TensorReader {
  readonly file: string
  readonly #reader: ByteReader
  readonly #tensors: ReadonlyMap<string, TensorInfo>
  readonly #asked = new Set<string>()

  constructor(reader: ByteReader, tensors: readonly TensorInfo[]) {
    this.file = reader.file
    this.#reader = reader
    this.#tensors = new Map(tensors.map((one) => [one.name, one]))
  }

  refuse(name: string, what: string): AppError {
    return refusal(this.file, `tensor ${quoted(name)}: ${what}`)
  }

  lengthOf(name: string): number {
    return this.#tensors.get(name)?.shape[0] ?? 0
  }

  async integers(name: string, shape: Shape): Promise<Int32Array> {
    return new Int32Array(await this.#bytes(name, 'I32', shape))
  }

  async signs(name: string, shape: Shape): Promise<Int8Array> {
    return new Int8Array(await this.#bytes(name, 'I8', shape))
  }

  async doubles(name: string, shape: Shape): Promise<Float64Array> {
    return new Float64Array(await this.#bytes(name, 'F64', shape))
  }

  async floats(name: string, shape: Shape): Promise<Float32Array> {
    const values = new Float32Array(await this.#bytes(name, 'F32', shape))
    if (isAllFinite(values)) return values
    throw this.refuse(name, 'holds values that are no numbers')
  }

  refuseOthers(): void {
    for (const name of this.#tensors.keys()) {
      if (!this.#asked.has(name)) throw this.refuse(name, 'is not part of such a transform')
    }
  }

  async #bytes(name: string, dtype: Dtype, shape: Shape): Promise<ArrayBuffer> {
    this.#asked.add(name)
    const tensor = this.#tensors.get(name)
    if (tensor === undefined) throw this.refuse(name, 'is missing')
    const fits =
      tensor.dtype === dtype &&
      tensor.encoding === undefined &&
      tensor.shape.length === shape.length &&
      shape.every((size, at) => size === null || size === tensor.shape[at])
    if (!fits || tensor.storage.kind !== 'file') {
      const wanted = shape.map((size) => size ?? 'any').join(', ')
      const found = `${tensor.dtype} [${tensor.shape.join(', ')}]`
      throw this.refuse(name, `is ${found} where ${dtype} [${wanted}] is wanted`)
    }
    const { beginByte, endByte } = tensor.storage
    // A copy, which begins where any element type may.
    return new Uint8Array(await this.#reader.read(beginByte, endByte)).buffer
  }
}

/** null: any number. */
type Shape = readonly (number | null)[]
