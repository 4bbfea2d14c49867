import { type Digest, digestBytes } from '../../../base/digest.ts'
import { assert } from '../../../base/errors.ts'
import type { AuditReport, Comparison, RecoveredTransform } from '../../result.ts'
import { partsOfPrinted } from '../aligned/transform.ts'
import { transformBytes } from './stored-transform.ts'

/** A recovered transform as a file that goes beside the report. */
export type TransformFile = {
  readonly name: string
  /** Made anew each time: many rotations together may be more than memory holds. */
  readonly bytes: () => Uint8Array
}

type Described = NonNullable<RecoveredTransform['file']>

/**
 * The files for all transforms of some comparisons, and the report with each named beside what is
 * printed of it. Names are plain: component names come from tensor names, which come from anybody.
 */
export function transformFiles(comparisons: readonly Comparison[]): {
  readonly files: readonly TransformFile[]
  readonly ofComparison: (comparison: Comparison) => Comparison
  readonly ofAudit: (report: AuditReport) => AuditReport
} {
  const files: TransformFile[] = []
  const described = new Map<RecoveredTransform, Described>()
  const names = new Set<string>()
  comparisons.forEach((comparison, index) => {
    for (const { component, transform } of comparison.components) {
      if (!transform || described.has(transform)) continue
      const written = bytesOf(comparison, component, transform)
      if (!written) continue
      const place = comparisons.length > 1 ? [`${index + 1}`, component] : [component]
      const name = freeName(['transform', ...place].join('-'), names)
      names.add(name.toLowerCase())
      files.push({
        name,
        bytes: () => {
          const again = bytesOf(comparison, component, transform)
          assert(again !== null, `${name} was within its bounds`)
          return again
        },
      })
      const digest: Digest = digestBytes(written)
      described.set(transform, { name, sizeBytes: written.length, digest })
    }
  })
  const named = <T extends { readonly transform?: RecoveredTransform }>(part: T): T => {
    const file = part.transform && described.get(part.transform)
    return file ? { ...part, transform: { ...part.transform, file } } : part
  }
  const ofComparison = (comparison: Comparison): Comparison => ({
    ...comparison,
    components: comparison.components.map(named),
  })
  return {
    files,
    ofComparison,
    ofAudit: (report) => ({
      ...report,
      comparisons: report.comparisons.map(ofComparison),
      components: report.components.map(named),
    }),
  }
}

function bytesOf(
  { candidate, reference }: Comparison,
  component: string,
  transform: RecoveredTransform,
): Uint8Array | null {
  const parts = partsOfPrinted(transform)
  assert(parts !== undefined, 'a transform that nothing was recovered for')
  return transformBytes({
    component,
    candidate: candidate.id,
    reference: reference.id,
    parts,
    heldOut: transform.heldOut,
    digest: transform.digest as Digest,
  })
}

const NAME_LENGTH_MAX = 80

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const plain = wanted.replace(/[^\w-]+/g, '_').slice(0, NAME_LENGTH_MAX)
  for (let at = 1; ; at++) {
    const name = `${plain}${at === 1 ? '' : `-${at}`}.safetensors`
    if (!taken.has(name.toLowerCase())) return name
  }
}
