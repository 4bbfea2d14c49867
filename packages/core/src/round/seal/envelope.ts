import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { decodeBase64, encodeBase64 } from '../../base/base64.ts'
import { canonicalBytes, type JsonValue } from '../../base/canonical-json.ts'
import { type Digest, digestBytes } from '../../base/digest.ts'

/** An Ed25519 key pair, both halves as 64 hexadecimal digits. */
export type SigningKey = { readonly secret: string; readonly public: string }

export const envelopeSchema = z.strictObject({
  payloadType: z.string().min(1),
  payload: z.base64(),
  signatures: z
    .array(z.strictObject({ keyid: z.string().min(1), sig: z.base64() }))
    .min(1)
    .max(16),
})

/** A DSSE envelope: https://github.com/secure-systems-lab/dsse (protocol, version 1). */
export type Envelope = z.infer<typeof envelopeSchema>

/** A key from 32 bytes of randomness, which the caller draws. */
export function keyFromSeed(seed: Uint8Array): SigningKey {
  return { secret: bytesToHex(seed), public: bytesToHex(ed25519.getPublicKey(seed)) }
}

/** Names a public key: the SHA-256 of its 32 bytes. */
export const keyIdOf = (publicKey: string): Digest => digestBytes(hexToBytes(publicKey))

/** Pre-authentication encoding: what is signed covers the type as well as the payload. */
function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder()
  const type = encoder.encode(payloadType)
  const head = encoder.encode(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `)
  const joined = new Uint8Array(head.length + payload.length)
  joined.set(head)
  joined.set(payload, head.length)
  return joined
}

/** Signs the RFC 8785 bytes of a value. */
export function signEnvelope(value: JsonValue, payloadType: string, key: SigningKey): Envelope {
  const payload = canonicalBytes(value)
  const signature = ed25519.sign(
    preAuthenticationEncoding(payloadType, payload),
    hexToBytes(key.secret),
  )
  return {
    payloadType,
    payload: encodeBase64(payload),
    signatures: [{ keyid: keyIdOf(key.public), sig: encodeBase64(signature) }],
  }
}

export type OpenedEnvelope =
  | { readonly kind: 'signed'; readonly payload: Uint8Array }
  | { readonly kind: 'invalid'; readonly reason: string }

/** The payload, if the envelope is of this type and one signature of this key holds. */
export function openEnvelope(
  envelope: Envelope,
  payloadType: string,
  publicKey: string,
): OpenedEnvelope {
  const invalid = (reason: string): OpenedEnvelope => ({ kind: 'invalid', reason })
  if (envelope.payloadType !== payloadType) return invalid(`it is of type ${envelope.payloadType}`)
  const payload = decodeBase64(envelope.payload)
  if (!payload) return invalid('its payload is not base64')
  const message = preAuthenticationEncoding(payloadType, payload)
  const own = envelope.signatures.filter((entry) => entry.keyid === keyIdOf(publicKey))
  if (own.length === 0) return invalid('it is not signed with the key that it names')
  const holds = own.some((entry) => {
    const signature = decodeBase64(entry.sig)
    return signature?.length === 64 && verifies(signature, message, publicKey)
  })
  return holds ? { kind: 'signed', payload } : invalid('its signature does not hold')
}

function verifies(signature: Uint8Array, message: Uint8Array, publicKey: string): boolean {
  try {
    return ed25519.verify(signature, message, hexToBytes(publicKey))
  } catch {
    // The library throws for a key that is no point of the curve.
    return false
  }
}
