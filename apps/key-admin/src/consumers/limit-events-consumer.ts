import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { type Batch, IN_GROUP } from '@tollgate/kafka/batch-server';
import { DataSource } from 'typeorm';
import { recordEvents } from '../webhooks/record-events.ts';
import { WebhookSender } from '../webhooks/sender.ts';
import { WebhookMetrics } from '../webhooks/webhook-metrics.ts';

/** Warnings, breaches and resets become deliveries, by one instance of all. */
@Controller()
export class LimitEventsConsumer {
  constructor(
    private readonly db: DataSource,
    private readonly sender: WebhookSender,
    private readonly metrics: WebhookMetrics,
  ) {}

  @EventPattern('limit-events', IN_GROUP)
  async record(@Payload() batch: Batch): Promise<void> {
    const states = await recordEvents(this.db, batch, Date.now());
    if (states.includes('pending')) this.sender.wake();
    const expired = states.filter((state) => state === 'expired').length;
    if (expired > 0) this.metrics.settled('expired', expired);
  }
}
