import type { PairSums } from '../pair-sums.ts'

/** The definition of `dot` in kernels.ts, term by term: lane i mod 8, then the fixed tree. */
export function dotReference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const l = new Array<number>(8).fill(0)
  for (let i = 0; i < a.length; i++) l[i % 8]! += a[i]! * b[i]!
  return l[0]! + l[4]! + (l[2]! + l[6]!) + (l[1]! + l[5]! + (l[3]! + l[7]!))
}

/** The definition of one block of `pairSums`: lane i mod 4, then the fixed tree. */
export function blockSumsReference(a: ArrayLike<number>, b: ArrayLike<number>): PairSums {
  const inLanes = (term: (i: number) => number) => {
    const l = new Array<number>(4).fill(0)
    for (let i = 0; i < a.length; i++) l[i % 4]! += term(i)
    return l[0]! + l[2]! + (l[1]! + l[3]!)
  }
  return {
    count: a.length,
    sumA: inLanes((i) => a[i]!),
    sumB: inLanes((i) => b[i]!),
    sumAA: inLanes((i) => a[i]! * a[i]!),
    sumBB: inLanes((i) => b[i]! * b[i]!),
    sumAB: inLanes((i) => a[i]! * b[i]!),
  }
}
