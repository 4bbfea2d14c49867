import {
  packRows,
  type RowCounts,
  rowsOfBoth,
  type SketchScanner,
  withoutInvalid,
} from '../../src/audit/registry/scan-rows.ts'
import { invalidRows, keyOf, rowCount, type Sketch } from '../../src/audit/registry/sketch.ts'
import { assert } from '../../src/base/errors.ts'
import { instantiateKernel, loadKernel, PAGE_BYTES, type WasmMemory } from '../wasm-kernel.ts'

/** A 32-bit memory, less room for the query and the results. */
const MEMORY_BYTES_MAX = 3 * 2 ** 30
const GROUP_BYTES = 128
const RESULT_BYTES = 16

type Exports = {
  readonly memory: WasmMemory
  readonly scan: (
    query: number,
    references: number,
    groups: number,
    count: number,
    out: number,
  ) => void
}

/** References of one key and one number of layers, packed one after the other. */
type Run = {
  readonly first: number
  readonly key: string
  readonly layers: number
  readonly rows: number
  readonly members: readonly number[]
}

/**
 * Packs sketches into the memory of the SIMD kernel once, so that every query is one pass over it.
 * Throws an assertion beyond 3 GiB of sketches: search such a registry in parts.
 */
export function kernelScanner(references: readonly Sketch[]): SketchScanner {
  const runs = planRuns(references)
  const queryRows = Math.max(16, ...references.map(rowCount))
  const queryAt = PAGE_BYTES
  const outAt = queryAt + (queryRows / 16) * GROUP_BYTES
  const dataAt = outAt + references.length * RESULT_BYTES
  const total = dataAt + runs.reduce((sum, run) => sum + run.members.length * run.rows * 8, 0)
  assert(total < MEMORY_BYTES_MAX, `${total} bytes of sketches in one scanner`)
  const { memory, scan } = instantiateKernel<Exports>(loadKernel('sketch-scan'))
  memory.grow(Math.ceil(total / PAGE_BYTES))
  const bytes = new Uint8Array(memory.buffer)
  for (const run of runs) {
    for (const [at, member] of run.members.entries()) {
      const from = dataAt + run.first + at * run.rows * 8
      packRows(references[member] as Sketch, bytes.subarray(from, from + run.rows * 8))
    }
  }
  const invalid = references.map(invalidRows)
  return {
    scan: (query) => {
      const results: (RowCounts | null)[] = references.map(() => null)
      packRows(query, bytes.subarray(queryAt, outAt))
      const words = new Uint32Array(memory.buffer)
      const queryInvalid = invalidRows(query)
      for (const run of runs) {
        if (run.key !== keyOf(query)) continue
        for (const slice of slicesOf(run, query)) {
          scan(queryAt, dataAt + slice.first, slice.groups, slice.members.length, outAt)
          for (const [at, member] of slice.members.entries()) {
            const reference = references[member] as Sketch
            const own = invalid[member] as number[]
            results[member] = withoutInvalid(countsAt(words, outAt + at * RESULT_BYTES), {
              query,
              reference,
              rows: rowsOfBoth(query, reference),
              invalid: union(queryInvalid, own),
            })
          }
        }
      }
      return results
    },
  }
}

function planRuns(references: readonly Sketch[]): Run[] {
  const groups = Map.groupBy(references.keys(), (at) => {
    const sketch = references[at] as Sketch
    return `${keyOf(sketch)}#${sketch.layers}`
  })
  let first = 0
  return [...groups.values()].map((members) => {
    const sketch = references[members[0] ?? 0] as Sketch
    const run = {
      first,
      key: keyOf(sketch),
      layers: sketch.layers,
      rows: rowCount(sketch),
      members,
    }
    first += members.length * run.rows * 8
    return run
  })
}

/** One call for a run whose stride the query covers; one per reference where it has fewer layers. */
function* slicesOf(run: Run, query: Sketch) {
  if (query.layers >= run.layers) {
    yield { first: run.first, groups: run.rows / 16, members: run.members }
    return
  }
  const groups = rowCount(query) / 16
  for (const [at, member] of run.members.entries()) {
    yield { first: run.first + at * run.rows * 8, groups, members: [member] }
  }
}

const countsAt = (words: Uint32Array, atByte: number): Omit<RowCounts, 'rows'> => {
  const at = atByte / 4
  return {
    sum: words[at] ?? 0,
    squares: words[at + 1] ?? 0,
    below: words[at + 2] ?? 0,
    equal: words[at + 3] ?? 0,
  }
}

function union(first: readonly number[], second: readonly number[]): Iterable<number> {
  if (first.length === 0) return second
  return second.length === 0 ? first : new Set([...first, ...second])
}
