import type { StatementAnswer, UsageAnswer } from '@tollgate/contracts/metering-http';
import { Command, Option } from 'commander';
import { Complaint, type Connection, connect } from './context.ts';
import { print, table } from './print.ts';

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
      const statement = {
        key: () => client.keys.statement({ id: scope, query }),
        team: () => client.teams.statement({ id: scope, query }),
        organization: () => client.organization.statement({ query }),
      };
      const answer = await statement[kindOf(scope)]();
      print(answer, json === true, () => statementTable(answer));
    });

function usageOf(
  { client }: Connection,
  scope: string,
  query: Omit<UsageOptions, 'groupBy' | 'json'> & { group_by?: UsageOptions['groupBy'] },
): Promise<UsageAnswer> {
  const usage = {
    key: () => client.keys.usage({ id: scope, query }),
    team: () => client.teams.usage({ id: scope, query }),
    organization: () => client.organization.usage({ query }),
  };
  return usage[kindOf(scope)]();
}

/** What an id is of. @throws Complaint */
function kindOf(scope: string): 'key' | 'team' | 'organization' {
  if (scope.startsWith('key_')) return 'key';
  if (scope.startsWith('team_')) return 'team';
  if (scope === 'organization' || scope.startsWith('org_')) return 'organization';
  throw new Complaint(
    `"${scope}" is no scope: give a key's or a team's id, as "keys list" and "teams list" show them, or "organization".`,
  );
}

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
