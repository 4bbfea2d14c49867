import { type Digest, digestBytes } from '../../base/digest.ts'
import type { Fingerprint } from './fingerprint.ts'
import { encodeFingerprint } from './fingerprint-file.ts'

/** Of everything but the day, the file list and the card: what name, commit and weights alone decide. */
export function weightsDigest(fingerprint: Fingerprint): Digest {
  const { source, model } = fingerprint
  return digestBytes(
    encodeFingerprint({
      ...fingerprint,
      source: { ...source, date: '2000-01-01', files: [] },
      model: { ...model, licence: null },
      claims: { baseModels: [], saysFromScratch: false, licence: null },
    }),
  )
}

/** The same without the name: equal for the weights, tokenizer and configuration of one model wherever it lies. */
export const contentDigest = (fingerprint: Fingerprint): Digest =>
  weightsDigest({ ...fingerprint, source: { ...fingerprint.source, id: '-', commit: null } })
