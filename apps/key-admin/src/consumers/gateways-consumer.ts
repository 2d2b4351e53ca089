import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { GatewayReported } from '@tollgate/contracts/events';
import { type Batch, EVERY_PARTITION, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { Gateways } from '../propagation/gateways.ts';

/** Folds the gateways' reports, those of the last minute at every start. */
@Controller()
export class GatewaysConsumer {
  private live = false;

  constructor(
    private readonly gateways: Gateways,
    server: KafkaBatchServer,
  ) {
    void server.caughtUp.then(() => {
      this.live = true;
    });
  }

  /** Old reports count from when they were written; new ones from now, whatever the clock of their gateway. */
  @EventPattern('gateways', EVERY_PARTITION)
  note(@Payload() batch: Batch): void {
    const now = Date.now();
    for (const { event, timestampMs } of batch.events) {
      if (event.type !== 'tollgate.gateway.reported.v1') continue;
      const heardMs = this.live ? now : Math.min(timestampMs, now);
      this.gateways.report(event.data as GatewayReported, heardMs);
    }
  }
}
