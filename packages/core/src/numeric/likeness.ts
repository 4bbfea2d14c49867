/**
 * Likeness of two rows:
 *
 * - cosine: the product of the rows, each first divided by its length (float32, matrix-engine.ts);
 * - absolute-cosine: its absolute value;
 * - euclidean: minus the squared distance (float64, nearest-by-distance.ts).
 *
 * It depends on the two rows only, never on their place: permuting rows permutes all likenesses
 * exactly, and negating a row negates its cosines exactly. A zero row has cosine 0 with every row.
 */
export type Likeness = 'cosine' | 'absolute-cosine' | 'euclidean'

export type NearestOptions = {
  readonly by: Likeness
  /**
   * The rows that take part, numbered in this order; all as they lie unless given. The same as
   * taking them out first, without the copies.
   */
  readonly order?: { readonly a: Uint32Array; readonly b: Uint32Array }
}

/** Of equal values the first: **callers that count coincidences of indices must shuffle rows first**. */
export type NearestRows = {
  /** For each row of `a` a row of `b`, or −1 where there is none. */
  readonly ofA: Int32Array
  readonly ofB: Int32Array
  /** How alike each row of `a` and its row of `b` are; −∞ where there is none. */
  readonly likenessOfA: Float64Array
}
