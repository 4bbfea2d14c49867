/**
 * An address as it may stand in a report or an error: without user, password, query and fragment,
 * because signatures and tokens travel in them and reports are handed on.
 */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) {
    return address.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/@]*@/i, '$1//').replace(/[?#].*$/s, '')
  }
  const url = new URL(address)
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href
}
