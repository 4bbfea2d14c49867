import { AppError, type ErrorCode } from '@dokja/core'
import { CommanderError } from 'commander'

/** 2: wrong usage or unreadable input. 1: a verification that failed. */
const EXIT_STATUS: Record<ErrorCode, number> = {
  USAGE: 2,
  NOT_FOUND: 2,
  UNREADABLE: 2,
  FORMAT_UNSUPPORTED: 2,
  SAFETENSORS_INVALID: 2,
  ONNX_INVALID: 2,
  GGUF_INVALID: 2,
  CHECKPOINT_INVALID: 2,
  JSON_INVALID: 2,
  SCHEMA_INVALID: 2,
  LIMIT_EXCEEDED: 2,
  VALUE_INVALID: 2,
  PLAN_INVALID: 2,
  PLAN_UNSEALED: 2,
  PLAN_TAMPERED: 1,
  RULE_BROKEN: 2,
  ROWS_INVALID: 2,
  LOG_INVALID: 1,
}

/** What usually helps, for errors that carry no advice of their own. */
const USUAL_HINT: Record<ErrorCode, string> = {
  USAGE: 'dokja --help lists the commands',
  NOT_FOUND: 'check the spelling, or give the full path',
  UNREADABLE: 'check the permissions, and that the file is not being written',
  FORMAT_UNSUPPORTED: 'convert the weights to safetensors',
  SAFETENSORS_INVALID: 'export the checkpoint again; the file does not keep the format’s rules',
  ONNX_INVALID: 'export the model again; the file does not keep the format’s rules',
  GGUF_INVALID: 'convert the model again; the file does not keep the format’s rules',
  CHECKPOINT_INVALID: 'fetch the checkpoint again, all of its files',
  JSON_INVALID: 'correct the file, or fetch it again',
  SCHEMA_INVALID: 'compare the file with its description in docs/formats',
  LIMIT_EXCEEDED: 'the bounds are listed in docs/formats',
  VALUE_INVALID: 'weights must be finite numbers; export the checkpoint again',
  PLAN_INVALID: 'docs/formats describes what is expected',
  PLAN_UNSEALED: 'docs/formats describes what is expected',
  PLAN_TAMPERED: 'docs/formats describes what is expected',
  RULE_BROKEN: 'docs/formats describes what is expected',
  ROWS_INVALID: 'docs/formats describes what is expected',
  LOG_INVALID: 'docs/formats describes what is expected',
}

const OUR_FAULT = 70

/** Prints `error:` and `hint:` lines and sets the exit status; the process then ends by itself. */
export function exitWithError(error: unknown, options: { readonly isDebug: boolean }): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
    return
  }
  if (error instanceof AppError) {
    process.stderr.write(`error: ${error.message}\n`)
    process.stderr.write(`hint: ${error.hint ?? USUAL_HINT[error.code]}\n`)
    process.exitCode = EXIT_STATUS[error.code]
  } else {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`error: a fault in dokja itself: ${message}\n`)
    process.stderr.write('hint: run again with --debug and report what it prints\n')
    process.exitCode = OUR_FAULT
  }
  if (options.isDebug && error instanceof Error) process.stderr.write(`${error.stack}\n`)
}
