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

const isMixed = ({ kurtosis }: ColumnPair): boolean =>
  kurtosis.reference >= PRIVILEGED_KURTOSIS_MIN &&
  // 0: nothing of the candidate's columns could be read.
  kurtosis.candidate > 0 &&
  kurtosis.candidate <= MIXED_KURTOSIS_MAX
