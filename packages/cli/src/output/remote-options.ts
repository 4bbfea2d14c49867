import type { RemoteOptions } from '@dokja/core/node'
import type { Progress } from './terminal.ts'

/** How models on servers are read; a pause that a server asks for is shown as progress is. */
export function remoteOptions(
  options: { readonly allowPrivateHosts?: boolean },
  progress: Progress,
): RemoteOptions {
  return {
    isPrivateAllowed: options.allowPrivateHosts === true,
    onWait: ({ ms, reason }) =>
      progress.show(`${reason}: asking again in ${Math.ceil(ms / 1000)} s …`),
  }
}
