import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { type Batch, EVERY_PARTITION } from '@tollgate/kafka/batch-server';
import { TellFacts } from '../stream/tell-facts.ts';

/** Changes and limit events become news on the streams of every instance. */
@Controller()
export class StreamConsumer {
  constructor(private readonly tell: TellFacts) {}

  @EventPattern('keys', EVERY_PARTITION)
  changes(@Payload() { events }: Batch): void {
    this.tell.changes(events.map(({ event }) => event));
  }

  @EventPattern('limit-events', EVERY_PARTITION)
  limits(@Payload() { events }: Batch): Promise<void> {
    return this.tell.limits(events.map(({ event }) => event));
  }
}
