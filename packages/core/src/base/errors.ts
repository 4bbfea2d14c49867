/**
 * The closed list of expected failures. A new code must be given an exit status (cli) and an
 * HTTP status (server): both tables are `Record<ErrorCode, number>`, so the compiler asks for it.
 */
export const ERROR_CODES = [
  'USAGE', // the command line or a request does not say something that can be done
  'NOT_FOUND', // a file, folder or reference that was named does not exist
  'UNREADABLE', // it exists but cannot be read (permissions, I/O)
  'FORMAT_UNSUPPORTED', // a kind of file that is refused, with the reason (pickles, archives)
  'SAFETENSORS_INVALID',
  'ONNX_INVALID',
  'GGUF_INVALID',
  'CHECKPOINT_INVALID', // a shard missing, an index that contradicts its shards, an empty folder
  'JSON_INVALID',
  'SCHEMA_INVALID', // well-formed, but not what the schema asks for
  'LIMIT_EXCEEDED', // a bound on size, depth or count
  'VALUE_INVALID', // NaN or infinite weights where numbers are needed
  'PLAN_INVALID',
  'PLAN_UNSEALED',
  'PLAN_TAMPERED',
  'RULE_BROKEN', // an act that the sealed plan does not allow, or not yet
  'ROWS_INVALID', // raw rows that contradict the plan
  'LOG_INVALID', // an append-only record that was altered or is out of order
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** An expected failure at a boundary. `message` says what is wrong and where, `hint` what to do. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly hint?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint
  }
}

/** A fault of ours, never of the input. It is caught only at the edge of the process. */
export class AssertionFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AssertionFault'
  }
}

export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionFault(typeof message === 'string' ? message : message())
}

/** For the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionFault(`unreachable case: ${String(value)}`)
}
