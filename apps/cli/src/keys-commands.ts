import { everyItem } from '@tollgate/admin-client/pages';
import type { CreatedKey, Key } from '@tollgate/contracts/admin-http';
import { Command } from 'commander';
import { connect } from './context.ts';
import { lostSecret } from './lost-secret.ts';
import { print, table } from './print.ts';
import { count, json, type LimitFields, limitsOf, orNull, withLimits } from './setting-options.ts';

interface Fields extends LimitFields {
  readonly name?: string;
  readonly team?: string;
  readonly owner?: string;
  readonly environment?: string;
  readonly purpose?: string;
  readonly expiresAt?: string;
  readonly json?: boolean;
}

const withSettings = (command: Command) =>
  withLimits(
    command
      .option('--owner <name>', 'who answers for it')
      .option('--environment <name>')
      .option('--purpose <text>')
      .option('--expires-at <instant>', 'RFC 3339; "null" is never'),
  ).addOption(json());

/** `tollgate keys …` */
export function keysCommands(): Command {
  const keys = new Command('keys').description('create, find and change keys');
  addReads(keys);
  withSettings(keys.command('create').description('create a key; its secret is printed once'))
    .requiredOption('--name <name>')
    .option('--team <id>')
    .action(async (fields: Fields & { name: string }) => {
      const { client } = connect(process.env);
      const body = { name: fields.name, ...(fields.team && { team_id: fields.team }), ...settingsOf(fields) };
      const made = await client.keys.create({ body });
      print(made, fields.json === true, () => shownSecret(made));
    });
  withSettings(keys.command('update <id>').description('change a key'))
    .option('--name <name>')
    .action(async (id: string, fields: Fields) => {
      const { client } = connect(process.env);
      const body = { ...(fields.name && { name: fields.name }), ...settingsOf(fields) };
      const key = await client.keys.update({ id, body });
      print(key, fields.json === true, () => keyTable([key]));
    });
  addChanges(keys);
  return keys;
}

function addReads(keys: Command): void {
  keys
    .command('list')
    .description('find keys')
    .option('--team <id>')
    .option('--status <status>', 'active, disabled, expired or revoked')
    .option('--environment <name>')
    .option('--owner <name>')
    .option('--search <text>', 'a part of the name, or the last four characters')
    .addOption(json())
    .action(async ({ team, json: asJson, ...filter }) => {
      const { client } = connect(process.env);
      const query = { ...filter, team_id: team, limit: 200 };
      const found: Key[] = [];
      const list = (cursor: string | undefined) => client.keys.list({ query: { ...query, cursor } });
      for await (const key of everyItem<Key>(list)) found.push(key);
      print(found, asJson === true, () => keyTable(found));
    });
  keys
    .command('get <id>')
    .description('a key with what it used and what it has left')
    .action(async (id: string) => {
      const { client } = connect(process.env);
      print(await client.keys.overview({ id }), true, () => '');
    });
}

function addChanges(keys: Command): void {
  const changes = {
    enable: ['let a key be used again', (id: string) => ({ id, body: { enabled: true } })],
    disable: [
      'keep a key from being used until it is enabled',
      (id: string) => ({ id, body: { enabled: false } }),
    ],
  } as const;
  for (const [name, [description, input]] of Object.entries(changes)) {
    keys
      .command(`${name} <id>`)
      .description(description)
      .addOption(json())
      .action(async (id: string, options: { json?: boolean }) => {
        const key = await connect(process.env).client.keys.update(input(id));
        print(key, options.json === true, () => keyTable([key]));
      });
  }
  keys
    .command('revoke <id>')
    .description('end a key for good')
    .addOption(json())
    .action(async (id: string, options: { json?: boolean }) => {
      const key = await connect(process.env).client.keys.revoke({ id });
      print(key, options.json === true, () => keyTable([key]));
    });
  keys
    .command('reset <id>')
    .description('start a key at zero within its period')
    .option('--reason <text>')
    .addOption(json())
    .action(async (id: string, options: { json?: boolean; reason?: string }) => {
      const body = options.reason === undefined ? {} : { reason: options.reason };
      const key = await connect(process.env).client.keys.reset({ id, body });
      print(key, options.json === true, () => keyTable([key]));
    });
  keys
    .command('rotate <id>')
    .description('give a key a new secret; the old one works for the overlap')
    .option('--overlap-seconds <seconds>', '0 where the old secret has leaked')
    .addOption(json())
    .action(async (id: string, options: { json?: boolean; overlapSeconds?: string }) => {
      const { overlapSeconds } = options;
      const body =
        overlapSeconds === undefined ? {} : { overlap_seconds: count('--overlap-seconds', overlapSeconds) };
      const rotated = await connect(process.env).client.keys.rotate({ id, body });
      print(rotated, options.json === true, () => shownSecret(rotated));
    });
}

/** What the options say, as the API has it; those that are not given stay as they are. */
function settingsOf(fields: Fields) {
  const { owner, environment, purpose, expiresAt } = fields;
  return {
    ...(owner !== undefined && { owner: orNull(owner) }),
    ...(environment !== undefined && { environment: orNull(environment) }),
    ...(purpose !== undefined && { purpose: orNull(purpose) }),
    ...(expiresAt !== undefined && { expires_at: orNull(expiresAt) }),
    ...limitsOf(fields),
  };
}

const shownSecret = ({ key, secret }: CreatedKey) =>
  `${keyTable([key])}\n\n${secret === undefined ? lostSecret(key) : `Its secret, shown this once:\n${secret}`}`;

const keyTable = (keys: readonly Key[]) =>
  table(
    [
      'ID',
      'NAME',
      'STATUS',
      'TEAM',
      'ENVIRONMENT',
      'OWNER',
      'COST LIMIT',
      'TOKEN LIMIT',
      'REQUESTS/MIN',
      'RESETS',
    ],
    keys.map(({ id, name, status, team_id, environment, owner, limits }) => [
      ...[id, name, status, team_id, environment, owner],
      ...[limits.cost_usd, limits.tokens, limits.requests_per_minute, limits.reset_period],
    ]),
  );
