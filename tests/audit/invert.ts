/** The inverse of a small regular matrix, by elimination with pivots. */
export function invert(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length
  const rows = matrix.map((row, i) => [
    ...row,
    ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
  ])
  for (let at = 0; at < size; at++) {
    let pivot = at
    for (let i = at; i < size; i++) {
      if (Math.abs(rows[i]![at]!) > Math.abs(rows[pivot]![at]!)) pivot = i
    }
    const swapped = rows[pivot]!
    rows[pivot] = rows[at]!
    const lead = swapped[at]!
    rows[at] = swapped.map((x) => x / lead)
    for (let i = 0; i < size; i++) {
      const factor = rows[i]![at]!
      if (i !== at && factor !== 0) rows[i] = rows[i]!.map((x, j) => x - factor * rows[at]![j]!)
    }
  }
  return rows.map((row) => row.slice(size))
}
