import type { LookupAddress, LookupAllOptions } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { AppError } from '../../src/base/errors.ts'

/**
 * Addresses that a name from outside must not reach: this machine, its network, and ranges that
 * mean no host (RFC 6890 and its registries). Otherwise a reference given to a server could be
 * used to look around inside its network.
 */
const PRIVATE: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Public by its number, and yet the host of a virtual machine at one large provider.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

const blocked = new BlockList()
for (const [network, prefix] of PRIVATE) {
  blocked.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4')
}

/** True for addresses of this machine or a private network. IPv4 inside IPv6 is looked through. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0) return true
  // BlockList looks through ::ffff:a.b.c.d by itself.
  return blocked.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

export function privateAddressError(host: string): AppError {
  return new AppError('USAGE', `${host} is an address of this machine or of a private network`, {
    hint: 'give --allow-private-hosts if that is meant',
  })
}

/** The host of an address: without brackets and the dot that may end a name. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')

/**
 * Names that stand for this machine or its network wherever they are looked up (RFC 6761, 6762,
 * 8375, ICANN's `internal`), and names of one label, which the local resolver completes.
 */
const PRIVATE_NAME = /^[^.:]*$|(^|\.)(localhost|localdomain|local|internal|home\.arpa)$/

/**
 * Refuses hosts that are private by their name or as literal addresses. It looks nothing up, so it
 * holds behind a proxy as well, which resolves names where nobody here sees it.
 * Throws AppError USAGE.
 */
export function refusePrivateHost(url: URL): void {
  const host = hostOf(url)
  if (isIP(host) === 0 ? PRIVATE_NAME.test(host) : isPrivateAddress(host)) {
    throw privateAddressError(host)
  }
}

/** How names are looked up: `dns.lookup`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Name lookup that refuses private addresses at the moment of connecting, so that a name cannot
 * answer one address to a check and another to the connection.
 */
export function guardedLookup(isPrivateAllowed: boolean, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0)
      const first = addresses[0]
      if (!first) return callback(new Error(`no address for ${hostname}`), '', 0)
      if (!isPrivateAllowed && addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(privateAddressError(hostname), '', 0)
      }
      if (options.all === true) {
        return (callback as unknown as (e: null, a: LookupAddress[]) => void)(null, addresses)
      }
      callback(null, first.address, first.family)
    })
  }
}
