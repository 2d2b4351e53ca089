import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { readOffsets } from '@tollgate/event-store/offsets';
import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { USAGE_OFFSETS } from './usage-offsets.ts';

/** Says, when it is asked, how many records of the usage topic are not in the totals yet. */
@Injectable()
export class UsageLag implements OnApplicationShutdown {
  constructor(
    private readonly db: DataSource,
    private readonly ends: EndOffsets,
  ) {
    const measure = () => this.measure();
    new Gauge({
      name: 'tollgate_usage_lag_records',
      help: 'Records of the usage topic that are not in the totals yet; NaN while broker or database do not say',
      async collect() {
        this.set(await measure().catch(() => Number.NaN));
      },
    });
  }

  private async measure(): Promise<number> {
    const [extents, offsets] = await Promise.all([
      this.ends.of('usage'),
      readOffsets(this.db.manager, USAGE_OFFSETS),
    ]);
    let lag = 0n;
    for (const [partition, { start, end }] of extents) {
      const next = BigInt(offsets[partition] ?? start);
      lag += end - (next > start ? next : start);
    }
    return Number(lag);
  }

  onApplicationShutdown(): Promise<void> {
    return this.ends.close();
  }
}
