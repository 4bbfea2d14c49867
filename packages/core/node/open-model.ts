import { existsSync } from 'node:fs'
import {
  type OpenCheckpointOptions,
  type OpenedModel,
  openCheckpoint,
} from './checkpoint/open-checkpoint.ts'
import { openRemote, type RemoteOptions } from './remote/open-remote.ts'
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
  return reference.kind === 'path'
    ? openCheckpoint(reference.path, options)
    : openRemote(reference, options)
}
