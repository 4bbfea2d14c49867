import { sha256 } from '@noble/hashes/sha2.js'
import { z } from 'zod'
import { canonicalBytes, type JsonValue } from '../../base/canonical-json.ts'
import { AppError } from '../../base/errors.ts'
import { parseStrictJson } from '../../base/strict-json.ts'
import { HASH_BYTES } from './content-hashes.ts'
import type { ComponentFingerprint, ContentEntry, Fingerprint, NormSketch } from './fingerprint.ts'
import { type FingerprintHeader, headerSchema } from './fingerprint-header.ts'
import { rowCount, type Sketch } from './sketch.ts'
import { TOKEN_BUCKETS } from './tokenizer-sketch.ts'

/** 'DOKJAFP' and the version of the container. */
const MAGIC = Uint8Array.of(0x44, 0x4f, 0x4b, 0x4a, 0x41, 0x46, 0x50, 1)
const DIGEST_BYTES = 32
const HEADER_BYTES_MAX = 16 * 2 ** 20
export const FINGERPRINT_BYTES_MAX = 64 * 2 ** 20

/**
 * The bytes of a fingerprint: magic, header length (u32), canonical JSON header, the sections in
 * the order in which the header names what they hold, SHA-256 of all before. Equal fingerprints
 * have equal bytes.
 */
export function encodeFingerprint(fingerprint: Fingerprint): Uint8Array<ArrayBuffer> {
  const header = canonicalBytes(headerOf(fingerprint) as unknown as JsonValue)
  const sections = fingerprint.components.flatMap(sectionsOf)
  if (fingerprint.tokenizer) sections.push(littleEndian(fingerprint.tokenizer.buckets))
  const size = sections.reduce((sum, section) => sum + section.length, 0)
  const start = MAGIC.length + 4 + header.length
  const bytes = new Uint8Array(start + size + DIGEST_BYTES)
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true)
  bytes.set(header, MAGIC.length + 4)
  let at = start
  for (const section of sections) {
    bytes.set(section, at)
    at += section.length
  }
  bytes.set(sha256(bytes.subarray(0, at)), at)
  return bytes
}

/**
 * Reads a fingerprint that may be hostile: sizes follow from the header and must add up to the
 * file's. `file` names it in messages. Throws AppError SCHEMA_INVALID, LIMIT_EXCEEDED or JSON_INVALID.
 */
