import { everyItem } from '@tollgate/admin-client/pages';
import type { StatementAnswer, UsageAnswer } from '@tollgate/contracts/metering-http';
import type { Team } from '@tollgate/contracts/teams-http';
import { Command, Option } from 'commander';
import { type Connection, connect } from './context.ts';
import { print, table } from './print.ts';

/** `tollgate teams …` */
export function teamsCommands(): Command {
  const teams = new Command('teams').description('list teams');
  teams
    .command('list')
    .description('the teams that are not deleted, by name')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: boolean }) => {
      const { client } = connect(process.env);
      const found: Team[] = [];
      for await (const team of everyItem<Team>((cursor) =>
        client.teams.list({ query: { limit: 200, cursor } }),
      )) {
        found.push(team);
      }
      print(found, json === true, () => teamTable(found));
    });
  return teams;
}

interface UsageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly bucket: 'minute' | 'hour' | 'day';
  readonly groupBy?: 'model' | 'status' | 'provider';
  readonly json?: boolean;
}

/** `tollgate usage <scope>`: of a key, a team, or `organization`. */
export const usageCommand = (): Command =>
  new Command('usage')
    .description('what a key, a team or the organization used over time')
    .argument('<scope>', 'key_…, team_… or "organization"')
    .option('--from <instant>')
    .option('--to <instant>')
    .addOption(new Option('--bucket <span>').choices(['minute', 'hour', 'day']).default('hour'))
    .addOption(new Option('--group-by <what>').choices(['model', 'status', 'provider']))
    .option('--json', 'for machines')
    .action(async (scope: string, { groupBy, json, ...span }: UsageOptions) => {
      const answer = await usageOf(connect(process.env), scope, {
        ...span,
        ...(groupBy && { group_by: groupBy }),
      });
      print(answer, json === true, () => usageTable(answer));
    });

/** `tollgate statement <scope>`: the records behind a meter. */
export const statementCommand = (): Command =>
  new Command('statement')
    .description('the records behind the meter of a key, a team or the organization, with a running balance')
    .argument('<scope>', 'key_…, team_… or "organization"')
    .option('--json', 'for machines')
    .action(async (scope: string, { json }: { json?: boolean }) => {
      const { client } = connect(process.env);
      const query = { limit: 1_000 };
      const answer = scope.startsWith('key_')
        ? await client.keys.statement({ id: scope, query })
        : scope.startsWith('team_')
          ? await client.teams.statement({ id: scope, query })
          : await client.organization.statement({ query });
      print(answer, json === true, () => statementTable(answer));
    });

function usageOf(
  { client }: Connection,
  scope: string,
  query: Omit<UsageOptions, 'groupBy' | 'json'> & { group_by?: UsageOptions['groupBy'] },
): Promise<UsageAnswer> {
  if (scope.startsWith('key_')) return client.keys.usage({ id: scope, query });
  if (scope.startsWith('team_')) return client.teams.usage({ id: scope, query });
  return client.organization.usage({ query });
}

const teamTable = (teams: readonly Team[]) =>
  table(
    ['ID', 'NAME', 'KEYS', 'COST LIMIT', 'TOKEN LIMIT', 'REQUESTS/MIN', 'RESETS'],
    teams.map(({ id, name, live_keys, limits }) => [
      ...[id, name, live_keys],
      ...[limits.cost_usd, limits.tokens, limits.requests_per_minute, limits.reset_period],
    ]),
  );

const usageTable = ({ data }: UsageAnswer) =>
  table(
    ['START', 'GROUP', 'REQUESTS', 'INPUT', 'OUTPUT', 'TOKENS', 'COST USD'],
    data.map(({ start, group, requests, input_tokens, output_tokens, tokens, cost_usd }) => [
      ...[start, group ?? null, requests, input_tokens, output_tokens, tokens, cost_usd],
    ]),
  );

function statementTable({ data, meter, next_cursor }: StatementAnswer): string {
  const lines = data.map(({ admitted_at, kind, model, tokens, cost_usd, balance }) => [
    ...[admitted_at, kind, model, tokens, cost_usd, balance.tokens, balance.cost_usd],
  ]);
  const head = ['ADMITTED', 'KIND', 'MODEL', 'TOKENS', 'COST USD', 'BALANCE TOKENS', 'BALANCE USD'];
  const more = next_cursor === null ? '' : '\nThere is more: take the export, or --json and its next_cursor.';
  return `${table(head, lines)}\n\nMeter: ${meter.tokens} tokens, ${meter.cost_usd} USD.${more}`;
}
