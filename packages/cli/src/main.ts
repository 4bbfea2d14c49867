import { Command } from 'commander'
import { registerAudit } from './commands/audit.ts'
import { registerCompare } from './commands/compare.ts'
import { registerDemo } from './commands/demo.ts'
import { registerRegistry } from './commands/registry.ts'
import { registerReplay } from './commands/replay.ts'
import { registerRoundCommands } from './commands/round.ts'
import { registerServe } from './commands/serve.ts'
import { registerTraining } from './commands/training.ts'
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

registerAudit(program)
registerCompare(program)
registerReplay(program)
registerRegistry(program)
registerRoundCommands(program)
registerTraining(program)
registerServe(program)
registerDemo(program)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  exitWithError(error, { isDebug: isDebug() })
}
