import { AdminApiError } from '@tollgate/admin-client/error';
import { Command } from 'commander';
import { applyCommand } from './apply/command.ts';
import { Complaint } from './context.ts';
import { doctorCommand } from './doctor/command.ts';
import { keysCommands } from './keys-commands.ts';
import { statementCommand, usageCommand } from './scope-commands.ts';
import { teamsCommands } from './teams-commands.ts';

const program = new Command('tollgate')
  .description('Keys, teams and usage of a Tollgate deployment.')
  .addHelpText('after', '\nTOLLGATE_URL says where key-admin is, TOLLGATE_ADMIN_KEY who asks.')
  .addCommand(keysCommands())
  .addCommand(teamsCommands())
  .addCommand(usageCommand())
  .addCommand(statementCommand())
  .addCommand(applyCommand())
  .addCommand(doctorCommand());

try {
  await program.parseAsync();
} catch (error) {
  // What someone can mend is said in a sentence; anything else is a bug, and shows where.
  if (!(error instanceof AdminApiError) && !(error instanceof Complaint)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
