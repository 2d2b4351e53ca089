import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { readOffsets } from '@tollgate/event-store/offsets';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { Publisher } from '@tollgate/kafka/publisher';
import { Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import { Repeated, type RepeatedWork } from '@tollgate/service-kit/repeated';
import { DataSource } from 'typeorm';
import { BillingGauges } from './billing-gauges.ts';
import { ADJUSTMENT_OFFSETS, USAGE_OFFSETS } from './fold/offsets-tables.ts';
import { LOGGER } from './logger.ts';
import { HourCloser } from './meter-events/hour-closer.ts';
import { retireSeen } from './seen/retire-seen.ts';
import { ensureSeenDays } from './seen/seen-days.ts';
import { DELIVER, type Deliver, deliverDue } from './stripe/deliver.ts';
import { holdHopeless } from './stripe/sql/hold-hopeless.ts';

const CLOSE_EVERY_MS = 2_000;
const DELIVER_EVERY_MS = 1_000;
const MEASURE_EVERY_MS = 5_000;
const RETIRE_EVERY_MS = 3_600_000;

/** What a consumer's client tells of itself. */
interface ConsumerEvents {
  on(event: string, listener: () => void): void;
}

/**
 * Billing's life: ready while its consumer is a member of the group and the database answers; at the end what time
 * makes due stops, then HTTP and the consumer, and the connections go last.
 */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly repeated: readonly Repeated[];

  constructor(
    @Inject(Readiness) readiness: Readiness,
    @Inject(KafkaBatchServer) server: KafkaBatchServer,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(BillingGauges) gauges: BillingGauges,
    @Inject(HourCloser) closer: HourCloser,
    @Inject(DELIVER) deliver: Deliver | null,
    @Inject(EndOffsets) private readonly ends: EndOffsets,
    @Inject(Publisher) private readonly publisher: Publisher,
    @Inject(DataSource) private readonly db: DataSource,
  ) {
    const database = readiness.gate('database', 'connecting');
    const answers = (error?: unknown) => (error ? database.close('does not answer') : database.open());
    this.repeated = [
      this.repeat('asking the database', MEASURE_EVERY_MS, () => db.query('SELECT 1'), answers),
      this.repeat('measuring', MEASURE_EVERY_MS, () => gauges.measure()),
      this.repeat('closing hours', CLOSE_EVERY_MS, async () => {
        const events = await closer.look(Date.now());
        if (events > 0) logger.info({ events }, 'hours were closed');
      }),
      this.repeat('forgetting old records', RETIRE_EVERY_MS, async () => {
        await ensureSeenDays(db, Date.now());
        await retireSeen(db, Date.now());
      }),
      this.repeat('delivering to Stripe', DELIVER_EVERY_MS, (stopping) => deliverAll(db, deliver, stopping)),
    ];
    server.goOnAt('usage', () => readOffsets(db.manager, USAGE_OFFSETS));
    server.goOnAt('limit-events', () => readOffsets(db.manager, ADJUSTMENT_OFFSETS));
    const consumer = readiness.gate('consumer', 'joining its group');
    const events = server.unwrap<ConsumerEvents>();
    events.on('consumer.group_join', () => consumer.open());
    for (const end of ['consumer.crash', 'consumer.disconnect', 'consumer.stop']) {
      events.on(end, () => consumer.close('is not in its group'));
    }
  }

  onApplicationBootstrap(): void {
    for (const each of this.repeated) each.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.repeated.map((each) => each.stop()));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.ends.close();
    await this.publisher.disconnect();
    await this.db.destroy();
  }

  private repeat(
    what: string,
    everyMs: number,
    work: RepeatedWork['work'],
    onRun: (error?: unknown) => void = () => undefined,
  ): Repeated {
    return new Repeated({
      everyMs,
      work,
      onRun: (error) => {
        if (error) this.logger.error({ err: error }, `${what} failed; it is tried again`);
        onRun(error);
      },
    });
  }
}

/** Until nothing is due. Without `deliver` nothing is sent, and what gets too old is still told. */
async function deliverAll(db: DataSource, deliver: Deliver | null, stopping: AbortSignal): Promise<void> {
  if (!deliver) return holdHopeless(db.manager, Date.now());
  while (!stopping.aborted && (await deliverDue(db, deliver, Date.now)) > 0);
}
