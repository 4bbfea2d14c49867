import { perObject } from '../../base/per-object.ts'
import { HASH_BYTES } from './content-hashes.ts'
import type { ComponentFingerprint, Fingerprint } from './fingerprint.ts'

export type ContentMatch = {
  /** Blocks of the candidate that hold enough information to count. */
  readonly informative: number
  /** Of these, how many have an equal block anywhere in the reference's component. */
  readonly equal: number
  /** log10 of the chance that any two of the blocks compared agree in 128 bits. */
  readonly log10P: number | null
}

/** Whole blocks found again under any name and at any place, by their hashes. */
export function compareContent(
  candidate: ComponentFingerprint,
  reference: ComponentFingerprint,
): ContentMatch {
  const own = hashesOf(candidate)
  const other = distinctHashes(reference)
  const equal = own.filter((hash) => other.has(hash)).length
  const compared = own.length * other.size
  const collision = Math.log10(Math.max(1, compared)) - 128 * Math.log10(2)
  return {
    informative: own.length,
    equal,
    log10P: own.length === 0 ? null : equal > 0 ? Math.min(0, collision) : 0,
  }
}

/** Informative hashes as text, one per block and one character per byte. */
export const hashesOf = perObject(({ content }: ComponentFingerprint): readonly string[] => {
  const found: string[] = []
  for (const { hashes } of content) {
    for (let at = 0; at + HASH_BYTES <= hashes.length; at += HASH_BYTES) {
      const hash = hashes.subarray(at, at + HASH_BYTES)
      if (hash.some((byte) => byte !== 0)) found.push(String.fromCharCode(...hash))
    }
  }
  return found
})

const distinctHashes = perObject(
  (component: ComponentFingerprint): ReadonlySet<string> => new Set(hashesOf(component)),
)

/** All informative hashes of a model, each once. */
export const blocksOf = ({ components }: Fingerprint): ReadonlySet<string> =>
  new Set(components.flatMap(hashesOf))

export const holdsBlock = ({ components }: Fingerprint, blocks: ReadonlySet<string>): boolean =>
  components.some((component) => hashesOf(component).some((hash) => blocks.has(hash)))
