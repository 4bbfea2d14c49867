import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareModels } from '../../../src/audit/compare-models.ts'
import type { TensorSource } from '../../../src/model/checkpoint.ts'
import { openModel } from '../../open-model.ts'
import type { RemoteOptions } from '../open-remote.ts'
import { type ServedFile, servedBytes, startPlainServer, startTestHub } from './hub-server.ts'

const MODELS = join(import.meta.dirname, '..', '..', '..', '..', '..', 'testdata', 'models')

/** Repeats at once: no test waits for a server. */
export const FAST = { attempts: 8, firstDelayMs: 1 }

export function filesOf(name: string): Map<string, ServedFile> {
  const folder = join(MODELS, name)
  return new Map(
    readdirSync(folder).map((file) => [file, servedBytes(readFileSync(join(folder, file)))]),
  )
}

/** The comparison without what names the source. */
export async function verdictOf(candidate: TensorSource, reference: TensorSource) {
  const { components, verdict } = await compareModels(candidate, reference)
  return { components, verdict }
}

/** Servers, open models and folders of one test file, all ended by `end`. */
export function servedModels() {
  const scratch = mkdtempSync(join(tmpdir(), 'dokja-remote-'))
  const closing: (() => Promise<void>)[] = []
  let caches = 0
  const open = async (text: string, options: RemoteOptions = {}): Promise<TensorSource> => {
    const source = await openModel(text, {
      isPrivateAllowed: true,
      cacheFolder: null,
      retry: FAST,
      ...options,
    })
    closing.push(source.close)
    return source
  }
  const cache = () => join(scratch, `cache-${caches++}`)
  return {
    open,
    cache,
    local: (name: string) => open(join(MODELS, name)),
    hub: async (...args: Parameters<typeof startTestHub>) => {
      const hub = await startTestHub(...args)
      closing.push(hub.close)
      return hub
    },
    plain: async (...args: Parameters<typeof startPlainServer>) => {
      const server = await startPlainServer(...args)
      closing.push(server.close)
      return server
    },
    close: async () => {
      for (const close of closing.splice(0)) await close()
    },
    end: () => rmSync(scratch, { recursive: true, force: true }),
  }
}
