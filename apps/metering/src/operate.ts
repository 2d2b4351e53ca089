import { parseArgs } from 'node:util';
import {
  backtestBody,
  creditBody,
  rebuildBody,
  releaseBody,
  retireBody,
} from '@tollgate/contracts/metering-http';
import { TOPIC_NAMES, type Topic } from '@tollgate/contracts/topics';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { type DeadLetter, readDeadLetters, replayDeadLetters } from '@tollgate/kafka/dead-letters';
import { commonSettings, databaseUrl, loadConfig } from '@tollgate/service-kit/config';
import { parseInput } from '@tollgate/service-kit/input';
import { createLogger } from '@tollgate/service-kit/log';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { backtest } from './backtest/backtest.ts';
import { credit } from './corrections/credit.ts';
import { openDatabase } from './database.ts';
import { release } from './quarantine/release.ts';
import { countQuarantined, listQuarantined } from './quarantine/sql/take-quarantined.ts';
import { rebuild } from './rebuild/rebuild.ts';
import { retire } from './retention/retire.ts';

const USAGE = `Operates on metering's database, which DATABASE_URL names, or on the topics of KAFKA_BROKERS (with
TOLLGATE_TOPIC_PREFIX, if it is not "tollgate"). The services may run meanwhile.

  rebuild [--repair]              adds the ledger up anew and compares; --repair sets right what differs
  retire --keep-months <n>        drops older months of the ledger; what was used in them stays as opening balances
  credit --key <id> [--cost-usd <amount>] [--tokens <n>] [--id <once>] --reason <text>
                                  gives back cost or tokens in the key's current period
  backtest <scope> --limits <json> [--from <instant>] [--to <instant>]
                                  what limits such as '{"tokens":1000}' would have refused of the past
  quarantine                      lists records that were not counted, and why
  release --reason <text> <id>…   counts records of the quarantine after all

  dead-letters <topic> [<place>…] lists records of the topic that a service could not read; whole, those at places
  replay <topic> <place>…|all     writes them back to the topic, once what made them unreadable is mended

  --actor <name>                  who does it, for the log of operations; "operator" by default
`;

const options = {
  repair: { type: 'boolean' },
  'keep-months': { type: 'string' },
  key: { type: 'string' },
  'cost-usd': { type: 'string' },
  tokens: { type: 'string' },
  id: { type: 'string' },
  reason: { type: 'string' },
  limits: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  actor: { type: 'string', default: 'operator' },
} as const;

type Values = { readonly [Name in keyof typeof options]?: string | boolean | undefined };
type Command<On> = (on: On, values: Values, names: string[]) => Promise<unknown>;

const given = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const onDatabase: Record<string, Command<DataSource>> = {
  rebuild(db, { repair, actor }) {
    const body = parseInput(rebuildBody, given({ repair, actor }));
    return follow(
      rebuild(db, body, Date.now()),
      ({ scopes, of }) => `\r${scopes} of ${of} scopes${scopes === of ? '\n' : ''}`,
    );
  },
  retire(db, { actor, ...values }) {
    const months = values['keep-months'];
    const body = parseInput(retireBody, given({ keep_months: months && Number(months), actor }));
    return follow(retire(db, body, Date.now()), ({ month, records }) => `${month}: ${records} records\n`);
  },
  credit(db, { key, tokens, id, reason, actor, ...values }) {
    const body = given({
      id,
      key_id: key,
      cost_usd: values['cost-usd'],
      tokens: tokens === undefined ? undefined : Number(tokens),
      reason,
      actor,
    });
    return credit(db, parseInput(creditBody, body), Date.now());
  },
  backtest(db, { limits, from, to }, [scope_id]) {
    const body = given({
      scope_id,
      limits: limits === undefined ? undefined : readJson(`${limits}`),
      from,
      to,
    });
    return backtest(db.manager, parseInput(backtestBody, body), Date.now());
  },
  async quarantine(db) {
    const data = await listQuarantined(db.manager, 1_000);
    return { total: await countQuarantined(db.manager), data };
  },
  release(db, { reason, actor }, ids) {
    return release(db, parseInput(releaseBody, given({ ids, reason, actor })), Date.now());
  },
};

/** Shows how work goes on while it does. */
async function follow<Progress, Result>(
  work: AsyncGenerator<Progress, Result>,
  show: (progress: Progress) => string,
): Promise<Result> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    process.stderr.write(show(value));
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('--limits must be JSON, such as {"tokens":1000,"reset_period":"daily"}');
  }
}

const MOST_LETTERS = 1_000;

const onTopics: Record<string, Command<KafkaConnection>> = {
  async 'dead-letters'(kafka, _values, [topic, ...places]) {
    const letters = await readDeadLetters(kafka, knownTopic(topic), MOST_LETTERS);
    if (places.length === 0) return letters.map(inShort);
    return chosen(letters, places).map((letter) => ({
      ...inShort(letter),
      headers: Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, `${value}`])),
      value: letter.value?.toString() ?? null,
    }));
  },
  async replay(kafka, _values, [topic, ...places]) {
    if (places.length === 0) throw new Error('name the places of the records to replay, or "all"');
    const name = knownTopic(topic);
    const letters = chosen(await readDeadLetters(kafka, name, MOST_LETTERS), places);
    await replayDeadLetters(kafka, name, letters);
    return { replayed: letters.map(({ place }) => place) };
  },
};

function knownTopic(name = ''): Topic {
  const topic = TOPIC_NAMES.find((known) => known === name);
  if (!topic) throw new Error(`there is no topic "${name}"; name one of ${TOPIC_NAMES.join(', ')}`);
  return topic;
}

function chosen(letters: readonly DeadLetter[], places: readonly string[]): DeadLetter[] {
  if (places.length === 1 && places[0] === 'all') return [...letters];
  return places.map((place) => {
    const letter = letters.find((one) => one.place === place);
    if (!letter) throw new Error(`there is no dead letter at ${place}; leave the places out to see them all`);
    return letter;
  });
}

const inShort = ({ place, diedAtMs, reason, consumer, partition, offset, key }: DeadLetter) => ({
  place,
  died_at: new Date(diedAtMs).toISOString(),
  key: key?.toString() ?? null,
  reason,
  consumer,
  was_at: `${partition}/${offset}`,
});

const databaseSettings = z.object({ DATABASE_URL: databaseUrl });
const { KAFKA_BROKERS, TOLLGATE_TOPIC_PREFIX } = commonSettings;
const topicSettings = z.object({ KAFKA_BROKERS, TOLLGATE_TOPIC_PREFIX });

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name = '', ...names] = positionals;
  const logger = createLogger('metering', 'error');
  const tell = (result: unknown) => process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (Object.hasOwn(onDatabase, name)) {
    const { DATABASE_URL } = loadConfig(name, databaseSettings, process.env);
    const db = await openDatabase(DATABASE_URL, logger);
    try {
      tell(await onDatabase[name]!(db, values, names));
    } finally {
      await db.destroy();
    }
    return 0;
  }
  if (Object.hasOwn(onTopics, name)) {
    const settings = loadConfig(name, topicSettings, process.env);
    const kafka = new KafkaConnection({
      brokers: settings.KAFKA_BROKERS,
      clientId: 'operate',
      topicPrefix: settings.TOLLGATE_TOPIC_PREFIX,
      eventKeys: [],
      logger,
    });
    tell(await onTopics[name]!(kafka, values, names));
    return 0;
  }
  process.stderr.write(USAGE);
  return 2;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
