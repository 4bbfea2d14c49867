import type { Fingerprint, TokenizerSketch } from './fingerprint.ts'
import type { SketchRun } from './packed-sketches.ts'
import type { SketchShape } from './sketch.ts'

/**
 * What a search asks of a registry, wherever that lives: folder, database or memory. Entries are
 * named by texts whose order (of code units) is the order of the registry. All answers come from
 * one state: whatever is added meanwhile is not part of the search.
 */
export type SearchableRegistry = {
  readonly count: () => Promise<number>
  /** How many sketches there are of each shape with one of these keys: sizes, no values. */
  readonly shapes: (keys: ReadonlySet<string>) => Promise<readonly ShapeCount[]>
  /**
   * These sketches, in batches that bound the memory. All of one entry come in the same batch.
   * The arrays of a batch may be used again for the next.
   */
  readonly sketches: (keys: ReadonlySet<string>) => AsyncIterable<readonly SketchRun[]>
  /**
   * Entries with one of these blocks (hashes as `hashesOf` gives them), each once. Looked up by the
   * first 64 bits, so a few may hold none: who loads the entry sees.
   */
  readonly holders: (hashes: readonly string[]) => Promise<readonly string[]>
  /** The tokenizers of all models that have one, in order, about 1 KB each. */
  readonly tokenizers: () => AsyncIterable<HeldTokenizer>
  readonly load: (entry: string) => Promise<Fingerprint>
}

export type HeldTokenizer = {
  readonly entry: string
  /** `source.id` of the model. */
  readonly id: string
  readonly tokenizer: TokenizerSketch
}

export type ShapeCount = { readonly shape: SketchShape; readonly sketches: number }

/** Shapes of one key and depth added up. */
export function addShapes(counts: Iterable<ShapeCount>): ShapeCount[] {
  const sums = new Map<string, { shape: SketchShape; sketches: number }>()
  for (const { shape, sketches } of counts) {
    const name = `${shape.role}/${shape.width}/${shape.rowsPerLayer}/${shape.layers}`
    const sum = sums.get(name)
    if (sum) sum.sketches += sketches
    else sums.set(name, { shape, sketches })
  }
  return [...sums.values()]
}
