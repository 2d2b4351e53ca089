import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Batch } from '@tollgate/kafka/batch-server';
import { DataSource } from 'typeorm';
import { applyScopeChange, toScopeChanged } from '../limits/apply-scope-change.ts';

/** What key-admin says of keys, teams and the organization: their limits, periods and manual resets. */
@Controller()
export class KeysConsumer {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @EventPattern('keys')
  async apply(@Payload() batch: Batch): Promise<void> {
    for (const { event } of batch.events) {
      const changed = toScopeChanged(event.type, event.data);
      if (changed) await applyScopeChange(this.db, changed, Date.now());
    }
  }
}
