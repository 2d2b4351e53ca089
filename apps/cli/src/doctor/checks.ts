import type { AdminClient } from '@tollgate/admin-client/client';
import { TOPIC_NAMES, TOPICS, topicName } from '@tollgate/contracts/topics';
import { brokerAccess } from '@tollgate/kafka/broker-access';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { brokerSettings, readConfig } from '@tollgate/service-kit/config';
import { createLogger } from '@tollgate/service-kit/log';
import pg from 'pg';
import { z } from 'zod';

/** What a check found; where it is not well, `says` what to do. */
export interface Finding {
  readonly ok: boolean;
  readonly says: string;
}
export type Check = () => Promise<Finding>;

const PATIENCE_MS = 3_000;
const MOST_SKEW_MS = 5_000;
/** About what metering folds in some seconds. */
const MOST_BEHIND = 50_000;
const well = (says: string): Finding => ({ ok: true, says });
const ill = (says: string): Finding => ({ ok: false, says });
const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Whether a service is there and may serve; it names what it misses. */
export const service =
  (url: string, variable: string): Check =>
  async () => {
    const answer = await ask(`${url}/readyz`);
    if (answer === null) return ill(`does not answer at ${url}: start it, or set ${variable} to where it is`);
    if (answer.ok) return well(`ready at ${url}`);
    const missing = await missingOf(answer);
    if (missing === null) return ill(`something else answers at ${url}: set ${variable} to where it is`);
    return ill(`runs at ${url} and is not ready: ${missing.join('; ')}; its log says more`);
  };

/** `null` where nobody answers in time. */
const ask = (url: string): Promise<Response | null> =>
  fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);

/** What a service says it lacks; `null` where it is none of ours. */
async function missingOf(answer: Response): Promise<string[] | null> {
  const { missing } = (await answer.json().catch(() => ({}))) as { missing?: unknown };
  return Array.isArray(missing) ? missing.map(String) : null;
}

/** Whether the admin key is one, and what it may do. */
export const adminKey =
  (client: AdminClient): Check =>
  async () => {
    const { name, role, team_id } = await client.adminKeys.me();
    return well(`"${name}" is accepted: ${role}${team_id === null ? '' : ` of ${team_id}`}`);
  };

/** Whether this machine's clock agrees with key-admin's: a gateway whose clock is off is not ready. */
export const clock =
  (url: string): Check =>
  async () => {
    const before = Date.now();
    const answer = await ask(`${url}/healthz`);
    if (answer === null) return ill('cannot be told while key-admin does not answer');
    const theirs = Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(theirs)) return well('the answer has no date to compare with');
    // The header is to the second.
    const skewMs = Math.max(0, Math.abs((before + Date.now()) / 2 - theirs) - 1_000);
    return skewMs <= MOST_SKEW_MS
      ? well('agrees with key-admin’s')
      : ill(`is ${Math.round(skewMs / 1_000)} s off key-admin’s: synchronise both with NTP`);
  };

/** Whether live gateways go by what was changed last. */
export const gateways =
  (client: AdminClient): Check =>
  async () => {
    const { complete, gateways: live } = await client.organization.propagation();
    if (live.length === 0)
      return ill('none is heard of: start a gateway on the same broker and topic prefix');
    const behind = live.filter(({ applied }) => !applied).map(({ instance }) => instance);
    return complete
      ? well(`${live.length} live, all up to date`)
      : ill(
          `${behind.join(', ')} of ${live.length} have not applied the last change: see their logs and the broker`,
        );
  };

/** Whether metering answers what was used, and how old that is. */
export const meters =
  (client: AdminClient): Check =>
  async () => {
    const { meter } = await client.organization.overview();
    return well(
      `the organization used ${meter.cost_usd} USD and ${meter.tokens} tokens in ${meter.period.id}`,
    );
  };

/** Whether the database can be worked with. */
export const database =
  (url: string): Check =>
  async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS });
    try {
      await client.connect();
      const { rows } = await client.query('show server_version');
      return well(`PostgreSQL ${rows[0].server_version}`);
    } catch (error) {
      return ill(`DATABASE_URL cannot be connected to (${reason(error)}): start PostgreSQL, or set it right`);
    } finally {
      await client.end().catch(() => undefined);
    }
  };

/** Whether the broker is there, its topics are as they must be, and how far metering is behind. */
export const broker =
  (env: NodeJS.ProcessEnv, prefix: string): Check =>
  async () => {
    const settings = readConfig('the doctor', z.object(brokerSettings), env);
    const connection = new KafkaConnection({
      ...{ brokers: settings.KAFKA_BROKERS, access: brokerAccess(settings) },
      ...{ clientId: 'doctor', topicPrefix: prefix, eventKeys: [] },
      logger: createLogger('doctor', 'silent'),
    });
    const admin = connection.kafka.admin({ retry: { retries: 2, initialRetryTime: 100 } });
    try {
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata();
      const found = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
      const wrong = TOPIC_NAMES.flatMap((topic) => {
        const name = topicName(prefix, topic);
        const partitions = found.get(name);
        if (partitions === undefined) return [`${name} is missing`];
        const wanted = TOPICS[topic].partitions;
        return partitions === wanted ? [] : [`${name} has ${partitions} partitions and not ${wanted}`];
      });
      if (wrong.length === 0) return well(`${TOPIC_NAMES.length} topics as they should be`);
      return ill(`${wrong.join('; ')}: services make topics when they start; see TOLLGATE_TOPIC_PREFIX`);
    } catch (error) {
      return ill(`KAFKA_BROKERS cannot be reached (${reason(error)}): start the broker, or set it right`);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };

/** How many records wait to be folded. */
export const lag =
  (url: string): Check =>
  async () => {
    const answer = await ask(`${url}/metrics`);
    if (!answer?.ok)
      return ill('metering’s metrics cannot be read: see that it runs, and that its broker answers');
    const lines = (await answer.text())
      .split('\n')
      .filter((line) => /^tollgate_usage_lag_records\b/.test(line));
    const behind = lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    return behind < MOST_BEHIND
      ? well(`${behind} usage records wait to be counted`)
      : ill(`${behind} usage records wait to be counted: see metering's log, or run another instance`);
  };
