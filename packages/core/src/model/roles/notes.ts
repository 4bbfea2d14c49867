import type { Role } from '../role.ts'
import { elementCount } from '../tensor.ts'
import type { Classified } from './classify.ts'

/** What stayed unknown and what was assumed, one line per pattern of names. */
export function notesOn(items: readonly Classified[], roles: readonly Role[]): readonly string[] {
  const byTensor = Map.groupBy(roles, (role) => role.tensor)
  const unknown = items.filter(({ entry, word }) => {
    const kinds = byTensor.get(entry.tensor.name) ?? []
    return (
      word === undefined &&
      elementCount(entry.tensor.shape) > 4 &&
      kinds.every((role) => role.kind === 'other' || role.kind === 'linear')
    )
  })
  const patterns = Map.groupBy(unknown, ({ entry }) => entry.tensor.name.replace(/\d+/g, '*'))
  const lines = [...patterns].map(([pattern, members]) => {
    const kinds = new Set(
      members.flatMap((m) => byTensor.get(m.entry.tensor.name) ?? []).map((r) => r.kind),
    )
    return `${members.length} × ${pattern}: no known role, kept as ${[...kinds].join(' and ')}`
  })
  const packed = items.filter(({ entry }) => entry.residue !== undefined)
  const residues = new Set(packed.map(({ entry }) => entry.residue))
  if (residues.size > 0) {
    lines.push(
      `${packed.length} tensors belong to a packed or decomposed weight: ${[...residues].sort().join(', ')}`,
    )
  }
  const bySize = new Set(roles.filter(({ basis }) => basis === 'shape').map(({ tensor }) => tensor))
  if (bySize.size > 0) lines.push(`${bySize.size} tensors were read from their sizes alone`)
  if (items.some(({ component }) => component === 'adapter')) {
    lines.push('adapters are low-rank changes to a base model and are kept as they are stored')
  }
  return lines.sort()
}
