import { BlockList, isIP } from 'node:net'
import { AppError } from '../../src/base/errors.ts'
import { hostOf } from './address-guard.ts'

/** What `process.env` says of proxies. */
export type ProxySettings = Readonly<Record<string, string | undefined>>

/**
 * The proxy for an address, or null where it is asked directly: `http_proxy` or `https_proxy` by the
 * scheme, unless `no_proxy` exempts the host; lower case before upper case, as curl and Node have it.
 * Decided here and nowhere else: a second opinion, such as Node's, would leave requests unguarded
 * that this one believed to go through a proxy.
 *
 * Throws AppError USAGE where the setting names something other than an HTTP proxy.
 */
export function proxyFor(url: URL, settings: ProxySettings): string | null {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const stated = settings[name] || settings[name.toUpperCase()]
  if (!stated || isExempt(url, settings['no_proxy'] || settings['NO_PROXY'] || '')) return null
  return readProxy(settings[name] ? name : name.toUpperCase(), stated.trim())
}

function readProxy(name: string, stated: string): string {
  // `host:port` is usual, and would parse as an address of the scheme `host`.
  const text = stated.includes('://') ? stated : `http://${stated}`
  const proxy = URL.canParse(text) ? new URL(text) : undefined
  if ((proxy?.protocol === 'http:' || proxy?.protocol === 'https:') && proxy.hostname !== '') {
    return proxy.href
  }
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(stated)?.[0]
  const what =
    scheme === undefined || /^https?$/i.test(scheme)
      ? 'its value is no address of a proxy'
      : `it names a ${scheme} proxy, and only HTTP proxies are supported`
  // The value itself may hold a password.
  throw new AppError('USAGE', `${name}: ${what}`, {
    hint: `set ${name} to http://host:port, or name in NO_PROXY what is to be asked directly`,
  })
}

/** `no_proxy` as usual: entries parted by commas or blanks. */
function isExempt(url: URL, exempt: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const host = hostOf(url)
  return exempt
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, { host, port }))
}

/**
 * `*`; `host` (with all names below it); `.suffix` or `*.suffix` (names below it); an IP address;
 * a network such as 10.0.0.0/8; any of these but the last with `:port`.
 */
function matches(entry: string, target: { readonly host: string; readonly port: string }): boolean {
  if (entry === '*') return true
  const { host, port } = splitPort(entry)
  if (port !== undefined && port !== target.port) return false
  const [network = '', prefix] = host.split('/')
  if (isIP(network) !== 0) return holds(network, prefix, target.host)
  const name = host.replace(/\.$/, '')
  if (/^\*?\./.test(name)) return target.host.endsWith(name.replace(/^\*/, ''))
  return target.host === name || target.host.endsWith(`.${name}`)
}

function splitPort(entry: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry)
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] }
  if (isIP(entry.split('/')[0] ?? '') === 6) return { host: entry, port: undefined }
  const [, host = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
  return { host, port }
}

/** Whether an address lies in a network. Names are not looked up to find out. */
function holds(network: string, prefix: string | undefined, host: string): boolean {
  const family = isIP(network) === 4 ? 'ipv4' : 'ipv6'
  const bits = Number(prefix ?? (family === 'ipv4' ? 32 : 128))
  if (isIP(host) === 0 || !Number.isInteger(bits) || bits < 0) return false
  if (bits > (family === 'ipv4' ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(network, bits, family)
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6')
}
