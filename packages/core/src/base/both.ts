/**
 * Both results, once both are settled: memory that either writes into may be used again then, even where
 * the other failed. Throws what the first of them that failed did.
 */
export async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}
