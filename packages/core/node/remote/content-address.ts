/**
 * What object stores and networks of caches add to an address when they sign it: it says who may read
 * and until when, never what is read.
 */
const SIGNATURE =
  /^(x-(amz|goog|cos|obs|oss(?!-process))-.+|signature|sig|expires|key-pair-id|policy|awsaccesskeyid|googleaccessid|ossaccesskeyid|se|st|sp|sv|sr|spr|skoid|sktid|skt|ske|sks|skv|hdnts)$/i

/** The address without its signature: a new one for the same file goes on from what the old one read. */
export function contentAddress(address: string): string {
  const url = new URL(address)
  for (const name of [...url.searchParams.keys()]) {
    if (SIGNATURE.test(name)) url.searchParams.delete(name)
  }
  return url.href
}
