import { AppError, keyIdOf } from '@dokja/core'
import { InvalidArgumentError } from 'commander'

/** A key id ('sha256:…'), or the public key itself, as an option of the command line. */
export function parseSigner(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return text
  if (/^[0-9a-f]{64}$/.test(text)) return keyIdOf(text)
  throw new InvalidArgumentError(
    'a whole key id (sha256: and 64 digits) or a public key (64 digits)',
  )
}

/** Throws AppError LOG_INVALID, which ends with 1, where a bundle is not signed by the key that is asked for. */
export function requireSigner(
  bundle: string,
  signedBy: string | null,
  wanted: string | undefined,
): void {
  if (wanted === undefined || signedBy === wanted) return
  const found = signedBy === null ? 'is not signed' : `is signed by ${signedBy}`
  throw new AppError('LOG_INVALID', `${bundle} ${found}, not by ${wanted}`, {
    hint: 'compare the key id with the one that the maker publishes; nothing of it was added',
  })
}
