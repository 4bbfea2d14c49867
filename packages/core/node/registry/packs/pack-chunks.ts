import { createHash } from 'node:crypto'
import { type Stats, statSync } from 'node:fs'

/** A file with what tells it from any other that bears its name: size, time and number. */
export type StampedFile = { readonly file: string; readonly stamp: string }

export type PackChunk = { readonly name: string; readonly files: readonly StampedFile[] }

const ENTRIES_USUAL = 128
const ENTRIES_MAX = 512
/** Of fingerprints, so that many large ones do not make a pack that no memory holds. */
const BYTES_MAX = 256 * 2 ** 20

/**
 * Divides sorted files. A chunk ends at names that a hash picks, so that one file more or less
 * changes one chunk and leaves all others with their files and their names. Files that are gone
 * by now are passed over.
 */
export function* chunksOf(
  files: readonly string[],
  pathOf: (file: string) => string,
): Generator<PackChunk> {
  let held: StampedFile[] = []
  let bytes = 0
  for (const file of files) {
    const stats = statSync(pathOf(file), { throwIfNoEntry: false })
    if (!stats) continue
    held.push({ file, stamp: stampOf(stats) })
    bytes += stats.size
    const isEnd = hashOf(file) % ENTRIES_USUAL === 0
    if (!isEnd && held.length < ENTRIES_MAX && bytes < BYTES_MAX) continue
    yield { name: nameOf(file), files: held }
    held = []
    bytes = 0
  }
  if (held.length > 0) yield { name: 'last', files: held }
}

/** A file that is renamed into the place of another has another number, whatever its time says. */
const stampOf = ({ size, mtimeMs, ino }: Stats): string => `${size}/${mtimeMs}/${ino}`

const nameOf = (file: string): string =>
  createHash('sha256').update(file).digest('hex').slice(0, 24)

/** FNV-1a: quick, and no more is asked of it. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  // The last bits of a product are the least mixed.
  return (hash ^ (hash >>> 15)) >>> 0
}
