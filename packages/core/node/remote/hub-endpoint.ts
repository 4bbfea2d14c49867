import { AppError } from '../../src/base/errors.ts'
import type { RemoteAccess } from './remote-access.ts'
import { shownAddress } from './shown-address.ts'

const PUBLIC_HUB = 'https://huggingface.co'

/** The hub that is asked, and what authorizes requests to it. Throws AppError USAGE. */
export function hubOf(options: { readonly endpoint?: string; readonly token?: string }): {
  readonly endpoint: string
  readonly authorization: RemoteAccess['authorization']
} {
  const { HF_ENDPOINT, HF_TOKEN } = process.env
  const endpoint = checkedEndpoint(options.endpoint ?? (HF_ENDPOINT || PUBLIC_HUB))
  const token = options.token ?? HF_TOKEN
  const { origin } = new URL(endpoint)
  return { endpoint, authorization: token ? { origin, header: headerOf(token) } : undefined }
}

function checkedEndpoint(endpoint: string): string {
  if (URL.canParse(endpoint) && /^https?:\/\//i.test(endpoint)) return endpoint.replace(/\/+$/, '')
  throw new AppError('USAGE', `${shownAddress(endpoint)} is not the address of a hub`, {
    hint: 'HF_ENDPOINT must be an address such as https://huggingface.co',
  })
}

/** What is no token would otherwise be refused by Node, in a message that repeats it. */
function headerOf(token: string): string {
  const trimmed = token.trim()
  if (/^[\x20-\x7e]+$/.test(trimmed)) return `Bearer ${trimmed}`
  throw new AppError('USAGE', 'HF_TOKEN is not a token: it holds characters that none has', {
    hint: 'set HF_TOKEN to the token alone, or unset it',
  })
}
