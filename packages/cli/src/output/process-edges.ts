import { exitWithError } from './errors.ts'

const OUR_FAULT = 70
/** 128 + SIGPIPE, which ends other commands whose reader has gone; Node ignores the signal. */
const READER_GONE = 141

/**
 * What happens outside of any command must not look like a result: 1 means that descent was found.
 * Called before anything is printed.
 */
export function guardProcess(isDebug: () => boolean): void {
  guardOutput()
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      exitWithError(error, { isDebug: isDebug() })
      process.exit(OUR_FAULT)
    })
  }
}

function guardOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(READER_GONE)
    process.stderr.write(`error: cannot write to standard output: ${error.message}\n`)
    process.stderr.write('hint: is the disk full? --out writes the report into a folder\n')
    // The command goes on, since --out may lead elsewhere; its own status is not known to anybody.
    process.on('exit', () => {
      process.exitCode = OUR_FAULT
    })
  })
  // There is nowhere left to tell it.
  process.stderr.on('error', () => {})
}
