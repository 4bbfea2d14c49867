/**
 * Linear programs in doubles: maximise c·x subject to A·x ≤ b, x ≥ 0. Two phases on a dictionary
 * (Cormen et al., Introduction to Algorithms, ch. 29), Bland's rule, so that it ends. The answer is
 * used only for its multipliers, which `prove-bound.ts` checks in exact arithmetic.
 */
export type Dictionary = {
  /** table[i][j]: basic row i = b_i − Σ table[i][j] · nonbasic j; b in the last column. */
  readonly table: Float64Array[]
  /** Variable of each column and each row; columns of A first, then one slack per row of A. */
  readonly nonbasic: Int32Array
  readonly basic: Int32Array
  readonly columns: number
}

export type Start =
  | { readonly kind: 'feasible'; readonly dictionary: Dictionary }
  /** Multipliers y ≥ 0 of the rows with yᵀA ≥ 0 and yᵀb < 0: no x fulfils them all. */
  | { readonly kind: 'infeasible'; readonly multipliers: Float64Array }

const TOLERANCE = 1e-9

/** Finds a first feasible dictionary, by driving out one artificial variable. */
export function startSimplex(rows: readonly Float64Array[], bounds: Float64Array): Start {
  const columns = rows[0]?.length ?? 0
  const count = rows.length
  const artificial = columns + count
  const table = rows.map((row, i) => {
    const line = new Float64Array(columns + 2)
    line.set(row)
    line[columns] = -1
    line[columns + 1] = bounds[i] ?? 0
    return line
  })
  const dictionary: Dictionary = {
    table,
    nonbasic: Int32Array.from({ length: columns + 1 }, (_, j) => (j < columns ? j : artificial)),
    basic: Int32Array.from({ length: count }, (_, i) => columns + i),
    columns: columns + 1,
  }
  let worst = 0
  for (let i = 1; i < count; i++)
    if (constantOf(dictionary, i) < constantOf(dictionary, worst)) worst = i
  const objective = new Float64Array(columns + 2)
  objective[columns] = -1
  if (count > 0 && constantOf(dictionary, worst) < 0) {
    pivot(dictionary, objective, { row: worst, column: columns })
    climb(dictionary, objective)
  }
  if ((objective[columns + 1] ?? 0) > TOLERANCE) {
    return { kind: 'infeasible', multipliers: multipliersOf(dictionary, objective, columns) }
  }
  return { kind: 'feasible', dictionary: withoutArtificial(dictionary, artificial) }
}

export type Optimum =
  | { readonly kind: 'optimal'; readonly multipliers: Float64Array }
  | { readonly kind: 'unbounded' }

/** Maximises c·x from a feasible dictionary, which is left as it was. */
export function maximise(start: Dictionary, costs: Float64Array): Optimum {
  const dictionary = copyOf(start)
  const { table, nonbasic, basic, columns } = dictionary
  const objective = new Float64Array(columns + 1)
  for (let j = 0; j < columns; j++) objective[j] = costs[nonbasic[j] ?? 0] ?? 0
  // A basic variable is replaced by its row, so that only nonbasic ones are left.
  basic.forEach((variable, i) => {
    const cost = variable < costs.length ? (costs[variable] ?? 0) : 0
    if (cost === 0) return
    const row = table[i] ?? new Float64Array()
    for (let j = 0; j < columns; j++) objective[j] = (objective[j] ?? 0) - cost * (row[j] ?? 0)
    objective[columns] = (objective[columns] ?? 0) - cost * (row[columns] ?? 0)
  })
  if (!climb(dictionary, objective)) return { kind: 'unbounded' }
  return { kind: 'optimal', multipliers: multipliersOf(dictionary, objective, costs.length) }
}

const constantOf = (dictionary: Dictionary, row: number): number =>
  dictionary.table[row]?.[dictionary.columns] ?? 0

