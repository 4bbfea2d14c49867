import { openModel, reportNames } from '@dokja/core/node'
import { remoteOptions } from '../output/remote-options.ts'
import type { createProgress } from '../output/terminal.ts'
import type { WorkOptions } from './reading-options.ts'

type Opened = Awaited<ReturnType<typeof openModel>>

/**
 * Opens both models that a command names, side by side: most of it is waiting for a file system or a
 * server. Where one cannot be opened the other is closed again. Throws what `openModel` throws.
 */
export async function openPair(
  [candidate, reference]: readonly [string, string],
  options: WorkOptions,
  progress: ReturnType<typeof createProgress>,
): Promise<readonly [Opened, Opened]> {
  const remote = remoteOptions(options, progress)
  const names = reportNames([candidate, reference])
  const open = (place: string) => openModel(place, { ...remote, name: names.get(place) })
  const [a, b] = await Promise.allSettled([open(candidate), open(reference)])
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value]
  for (const opened of [a, b]) if (opened.status === 'fulfilled') await opened.value.close()
  throw a.status === 'rejected' ? a.reason : (b as PromiseRejectedResult).reason
}
