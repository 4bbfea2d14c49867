import type { TokenizerSketch } from '../../src/audit/registry/fingerprint.ts'
import { TOKEN_BUCKETS } from '../../src/audit/registry/tokenizer-sketch.ts'

/** A tokenizer's buckets as bytes: u32, little-endian. */
export const BUCKET_BYTES = TOKEN_BUCKETS * 4

export function bucketBytes({ buckets }: TokenizerSketch): Uint8Array {
  const bytes = new Uint8Array(BUCKET_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [at, value] of buckets.entries()) view.setUint32(at * 4, value, true)
  return bytes
}

/** A copy, so that the bytes may be used again. */
export function bucketsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BUCKET_BYTES)
  return Uint32Array.from({ length: TOKEN_BUCKETS }, (_, at) => view.getUint32(at * 4, true))
}
