import type { Command } from 'commander'
import { registerActCommands } from './round/acts.ts'
import { registerCheckCommand } from './round/check.ts'
import { registerPlanCommands } from './round/plan.ts'
import { registerPublishCommands } from './round/publish.ts'
import { registerScoreCommand } from './round/score.ts'

/** `dokja round …`: one stage of a competition in one folder. */
export function registerRoundCommands(program: Command): void {
  const round = program
    .command('round')
    .description('run one stage of a competition under a sealed plan')
    .addHelpText(
      'after',
      '\nExample:\n  dokja round new stage-1\n  dokja round seal stage-1\n  dokja round score stage-1\n',
    )
  registerPlanCommands(round)
  registerCheckCommand(round)
  registerScoreCommand(round)
  registerActCommands(round)
  registerPublishCommands(round)
}
