import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { readOffsets } from '@tollgate/event-store/offsets';
import { EndOffsets, lagOf } from '@tollgate/kafka/end-offsets';
import { toldInTime } from '@tollgate/service-kit/told-in-time';
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
        this.set(await toldInTime(measure()));
      },
    });
  }

  private async measure(): Promise<number> {
    const [extents, offsets] = await Promise.all([
      this.ends.of('usage'),
      readOffsets(this.db.manager, USAGE_OFFSETS),
    ]);
    return Number(lagOf(extents, offsets));
  }

  onApplicationShutdown(): Promise<void> {
    return this.ends.close();
  }
}
