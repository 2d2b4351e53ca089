import { parseArgs } from 'node:util';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { kafkaSettings } from '@tollgate/kafka/kafka-module';
import { brokerSettings, commonSettings, databaseUrl, loadConfig } from '@tollgate/service-kit/config';
import { createLogger } from '@tollgate/service-kit/log';
import { z } from 'zod';
import { openDatabase } from './database.ts';
import { options } from './operate/command.ts';
import { onBoth } from './operate/on-both.ts';
import { onDatabase } from './operate/on-database.ts';
import { onTopics } from './operate/on-topics.ts';

const USAGE = `Operates on metering's database, which DATABASE_URL names, or on the topics of KAFKA_BROKERS (with
TOLLGATE_TOPIC_PREFIX, if it is not "tollgate"). The services may run meanwhile.

  check                           asks the database for what must not be; exits with 1 where there is any
  rebuild [--repair]              adds the ledger up anew and compares; --repair sets right what differs
  retire --keep-months <n>        drops older months of the ledger; what was used in them stays as opening balances
  credit --key <id> [--cost-usd <amount>] [--tokens <n>] [--id <once>] --reason <text>
                                  gives back cost or tokens in the key's current period
  backtest <scope> --limits <json> [--from <instant>] [--to <instant>]
                                  what limits such as '{"tokens":1000}' would have refused of the past
  rerate --from <instant> [--to <instant>] [--scope <id>] [--provider <name>] [--model <name>] [--prices <file>]
         [--apply --reason <text>]
                                  what records would cost by the prices of now; --apply corrects them
  reconcile openai|anthropic <file> [--provider <name>] [--tolerance <percent>]
                                  sets the provider's usage or cost export beside the ledger, by day and model
  quarantine                      lists records that were not counted, and why
  release --reason <text> <id>…   counts records of the quarantine after all

  allowances                      what gateways hold of limits, or have not told of
  lose <gateway> --reason <text>  charges what a gateway holds that will not start again; see docs/limits.md
  export-team <team> --out <file> what a team and its keys have used, for another deployment
  import-team <file> [--apply]    takes that in there, as opening balances
  backup --out <file>             writes the whole database to a file, as of one instant
  restore <file> [--apply]        puts a backup into this database, which must be new; without --apply it only tries
  catch-up [--apply]              after any restore, while metering does not run: takes over from the topics what was
                                  told since; usage itself is counted when it runs again
  learn-scopes [--apply]          after an upgrade that says so: takes over from the topics what former releases did not
                                  keep of keys, teams and the organization
  reanchor [--apply]              the broker's topics were made anew: has usage read from the beginning, and every
                                  meter published again
  resend --from <instant> [--to <instant>] [--apply]
                                  writes the ledger's records of a time to the topics again, for readers that had not
                                  had them; nobody counts one twice

  dead-letters <topic> [<place>…] lists records of the topic that a service could not read; whole, those at places
  repartition --partitions <n> [--apply]
                                  gives the usage topic more partitions; restart meterings, then gateways, after it
  replay <topic> <place>…|all     writes them back to the topic, once what made them unreadable is mended

  --actor <name>                  who does it, for the log of operations; "operator" by default
`;

const databaseSettings = z.object({ DATABASE_URL: databaseUrl });
const { TOLLGATE_TOPIC_PREFIX, TOLLGATE_EVENT_KEYS } = commonSettings;
const topicSettings = z.object({ ...brokerSettings, TOLLGATE_TOPIC_PREFIX });
const bothSettings = databaseSettings.extend({ ...topicSettings.shape, TOLLGATE_EVENT_KEYS });

/** A command that finds something wrong sets `process.exitCode` itself. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name = '', ...names] = positionals;
  const logger = createLogger('metering', 'error');
  const tell = (result: unknown) => process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  const connect = (settings: Omit<Parameters<typeof kafkaSettings>[1], 'TOLLGATE_EVENT_KEYS'>) =>
    new KafkaConnection(kafkaSettings('operate', { TOLLGATE_EVENT_KEYS: [], ...settings }, logger));
  if (Object.hasOwn(onDatabase, name)) {
    const { DATABASE_URL } = loadConfig(name, databaseSettings, process.env);
    const db = await openDatabase(DATABASE_URL, logger);
    try {
      tell(await onDatabase[name]!(db, values, names));
    } finally {
      await db.destroy();
    }
  } else if (Object.hasOwn(onTopics, name)) {
    tell(await onTopics[name]!(connect(loadConfig(name, topicSettings, process.env)), values, names));
  } else if (Object.hasOwn(onBoth, name)) {
    const settings = loadConfig(name, bothSettings, process.env);
    const db = await openDatabase(settings.DATABASE_URL, logger);
    try {
      tell(await onBoth[name]!({ db, kafka: connect(settings) }, values, names));
    } finally {
      await db.destroy();
    }
  } else {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
