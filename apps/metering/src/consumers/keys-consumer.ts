import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { KeyChanged } from '@tollgate/contracts/events';
import type { Batch } from '@tollgate/kafka/batch-server';
import { DataSource } from 'typeorm';
import { applyKeyChange } from '../limits/apply-key-change.ts';

/** What key-admin says of keys: their limits, periods and manual resets. */
@Controller()
export class KeysConsumer {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @EventPattern('keys')
  async apply(@Payload() batch: Batch): Promise<void> {
    for (const { event } of batch.events) {
      if (!event.type.startsWith('tollgate.key.')) continue;
      await applyKeyChange(this.db, event.data as KeyChanged, Date.now());
    }
  }
}
