import type { ByteReader } from '../byte-reader.ts'
import {
  LENGTH_BYTES,
  parseSafetensorsHeader,
  readHeaderLength,
  type SafetensorsHeader,
} from './header.ts'

/**
 * Reads the header of one safetensors file: two reads, 8 bytes and the JSON.
 * Throws what `readHeaderLength` and `parseSafetensorsHeader` throw.
 */
export async function readSafetensors(reader: ByteReader): Promise<SafetensorsHeader> {
  const facts = { file: reader.file, fileSizeBytes: reader.sizeBytes }
  const first = await reader.read(0, Math.min(LENGTH_BYTES, reader.sizeBytes))
  const headerBytes = readHeaderLength(first, facts)
  const header = await reader.read(LENGTH_BYTES, LENGTH_BYTES + headerBytes)
  return parseSafetensorsHeader(header, facts)
}
