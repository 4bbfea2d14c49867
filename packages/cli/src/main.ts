import { Command } from 'commander'
import { exitWithError } from './output/errors.ts'
import { guardProcess } from './output/process-edges.ts'

const program = new Command()
  .name('dokja')
  .description('Is this model really its maker’s own? Audits weights, and runs model competitions.')
  .version('0.1.0')
  .option('--debug', 'print the stack of an error')
  .showHelpAfterError('hint: dokja --help lists the commands')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) })

const isDebug = () => program.opts()['debug'] === true
guardProcess(isDebug)

type Register = (program: Command) => void

/** In the order of the help. Each is loaded when it is asked for: a start pays for one of them. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  audit: async () => (await import('./commands/audit.ts')).registerAudit,
  compare: async () => (await import('./commands/compare.ts')).registerCompare,
  replay: async () => (await import('./commands/replay.ts')).registerReplay,
  registry: async () => (await import('./commands/registry.ts')).registerRegistry,
  round: async () => (await import('./commands/round.ts')).registerRoundCommands,
  training: async () => (await import('./commands/training.ts')).registerTraining,
  serve: async () => (await import('./commands/serve.ts')).registerServe,
  demo: async () => (await import('./commands/demo.ts')).registerDemo,
}

/** Done once the command has ended. Whoever loads this waits for it: a promise that stays open is a fault. */
export const ended: Promise<void> = run()

async function run(): Promise<void> {
  const asked = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
  const known = asked !== undefined && Object.hasOwn(COMMANDS, asked) ? COMMANDS[asked] : undefined
  for (const load of known ? [known] : Object.values(COMMANDS)) (await load())(program)
  try {
    await program.parseAsync(process.argv)
  } catch (error) {
    exitWithError(error, { isDebug: isDebug() })
  }
}
