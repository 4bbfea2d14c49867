import { isPrintable } from '../base/quoted.ts'

/**
 * Whether a name found *inside* a file (a shard in an index, external data of a graph) may be
 * looked up beside that file: one plain name, no folder, drive, address or hidden file. Everything
 * else could lead outside of the folder that the user named.
 */
export function isPlainFileName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 255 &&
    !name.startsWith('.') &&
    !/[/\\:?*"<>|]/.test(name) &&
    isPrintable(name)
  )
}
