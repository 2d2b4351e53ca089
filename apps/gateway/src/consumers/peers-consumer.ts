import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { GatewayReported } from '@tollgate/contracts/events';
import type { Batch } from '@tollgate/kafka/batch-server';
import { Peers } from '../peers/peers.ts';

/** Follows the reports of all gateways, this one's own among them. */
@Controller()
export class PeersConsumer {
  constructor(private readonly peers: Peers) {}

  @EventPattern('gateways')
  note(@Payload() { events }: Batch): void {
    for (const { event, timestampMs } of events) {
      if (event.type !== 'tollgate.gateway.reported.v1') continue;
      this.peers.note(event.data as GatewayReported, timestampMs);
    }
  }
}
