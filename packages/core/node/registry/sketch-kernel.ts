import {
  invalidRowsOf,
  packRows,
  type SketchRun,
} from '../../src/audit/registry/packed-sketches.ts'
import {
  type RowCounts,
  type RunScanner,
  withoutInvalid,
} from '../../src/audit/registry/scan-rows.ts'
import { invalidRows, keyOf, rowCount, type SketchRows } from '../../src/audit/registry/sketch.ts'
import { assert } from '../../src/base/errors.ts'
import {
  growTo,
  instantiateKernel,
  loadKernel,
  PAGE_BYTES,
  type WasmMemory,
} from '../wasm-kernel.ts'

/** A 32-bit memory. */
const MEMORY_BYTES_MAX = 3 * 2 ** 30
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

/** Where a run lies in the memory of the kernel. */
type Layout = { readonly query: number; readonly out: number; readonly data: number }

/**
 * The SIMD kernel with a memory of its own, which grows to the largest run and is used again for
 * the next. Throws an assertion beyond 3 GiB: search such a registry in smaller runs.
 */
export function sketchKernel(): RunScanner {
  const { memory, scan } = instantiateKernel<Exports>(loadKernel('sketch-scan'))
  let taken = 0
  return (run) => {
    taken++
    const own = taken
    const layout = layOut(run, memory)
    new Uint8Array(memory.buffer).set(run.planes, layout.data)
    const runInvalid = invalidRowsOf(run)
    return (query) => {
      assert(own === taken, 'a run was scanned after the next one was taken in')
      assert(keyOf(query) === keyOf(run.shape), `${keyOf(query)} against ${keyOf(run.shape)}`)
      packRows(query, new Uint8Array(memory.buffer).subarray(layout.query, layout.out))
      for (const { first, count, groups } of callsOf(run, query)) {
        const references = layout.data + first * rowCount(run.shape) * 8
        scan(layout.query, references, groups, count, layout.out + first * RESULT_BYTES)
      }
      const words = new Uint32Array(memory.buffer)
      const queryInvalid = invalidRows(query)
      return run.owners.map((_, at) =>
        withoutInvalid(countsAt(words, layout.out + at * RESULT_BYTES), {
          query,
          run,
          at,
          invalid: [queryInvalid, runInvalid[at] ?? []],
        }),
      )
    }
  }
}

/** The first page is the kernel's; of a query no more rows are used than the run has. */
function layOut(run: SketchRun, memory: Exports['memory']): Layout {
  const query = PAGE_BYTES
  const out = query + rowCount(run.shape) * 8
  const data = out + run.owners.length * RESULT_BYTES
  const total = data + run.planes.length
  assert(total < MEMORY_BYTES_MAX, `${total} bytes of sketches in one run`)
  growTo(memory, total)
  return { query, out, data }
}

/** One call for a run whose stride the query covers; one per sketch where it has fewer layers. */
function* callsOf(run: SketchRun, query: SketchRows) {
  const count = run.owners.length
  if (query.layers >= run.shape.layers) {
    yield { first: 0, count, groups: rowCount(run.shape) / 16 }
    return
  }
  const groups = rowCount(query) / 16
  for (let first = 0; first < count; first++) yield { first, count: 1, groups }
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