export function decodeFingerprint(bytes: Uint8Array, file: string): Fingerprint {
  const refuse = (message: string) =>
    new AppError('SCHEMA_INVALID', `${file}: ${message}`, {
      hint: 'make the fingerprint again; docs/formats/fingerprint.md describes the file',
    })
  if (bytes.length > FINGERPRINT_BYTES_MAX) {
    throw new AppError('LIMIT_EXCEEDED', `${file}: ${bytes.length} bytes for a fingerprint`)
  }
  const start = MAGIC.length + 4
  if (bytes.length < start + DIGEST_BYTES || MAGIC.some((byte, at) => bytes[at] !== byte)) {
    throw refuse('not a fingerprint of this version')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getUint32(MAGIC.length, true)
  const end = bytes.length - DIGEST_BYTES
  if (headerBytes > Math.min(HEADER_BYTES_MAX, end - start)) throw refuse('its header is cut off')
  const digest = sha256(bytes.subarray(0, end))
  if (digest.some((byte, at) => bytes[end + at] !== byte)) {
    throw refuse('was altered or cut off: its digest is another')
  }
  const header = readHeader(bytes.subarray(start, start + headerBytes), file)
  const reader = sectionReader(bytes.subarray(start + headerBytes, end), refuse)
  const components = header.components.map((component) => readComponent(component, reader))
  const { tokenizer } = header
  const read = tokenizer
    ? { tokens: tokenizer.tokens, buckets: words(reader.take(tokenizer.buckets * 4)) }
    : null
  if (reader.left() > 0) throw refuse(`${reader.left()} bytes more than its header names`)
  const { source, model, claims } = header
  return { source, model, claims, tokenizer: read, components }
}

function readHeader(bytes: Uint8Array, file: string): FingerprintHeader {
  const value = parseStrictJson(bytes, { source: file, leadingWhitespace: 'refused' })
  const parsed = headerSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AppError('SCHEMA_INVALID', `${file}: header: ${z.prettifyError(parsed.error)}`)
}

type SectionReader = {
  readonly take: (sizeBytes: number) => Uint8Array
  readonly left: () => number
}

function sectionReader(bytes: Uint8Array, refuse: (message: string) => AppError): SectionReader {
  let at = 0
  return {
    left: () => bytes.length - at,
    take: (sizeBytes) => {
      if (sizeBytes > bytes.length - at) throw refuse('its sections are cut off')
      at += sizeBytes
      // A copy, which views of other element sizes need; `slice` of Node's Buffer would be none.
      return new Uint8Array(bytes.subarray(at - sizeBytes, at))
    },
  }
}

function readComponent(
  header: FingerprintHeader['components'][number],
  reader: SectionReader,
): ComponentFingerprint {
  const { component, parameters, dtype } = header
  const sketches = header.sketches.map((sketch): Sketch => {
    const rows = sketch.layers * sketch.rowsPerLayer
    return { ...sketch, bits: reader.take(rows * 8), valid: reader.take(rows / 8) }
  })
  const content = header.content.map(([label, rows, cols, blocks]): ContentEntry => {
    return { label, rows, cols, hashes: reader.take(blocks * HASH_BYTES) }
  })
  const { norms } = header
  if (norms === null) return { component, parameters, dtype, sketches, content, norms: null }
  const scales = new Float32Array(words(reader.take(norms.places.length * 4)).buffer)
  const values = new Int8Array(reader.take(norms.places.length * norms.dims).buffer)
  return { component, parameters, dtype, sketches, content, norms: { ...norms, scales, values } }
}

function headerOf(fingerprint: Fingerprint): FingerprintHeader {
  const { source, model, claims, tokenizer, components } = fingerprint
  return {
    schemaVersion: 'dokja.fingerprint/1',
    source: { ...source, files: [...source.files] },
    model: { ...model, config: { ...model.config } },
    claims: { ...claims, baseModels: [...claims.baseModels] },
    tokenizer: tokenizer ? { tokens: tokenizer.tokens, buckets: TOKEN_BUCKETS } : null,
    components: components.map(({ component, parameters, dtype, sketches, content, norms }) => ({
      component,
      parameters,
      dtype,
      sketches: sketches.map(({ role, width, layers, rowsPerLayer, signs }) => ({
        role,
        width,
        layers,
        rowsPerLayer,
        signs,
      })),
      content: content.map(({ label, rows, cols, hashes }): [string, number, number, number] => [
        label,
        rows,
        cols,
        hashes.length / HASH_BYTES,
      ]),
      norms: norms ? { dims: norms.dims, places: [...norms.places] } : null,
    })),
  }
}

const sectionsOf = (component: ComponentFingerprint): Uint8Array[] => [
  ...component.sketches.flatMap((sketch) => [
    sketch.bits.subarray(0, rowCount(sketch) * 8),
    sketch.valid.subarray(0, rowCount(sketch) / 8),
  ]),
  ...component.content.map((entry) => entry.hashes),
  ...(component.norms ? normSections(component.norms) : []),
]

const normSections = ({ scales, values }: NormSketch): Uint8Array[] => [
  littleEndian(new Uint32Array(scales.buffer, scales.byteOffset, scales.length)),
  new Uint8Array(values.buffer, values.byteOffset, values.length),
]

function littleEndian(values: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, at) => {
    view.setUint32(at * 4, value, true)
  })
  return bytes
}

function words(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true))
}
