import { FaultsError } from '../../base/faults.ts'
import { schemaFaults } from '../plan/schema-faults.ts'
import { readYaml } from '../plan/yaml-source.ts'
import { DRAFTS, type Draft, type DraftKind, type EvidenceDraft } from './drafts.ts'

/**
 * Reads what a person wrote, as YAML or JSON. Throws FaultsError SCHEMA_INVALID with every fault at
 * its line.
 */
export function readDraft<K extends DraftKind>(
  kind: K,
  file: { readonly text: string; readonly path: string },
): Draft<K> {
  const source = readYaml(file.text, file.path)
  const refuse = (faults: typeof source.faults) =>
    new FaultsError('SCHEMA_INVALID', faults, {
      what: `${file.path} cannot be recorded as ${kind}`,
      hint: 'docs/formats/docket.md shows what every act is written with',
    })
  if (source.faults.length > 0) throw refuse(source.faults)
  const parsed = DRAFTS[kind].safeParse(source.value)
  if (parsed.success) return parsed.data as Draft<K>
  const faults = schemaFaults(parsed.error, source.value)
  throw refuse(faults.map((fault) => source.fault(fault.path, fault.message, fault.at)))
}

/** The files that a draft names as evidence, wherever in it. */
export function evidenceFilesOf(draft: unknown): string[] {
  const found = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const entry of value) walk(entry)
    else if (typeof value === 'object' && value !== null) {
      if (isEvidence(value) && value.file !== undefined) found.add(value.file)
      for (const entry of Object.values(value)) walk(entry)
    }
  }
  walk(draft)
  return [...found].sort()
}

const isEvidence = (value: object): value is EvidenceDraft =>
  'title' in value && ('file' in value || 'link' in value || 'digest' in value)
