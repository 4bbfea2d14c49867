import { isUtf8 } from 'node:buffer'
import type { JsonValue } from '../../src/base/canonical-json.ts'
import { parseStrictJson } from '../../src/base/strict-json.ts'
import { firstInvalidByte } from '../../src/base/utf8.ts'
import type { CheckpointFile } from '../../src/model/checkpoint.ts'
import { DecodedTexts } from './decoded-texts.ts'
import type { FileStore } from './file-store.ts'
import { type Folder, type FolderEntry, filesOf, staysInside } from './folder.ts'

export const MAX_TEXT_BYTES = 64 * 2 ** 20
const MAX_CONFIG_BYTES = 8 * 2 ** 20

const TEXT_NAMES: readonly RegExp[] = [
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens)\.json$/,
  /^(vocab|merges)\.(json|txt)$/,
  /^(generation_config|preprocessor_config|processor_config|params|tekken)\.json$/,
  /^(adapter_config|quantize_config|model_index)\.json$/,
  /^chat_template\.(jinja|json)$/,
  /\.tiktoken$/,
  /^README\.md$/i,
  /^(LICEN[CS]E|NOTICE|COPYING|USE_POLICY|ATTRIBUTION)/i,
]

export type SideFiles = {
  readonly config: JsonValue | undefined
  readonly texts: ReadonlyMap<string, string>
  readonly textBytes: ReadonlyMap<string, Uint8Array>
  readonly files: readonly CheckpointFile[]
  readonly notes: readonly string[]
}

/**
 * Reads config.json and the known texts of a folder. What is too large, not UTF-8 or a link that
 * leads outside is left out with a note; a config.json that is not strict JSON throws.
 */
export async function readSideFiles(
  folder: Folder,
  store: FileStore,
  maxTextBytes: number,
): Promise<SideFiles> {
  const texts = new Map<string, Uint8Array>()
  const files: CheckpointFile[] = []
  const notes: string[] = []
  let config: JsonValue | undefined
  for (const entry of filesOf(folder)) {
    const isConfig = entry.name === 'config.json'
    if (!isConfig && !TEXT_NAMES.some((pattern) => pattern.test(entry.name))) continue
    const bytes = await readBounded(folder, entry, {
      store,
      maxBytes: isConfig ? MAX_CONFIG_BYTES : maxTextBytes,
    })
    if (typeof bytes === 'string') {
      notes.push(bytes)
      continue
    }
    files.push({ path: entry.name, sizeBytes: bytes.length })
    if (isConfig) {
      // Python writes Infinity into genuine configs (state-space models' time_step_limit).
      config = parseStrictJson(bytes, { source: entry.name, numbers: 'text' })
      continue
    }
    const atByte = isUtf8(bytes) ? null : firstInvalidByte(bytes)
    if (atByte === null) texts.set(entry.name, bytes)
    else notes.push(`not read: ${entry.name} (not UTF-8 at byte ${atByte})`)
  }
  return { config, texts: new DecodedTexts(texts), textBytes: texts, files, notes }
}

/** The bytes, or the note that says why they were not read. */
async function readBounded(
  folder: Folder,
  entry: FolderEntry,
  { store, maxBytes }: { readonly store: FileStore; readonly maxBytes: number },
): Promise<Uint8Array | string> {
  if (entry.sizeBytes > maxBytes) {
    return `not read: ${entry.name} (${entry.sizeBytes} bytes, the bound is ${maxBytes})`
  }
  if (!(await staysInside(folder, entry))) {
    return `not read: ${entry.name} (a link that leads out of the folder)`
  }
  const reader = await store.add(entry.name, entry.absolutePath)
  return reader.read(0, Math.min(reader.sizeBytes, maxBytes))
}
