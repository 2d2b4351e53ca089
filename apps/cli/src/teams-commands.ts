import { everyItem } from '@tollgate/admin-client/pages';
import type { Team } from '@tollgate/contracts/teams-http';
import { Command } from 'commander';
import { connect } from './context.ts';
import { print, table } from './print.ts';
import { json, type LimitFields, limitsOf, withLimits } from './setting-options.ts';

interface Asked {
  readonly json?: boolean;
}

/** `tollgate teams …` */
export function teamsCommands(): Command {
  const teams = new Command('teams').description('create, find, change and delete teams');
  addReads(teams);
  withLimits(teams.command('create').description('create a team').requiredOption('--name <name>'))
    .addOption(json())
    .action(async (fields: LimitFields & Asked & { name: string }) => {
      const body = { name: fields.name, ...limitsOf(fields) };
      show(await connect(process.env).client.teams.create({ body }), fields);
    });
  withLimits(
    teams.command('update <id>').description('change a team’s name and limits').option('--name <name>'),
  )
    .addOption(json())
    .action(async (id: string, fields: LimitFields & Asked & { name?: string }) => {
      const body = { ...(fields.name && { name: fields.name }), ...limitsOf(fields) };
      show(await connect(process.env).client.teams.update({ id, body }), fields);
    });
  teams
    .command('delete <id>')
    .description('delete a team that has no live keys, with the admin keys that act in it alone')
    .addOption(json())
    .action(async (id: string, asked: Asked) => {
      show(await connect(process.env).client.teams.remove({ id }), asked);
    });
  return teams;
}

function addReads(teams: Command): void {
  teams
    .command('list')
    .description('the teams that are not deleted, by name')
    .addOption(json())
    .action(async (asked: Asked) => {
      const { client } = connect(process.env);
      const found: Team[] = [];
      const list = (cursor: string | undefined) => client.teams.list({ query: { limit: 200, cursor } });
      for await (const team of everyItem<Team>(list)) found.push(team);
      print(found, asked.json === true, () => teamTable(found));
    });
  teams
    .command('get <id>')
    .description('a team with what its keys used together and what it has left')
    .action(async (id: string) => {
      print(await connect(process.env).client.teams.overview({ id }), true, () => '');
    });
}

const show = (team: Team, asked: Asked) => print(team, asked.json === true, () => teamTable([team]));

const teamTable = (teams: readonly Team[]) =>
  table(
    ['ID', 'NAME', 'KEYS', 'COST LIMIT', 'TOKEN LIMIT', 'REQUESTS/MIN', 'RESETS'],
    teams.map(({ id, name, live_keys, limits }) => [
      ...[id, name, live_keys],
      ...[limits.cost_usd, limits.tokens, limits.requests_per_minute, limits.reset_period],
    ]),
  );