/** Pivots until no column improves; false when the objective has no bound. */
function climb(dictionary: Dictionary, objective: Float64Array): boolean {
  for (;;) {
    const column = entering(dictionary, objective)
    if (column < 0) return true
    const row = leaving(dictionary, column)
    if (row < 0) return false
    pivot(dictionary, objective, { row, column })
  }
}

function entering(dictionary: Dictionary, objective: Float64Array): number {
  let best = -1
  for (let j = 0; j < dictionary.columns; j++) {
    if ((objective[j] ?? 0) <= TOLERANCE) continue
    if (best < 0 || (dictionary.nonbasic[j] ?? 0) < (dictionary.nonbasic[best] ?? 0)) best = j
  }
  return best
}

function leaving(dictionary: Dictionary, column: number): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  dictionary.table.forEach((row, i) => {
    const rate = row[column] ?? 0
    if (rate <= TOLERANCE) return
    const ratio = Math.max(0, constantOf(dictionary, i)) / rate
    const tied = Math.abs(ratio - least) <= TOLERANCE
    const smaller = tied && (dictionary.basic[i] ?? 0) < (dictionary.basic[best] ?? 0)
    if (best < 0 || (!tied && ratio < least) || smaller) {
      best = i
      least = Math.min(least, ratio)
    }
  })
  return best
}

/** Objective: value = −last + Σ coefficient · nonbasic, kept like a row with the sign turned. */
function pivot(
  dictionary: Dictionary,
  objective: Float64Array,
  at: { readonly row: number; readonly column: number },
): void {
  const { table, basic, nonbasic, columns } = dictionary
  const line = table[at.row] ?? new Float64Array()
  const rate = line[at.column] ?? 1
  for (let j = 0; j <= columns; j++) line[j] = (line[j] ?? 0) / rate
  line[at.column] = 1 / rate
  const eliminate = (row: Float64Array) => {
    const factor = row[at.column] ?? 0
    if (factor === 0) return
    for (let j = 0; j <= columns; j++) row[j] = (row[j] ?? 0) - factor * (line[j] ?? 0)
    row[at.column] = -factor * (line[at.column] ?? 0)
  }
  table.forEach((row, i) => {
    if (i !== at.row) eliminate(row)
  })
  eliminate(objective)
  const variable = nonbasic[at.column] ?? 0
  nonbasic[at.column] = basic[at.row] ?? 0
  basic[at.row] = variable
}

/** The price of each row: minus the objective's coefficient of its slack. */
function multipliersOf(
  dictionary: Dictionary,
  objective: Float64Array,
  variables: number,
): Float64Array {
  const multipliers = new Float64Array(dictionary.table.length)
  dictionary.nonbasic.forEach((variable, j) => {
    const row = variable - variables
    if (row >= 0 && row < multipliers.length) multipliers[row] = Math.max(0, -(objective[j] ?? 0))
  })
  return multipliers
}

function withoutArtificial(dictionary: Dictionary, artificial: number): Dictionary {
  const { table, basic, nonbasic } = dictionary
  const row = basic.indexOf(artificial)
  if (row >= 0) {
    // It is basic at zero: any column with a coefficient takes its place without moving.
    const line = table[row] ?? new Float64Array()
    const column = line.findIndex((rate, j) => j < dictionary.columns && Math.abs(rate) > TOLERANCE)
    if (column >= 0) pivot(dictionary, new Float64Array(dictionary.columns + 1), { row, column })
  }
  const dropped = nonbasic.indexOf(artificial)
  const keep = (_: unknown, j: number) => j !== dropped
  return {
    table: table.map((line) => line.filter(keep)),
    nonbasic: nonbasic.filter(keep),
    basic,
    columns: dictionary.columns - 1,
  }
}

const copyOf = (dictionary: Dictionary): Dictionary => ({
  table: dictionary.table.map((row) => row.slice()),
  nonbasic: dictionary.nonbasic.slice(),
  basic: dictionary.basic.slice(),
  columns: dictionary.columns,
})
