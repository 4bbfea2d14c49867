import { AppError, type ErrorCode } from './errors.ts'

/** One thing wrong with one place of an input file. Lines and columns count from 1. */
export type Fault = {
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** Where inside the document, such as `parts[1].measure.steps[0]`. */
  readonly at?: string
  readonly message: string
}

/** How many faults a message prints; the rest are counted. `faults` always carries them all. */
const PRINTED = 50

/** Everything that is wrong with an input, reported at once. */
export class FaultsError extends AppError {
  readonly faults: readonly Fault[]

  constructor(
    code: ErrorCode,
    faults: readonly Fault[],
    options: { readonly what: string; readonly hint?: string },
  ) {
    const lines = faults.slice(0, PRINTED).map((fault) => `\n  ${formatFault(fault)}`)
    const rest = faults.length - lines.length
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
    super(
      code,
      `${options.what}: ${count}${lines.join('')}${rest > 0 ? `\n  and ${rest} more` : ''}`,
      options.hint === undefined ? {} : { hint: options.hint },
    )
    this.faults = faults
  }
}

/** `plan.yaml:12:5 parts[0].points: …`, the form that editors make clickable. */
export function formatFault(fault: Fault): string {
  const column = fault.column === undefined ? '' : `:${fault.column}`
  const place = fault.line === undefined ? fault.file : `${fault.file}:${fault.line}${column}`
  return fault.at ? `${place} ${fault.at}: ${fault.message}` : `${place}: ${fault.message}`
}
