import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../base/digest.ts'
import { createRng, randomPermutation } from '../../../base/rng.ts'
import { memoryReader } from '../../../model/byte-reader.ts'
import { readSafetensors } from '../../../model/safetensors/read-safetensors.ts'
import { type NamedTensor, safetensorsBytes } from '../../../model/safetensors/write-safetensors.ts'
import { transposeRows } from '../../../numeric/column-maps.ts'
import { plainEngine } from '../../../numeric/matrix-engine.ts'
import { nearestRotation } from '../../../numeric/nearest-rotation.ts'
import type { ResidualMap } from '../aligned/residual-map.ts'
import { printedTransform, type TransformParts } from '../aligned/transform.ts'
import { readTransform } from './read-transform.ts'
import { FILE_MAX_BYTES, type StoredTransform, transformBytes } from './stored-transform.ts'

const rng = createRng('stored transforms')
const random = {
  rows: 6,
  columns: 6,
  data: Float32Array.from({ length: 36 }, () => rng.nextNormal()),
}
const rotation = nearestRotation(random, plainEngine)!
const MAPS: Record<string, ResidualMap> = {
  identity: { kind: 'identity' },
  signed_permutation: {
    kind: 'signed_permutation',
    source: Int32Array.of(4, -1, 0, 2, 1, 5),
    sign: Int8Array.of(1, 0, -1, 1, -1, -1),
  },
  rotation: { kind: 'rotation', rotation, inverse: transposeRows(rotation) },
}

/** Six axes mixed into four. */
const narrow = { rows: 6, columns: 4, data: rotation.data.filter((_, at) => at % 6 < 4) }
const NARROW: ResidualMap = { kind: 'rotation', rotation: narrow, inverse: transposeRows(narrow) }

function stored(map: ResidualMap, change: Partial<StoredTransform> = {}): StoredTransform {
  const layers = [0, 3].map((candidate) => {
    const match = Int32Array.from(randomPermutation(rng.fork(`${candidate}`), 5))
    match[2] = -1
    const scales = Float64Array.of(1e17, -0.25, 0, 1 / 3, -1e-9)
    const experts = { expert: candidate === 3 ? 1 : null, referenceExpert: null }
    return { candidate, reference: candidate + 1, ...experts, match, scales }
  })
  const parts: TransformParts = { map, width: { candidate: 6, reference: 6 }, layers }
  const heldOut = { correlation: 0.987_654_321, error: 1 / 7 }
  const digest = printedTransform(parts, heldOut).digest as Digest
  const names = { component: 'language_model', candidate: 'org/a', reference: 'org/b' }
  return { ...names, parts, heldOut, digest, ...change }
}

const bytesOf = (transform: StoredTransform) => transformBytes(transform)!
const read = (bytes: Uint8Array) => readTransform(memoryReader('t.safetensors', bytes))

/** The same file with its tensors and texts changed by hand, and no digest made anew. */
async function altered(
  change: (tensors: NamedTensor[], texts: Record<string, string>) => void,
): Promise<Uint8Array> {
  const bytes = bytesOf(stored(MAPS['signed_permutation']!))
  const header = await readSafetensors(memoryReader('t', bytes))
  const tensors = header.tensors.map(({ name, dtype, shape, storage }): NamedTensor => {
    if (storage.kind !== 'file') throw new Error('in memory')
    return { name, dtype, shape, bytes: bytes.slice(storage.beginByte, storage.endByte) }
  })
  const texts = Object.fromEntries(header.metadata)
  change(tensors, texts)
  return safetensorsBytes(tensors, texts)
}

const named = (tensors: NamedTensor[], name: string) => tensors.find((one) => one.name === name)!
const put32 = (tensor: NamedTensor, at: number, value: number) =>
  new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset).setInt32(4 * at, value, true)
const put64 = (tensor: NamedTensor, at: number, value: number) =>
  new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset).setFloat64(8 * at, value, true)

describe('a transform file', () => {
  it.each(Object.entries(MAPS))('gives back what was written, bit for bit: %s', async (_, map) => {
    const written = stored(map)
    const bytes = bytesOf(written)
    expect(await read(bytes)).toEqual(written)
    expect(bytesOf(written)).toEqual(bytes)
    expect(bytesOf(await read(bytes))).toEqual(bytes)
  })

  it('joins different numbers of axes by a rotation', async () => {
    const parts = { ...stored(NARROW).parts, width: { candidate: 6, reference: 4 } }
    const digest = printedTransform(parts, null).digest as Digest
    const written = stored(NARROW, { parts, heldOut: null, digest })
    expect(await read(bytesOf(written))).toEqual(written)
  })

  it('may state nothing and hold no layer', async () => {
    const parts = { ...stored(MAPS['identity']!).parts, layers: [] }
    const digest = printedTransform(parts, null).digest as Digest
    const bare = stored(MAPS['identity']!, { parts, heldOut: null, digest })
    expect(await read(bytesOf(bare))).toEqual(bare)
  })

  it('is not written beyond the bounds of its reader', () => {
    const wide = { candidate: 70_000, reference: 70_000 }
    const { parts } = stored(MAPS['identity']!)
    expect(transformBytes(stored(MAPS['identity']!, { parts: { ...parts, width: wide } }))).toBe(
      null,
    )
    expect(transformBytes(stored(MAPS['identity']!, { component: 'x'.repeat(4001) }))).toBe(null)
  })
})

