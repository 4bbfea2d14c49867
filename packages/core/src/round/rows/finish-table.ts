import { type Digest, digestBytes, digestJson } from '../../base/digest.ts'
import type { Fault } from '../../base/faults.ts'
import type { InputFile, KeyColumn, LabelColumn, RowTable, TableKind } from './table.ts'

const MAX_ROWS = 20_000_000

/** Rows as they come from the files, in columns that grow. */
export type Draft = {
  readonly keys: readonly { readonly column: KeyColumn; readonly position: number }[]
  readonly labels: readonly Map<string, number>[]
  readonly indexes: number[][]
  readonly units: bigint[]
  readonly digits: number[]
  readonly values: number[]
  readonly status: number[]
  readonly file: number[]
  readonly line: number[]
}

/** Puts drafted rows into canonical order, finds duplicates, and takes the digest. */
export function finishTable(
  draft: Draft,
  context: {
    readonly rules: { readonly source: string; readonly kind: TableKind }
    readonly files: readonly InputFile[]
    readonly faults: Fault[]
  },
): RowTable {
  const { rules, files, faults } = context
  const count = draft.line.length
  if (count > MAX_ROWS) {
    faults.push({ file: files[0]?.path ?? rules.source, message: `more than ${MAX_ROWS} rows` })
  }
  const ranked = draft.labels.map((labels, i) =>
    rankLabels(labels, draft.keys[i]?.column ?? 'item'),
  )
  const keyed = draft.indexes.map((index, i) =>
    ranksOf(index, ranked[i]?.rank ?? new Uint32Array()),
  )
  const order = sortOrder(
    keyed,
    ranked.map((column) => column.labels.length),
    count,
  )
  const digits = draft.digits.reduce((a, b) => Math.max(a, b), 0)
  const scale = Array.from({ length: digits + 1 }, (_, own) => 10n ** BigInt(digits - own))
  const columns = new Map<KeyColumn, LabelColumn>(
    draft.keys.map(({ column }, i) => [
      column,
      { labels: ranked[i]?.labels ?? [], index: gather(keyed[i] ?? new Uint32Array(), order) },
    ]),
  )
  const units = new Array<bigint>(count)
  const values = new Float64Array(count)
  const status = new Uint8Array(count)
  const file = new Uint16Array(count)
  const line = new Uint32Array(count)
  for (let r = 0; r < count; r++) {
    const from = order[r] ?? 0
    const own = draft.digits[from] ?? 0
    const written = draft.units[from] ?? 0n
    units[r] = own === digits ? written : written * (scale[own] ?? 1n)
    values[r] = draft.values[from] ?? Number.NaN
    status[r] = draft.status[from] ?? 0
    file[r] = draft.file[from] ?? 0
    line[r] = draft.line[from] ?? 0
  }
  const unsealed = {
    source: rules.source,
    kind: rules.kind,
    count,
    columns,
    digits,
    units,
    values,
    status,
    file,
    line,
    files: files.map((input) => ({ path: input.path, digest: digestBytes(input.bytes) })),
  }
  findDuplicates(unsealed, faults)
  return { ...unsealed, digest: tableDigest(unsealed) }
}

/** Labels by code unit, epochs by number; `rank[draft index]` is the place in that order. */
function rankLabels(
  labels: ReadonlyMap<string, number>,
  column: KeyColumn,
): { labels: readonly string[]; rank: Uint32Array } {
  const names = [...labels.keys()]
  if (column === 'epoch') names.sort((a, b) => Number(a) - Number(b))
  else names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const rank = new Uint32Array(names.length)
  names.forEach((name, place) => {
    rank[labels.get(name) ?? 0] = place
  })
  return { labels: names, rank }
}

/** Row numbers in canonical order. The keys are mixed into one number while that stays exact. */
function sortOrder(
  keys: readonly Uint32Array[],
  sizes: readonly number[],
  count: number,
): Uint32Array {
  const order = new Uint32Array(count)
  for (let r = 0; r < count; r++) order[r] = r
  const span = sizes.reduce((product, size) => product * Math.max(1, size), 1)
  if (span * Math.max(1, count) < Number.MAX_SAFE_INTEGER) {
    const mixed = new Float64Array(count)
    for (let r = 0; r < count; r++) {
      let key = 0
      for (let k = 0; k < keys.length; k++) key = key * (sizes[k] ?? 1) + (keys[k]?.[r] ?? 0)
      mixed[r] = key * count + r
    }
    mixed.sort()
    for (let i = 0; i < count; i++) order[i] = (mixed[i] ?? 0) % count
    return order
  }
  return order.sort((a, b) => {
    for (const key of keys) {
      const difference = (key[a] ?? 0) - (key[b] ?? 0)
      if (difference !== 0) return difference
    }
    return a - b
  })
}

// Plain loops: typed arrays made from a callback take several times as long at 100,000 rows.
function gather(values: Uint32Array, order: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(order.length)
  for (let r = 0; r < order.length; r++) gathered[r] = values[order[r] ?? 0] ?? 0
  return gathered
}

function ranksOf(index: readonly number[], rank: Uint32Array): Uint32Array {
  const ranks = new Uint32Array(index.length)
  for (let r = 0; r < index.length; r++) ranks[r] = rank[index[r] ?? 0] ?? 0
  return ranks
}

type UnsealedTable = Omit<RowTable, 'digest'>

function findDuplicates(table: UnsealedTable, faults: Fault[]): void {
  const columns = [...table.columns]
  for (let r = 1; r < table.count; r++) {
    if (!columns.every(([, column]) => column.index[r] === column.index[r - 1])) continue
    const [first, second] = inFileOrder(table, r - 1, r)
    const key = columns.map(([name, { labels, index }]) => `${name} ${labels[index[r] ?? 0]}`)
    faults.push({
      file: table.files[table.file[second] ?? 0]?.path ?? table.source,
      line: table.line[second] ?? 0,
      message: `a duplicate: ${key.join(', ')} is already in ${table.files[table.file[first] ?? 0]?.path}:${table.line[first]}`,
    })
  }
}

function inFileOrder(table: UnsealedTable, a: number, b: number): [number, number] {
  const place = (r: number) => (table.file[r] ?? 0) * 2 ** 32 + (table.line[r] ?? 0)
  return place(a) <= place(b) ? [a, b] : [b, a]
}

const BLOCK_ROWS = 4096

/**
 * SHA-256 over the rows in canonical order, one line each: label numbers, units and status, after
 * a header with the kind, the digits and the labels. Equal measurements have equal digests, in
 * whatever order, layout or file they came.
 */
function tableDigest(table: UnsealedTable): Digest {
  const columns = [...table.columns]
  const blocks: string[] = []
  for (let from = 0; from < table.count; from += BLOCK_ROWS) {
    const lines: string[] = []
    for (let r = from; r < Math.min(table.count, from + BLOCK_ROWS); r++) {
      let line = ''
      for (const [, column] of columns) line += `${column.index[r]} `
      lines.push(`${line}${table.units[r]} ${table.status[r]}\n`)
    }
    blocks.push(digestBytes(new TextEncoder().encode(lines.join(''))))
  }
  return digestJson({
    kind: table.kind,
    digits: table.digits,
    labels: Object.fromEntries(columns.map(([name, column]) => [name, column.labels])),
    blocks,
  })
}
