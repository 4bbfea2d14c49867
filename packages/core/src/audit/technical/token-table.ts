import type { Role } from '../../model/role.ts'

/**
 * The table of the tokens. Smaller tables stand beside it under the same kind (BERT's token types,
 * two rows that sort before the words), and a residual axis shows only through many rows. Without
 * an embedding, the output head. Of equally long tables the first.
 */
export function tokenTable<T>(entries: readonly T[], roleOf: (entry: T) => Role): T | null {
  for (const kind of ['embedding', 'head'] as const) {
    const tables = entries.filter((entry) => {
      const role = roleOf(entry)
      return role.kind === kind && role.part === 'weight'
    })
    const rowsOf = (entry: T) => roleOf(entry).view.rows
    const [first, ...others] = tables
    if (first === undefined) continue
    return others.reduce((best, entry) => (rowsOf(entry) > rowsOf(best) ? entry : best), first)
  }
  return null
}
