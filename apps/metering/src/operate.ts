import { parseArgs } from 'node:util';
import { brokerAccess } from '@tollgate/kafka/broker-access';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { brokerSettings, commonSettings, databaseUrl, loadConfig } from '@tollgate/service-kit/config';
import { createLogger } from '@tollgate/service-kit/log';
import { z } from 'zod';
import { openDatabase } from './database.ts';
import { options } from './operate/command.ts';
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

  dead-letters <topic> [<place>…] lists records of the topic that a service could not read; whole, those at places
  replay <topic> <place>…|all     writes them back to the topic, once what made them unreadable is mended

  --actor <name>                  who does it, for the log of operations; "operator" by default
`;

const databaseSettings = z.object({ DATABASE_URL: databaseUrl });
const { TOLLGATE_TOPIC_PREFIX } = commonSettings;
const topicSettings = z.object({ ...brokerSettings, TOLLGATE_TOPIC_PREFIX });

/** A command that finds something wrong sets `process.exitCode` itself. */
async function main(): Promise<void> {
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
  } else if (Object.hasOwn(onTopics, name)) {
    const settings = loadConfig(name, topicSettings, process.env);
    const kafka = new KafkaConnection({
      brokers: settings.KAFKA_BROKERS,
      access: brokerAccess(settings),
      clientId: 'operate',
      topicPrefix: settings.TOLLGATE_TOPIC_PREFIX,
      eventKeys: [],
      logger,
    });
    tell(await onTopics[name]!(kafka, values, names));
  } else {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
