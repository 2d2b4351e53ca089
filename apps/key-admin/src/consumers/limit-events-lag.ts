import type { OnApplicationShutdown } from '@nestjs/common';
import { readOffsets } from '@tollgate/event-store/offsets';
import type { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { type EndOffsets, lagOf } from '@tollgate/kafka/end-offsets';
import { toldInTime } from '@tollgate/service-kit/told-in-time';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { WEBHOOK_OFFSETS } from '../webhooks/sql/offsets.ts';

/** Partition → where a reader goes on. */
type Positions = () => Promise<Readonly<Record<string, string>>>;

/** Says, when it is asked, how many limit events are in no webhook delivery yet, or not told to this instance's streams. */
export class LimitEventsLag implements OnApplicationShutdown {
  /** @param server the one that reads every partition, for the streams */
  constructor(
    db: DataSource,
    server: KafkaBatchServer,
    private readonly ends: EndOffsets,
  ) {
    const readers = {
      webhooks: () => readOffsets(db.manager, WEBHOOK_OFFSETS),
      streams: async () => server.positions('limit-events'),
    };
    const measure = (positions: Positions) => this.measure(positions);
    new Gauge({
      name: 'tollgate_limit_events_lag_records',
      help: 'Records of limit-events that a reader has not dealt with: the webhooks of all instances, or the streams of this one; NaN while broker or database do not say',
      labelNames: ['reader'],
      async collect() {
        const all = Object.entries(readers).map(async ([reader, positions]) => {
          this.set({ reader }, await toldInTime(measure(positions)));
        });
        await Promise.all(all);
      },
    });
  }

  private async measure(positions: Positions): Promise<number> {
    const [extents, next] = await Promise.all([this.ends.of('limit-events'), positions()]);
    return Number(lagOf(extents, next));
  }

  onApplicationShutdown(): Promise<void> {
    return this.ends.close();
  }
}