type Alteration = Parameters<typeof altered>[0]
const REFUSED: Record<string, readonly [Alteration, RegExp]> = {
  'other numbers under the old digest': [
    (tensors) => put64(named(tensors, 'layers.0.scales'), 0, 1.75),
    /numbers have the digest sha256:\w+, not sha256:\w+ as stated/,
  ],
  'a unit twice': [
    (tensors) => {
      for (const at of [0, 1]) put32(named(tensors, 'layers.1.units'), at, 4)
    },
    /"layers\.1\.units": 4 stands there twice/,
  ],
  'a unit below −1': [
    (tensors) => put32(named(tensors, 'layers.0.units'), 1, -2),
    /"layers\.0\.units": entry 1 is -2/,
  ],
  'an axis that the candidate does not have': [
    (tensors) => put32(named(tensors, 'residual.source'), 5, 6),
    /"residual\.source": entry 5 is 6/,
  ],
  'a sign of an axis that there is not': [
    (tensors) => {
      named(tensors, 'residual.sign').bytes[1] = 1
    },
    /"residual\.sign": entry 1 is 1 for axis -1/,
  ],
  'a scale that is no number': [
    (tensors) => put64(named(tensors, 'layers.0.scales'), 3, Number.NaN),
    /"layers\.0\.scales": entry 3 is NaN/,
  ],
  'a scale whose square overflows': [
    (tensors) => put64(named(tensors, 'layers.0.scales'), 3, 1e200),
    /"layers\.0\.scales": entry 3 is 1e\+200/,
  ],
  'a scale of a unit without a partner': [
    (tensors) => put64(named(tensors, 'layers.0.scales'), 2, 1),
    /"layers\.0\.scales": entry 2 is 1 for the unit -1/,
  ],
  'a layer twice': [
    (tensors) => {
      put32(named(tensors, 'layers.map'), 4, 0)
      put32(named(tensors, 'layers.map'), 5, -1)
    },
    /"layers\.map": row 1 is 0, -1, 4, -1/,
  ],
  'an expert below −1': [
    (tensors) => put32(named(tensors, 'layers.map'), 7, -2),
    /"layers\.map": row 1 is 3, 1, 4, -2/,
  ],
  'a tensor missing': [
    (tensors) => tensors.splice(0, tensors.length, ...tensors.filter((t) => !/1\.sc/.test(t.name))),
    /"layers\.1\.scales": is missing/,
  ],
  'a tensor too many': [
    (tensors) => tensors.push({ name: 'x', dtype: 'U8', shape: [1], bytes: new Uint8Array(1) }),
    /"x": is not part of such a transform/,
  ],
  'another element type': [
    (tensors) => {
      const at = tensors.findIndex(({ name }) => name === 'layers.map')
      tensors[at] = { ...tensors[at]!, dtype: 'F32' }
    },
    /"layers\.map": is F32 \[2, 4\] where I32 \[any, 4\] is wanted/,
  ],
  'another width than its lists have': [
    (_, texts) => {
      texts['referenceWidth'] = '7'
    },
    /"residual\.source": is I32 \[6\] where I32 \[7\] is wanted/,
  ],
  'half of what is stated': [
    (_, texts) => {
      delete texts['heldOutError']
    },
    /one of heldOutCorrelation and heldOutError/,
  ],
  'a figure that is none': [
    (_, texts) => {
      texts['heldOutError'] = 'Infinity'
    },
    /__metadata__ heldOutError/,
  ],
  'a text that nobody knows': [
    (_, texts) => {
      texts['extra'] = 'x'
    },
    /__metadata__ .*extra/,
  ],
  'another version': [
    (_, texts) => {
      texts['schemaVersion'] = 'dokja.transform/2'
    },
    /is no recovered transform: schemaVersion dokja\.transform\/1 is wanted, "dokja\.transform\/2" is there/,
  ],
}

describe('a transform file is refused, with the place and a remedy, for', () => {
  it.each(Object.entries(REFUSED))('%s', async (_, [change, message]) => {
    const refused = read(await altered(change))
    await expect(refused).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
      hint: expect.stringContaining('docs/formats/transform.md'),
    })
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow(/^t\.safetensors: /)
  })

  it('being the weights of a model', async () => {
    const bytes = new Uint8Array(16)
    const model = safetensorsBytes([{ name: 'w', dtype: 'F32', shape: [4], bytes }])
    await expect(read(model)).rejects.toThrow(/is no recovered transform: .* none is there/)
  })

  it('a size or header that no transform has', async () => {
    const empty = { read: async () => new Uint8Array(8), file: 't.safetensors' }
    await expect(readTransform({ ...empty, sizeBytes: FILE_MAX_BYTES + 1 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
    const first = new Uint8Array(8)
    new DataView(first.buffer).setBigUint64(0, 5_000_000n, true)
    await expect(
      readTransform({ ...empty, sizeBytes: 6_000_000, read: async () => first }),
    ).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('a rotation of more axes than memory is set aside for', async () => {
    const bytes = await altered((_, texts) => {
      Object.assign(texts, { kind: 'rotation', candidateWidth: '9000', referenceWidth: '9000' })
    })
    await expect(read(bytes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })
})
