import type { Note } from '../../result.ts'
import type { ColumnPair } from '../measure-residual.ts'
import type { NormCounts } from '../norms.ts'

/** Trained residual axes are unlike each other; rotated ones are normal mixtures (kurtosis 3). */
const PRIVILEGED_KURTOSIS_MIN = 4
const MIXED_KURTOSIS_MAX = 3.3

/**
 * Signs that a model was re-parameterised, always against the reference: what both lack may be a
 * habit of the family. They are no evidence of descent and enter no verdict.
 */
export function anomalyNotes(norms: NormCounts, columns: ColumnPair | null): Note[] {
  const notes: Note[] = []
  if (norms.pairs >= 2 && norms.candidateVaries === 0 && norms.referenceVaries === norms.pairs) {
    notes.push({ code: 'looks_reparameterised', values: { sign: 'norms_constant' } })
  }
  if (columns && isMixed(columns)) {
    notes.push({ code: 'looks_reparameterised', values: { sign: 'axes_isotropic' } })
  }
  return notes
}

const isMixed = ({ candidate, reference }: ColumnPair): boolean => {
  if (kurtosis(reference) < PRIVILEGED_KURTOSIS_MIN) return false
  const own = kurtosis(candidate)
  // 0: nothing of the candidate's columns could be read.
  return own > 0 && own <= MIXED_KURTOSIS_MAX
}

/** E x⁴ / (E x²)² of entries that are centred already; 3 for normal numbers. */
function kurtosis(values: Float32Array): number {
  let squares = 0
  let fourths = 0
  for (let i = 0; i < values.length; i++) {
    const square = (values[i] as number) ** 2
    squares += square
    fourths += square * square
  }
  return squares > 0 ? (fourths * values.length) / squares ** 2 : 0
}
