import { existsSync } from 'node:fs'
import {
  type OpenCheckpointOptions,
  type OpenedModel,
  openCheckpoint,
} from './checkpoint/open-checkpoint.ts'
import type { RemoteOptions } from './remote/open-remote.ts'
import { parseReference } from './remote/reference.ts'

/**
 * Opens what a user names: a folder or file of this machine, `org/name@revision` on a hub, or an
 * address. A local path wins over a hub name that reads the same.
 */
export async function openModel(
  name: string,
  options: OpenCheckpointOptions & RemoteOptions = {},
): Promise<OpenedModel> {
  const reference = parseReference(name, existsSync(name))
  if (reference.kind === 'path') return openCheckpoint(reference.path, options)
  // Only now: what speaks HTTP takes longer to load than a small model takes to compare.
  const { openRemote } = await import('./remote/open-remote.ts')
  return openRemote(reference, options)
}
