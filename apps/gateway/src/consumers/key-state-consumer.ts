import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { KeyChanged, LimitEvent, OrganizationChanged, TeamChanged } from '@tollgate/contracts/events';
import type { Batch } from '@tollgate/kafka/batch-server';
import { AllowanceKeeper } from '../allowances/keeper.ts';
import { KeyStateWatch } from '../key-state/key-state-watch.ts';
import { KeyTable } from '../key-state/key-table.ts';
import { PepperWatch } from '../key-state/pepper-watch.ts';
import { Reports } from '../key-state/reports.ts';

/** ⑦ Folds `keys` and `limits` into the key table, from the beginning of both at every start. */
@Controller()
export class KeyStateConsumer {
  constructor(
    private readonly keys: KeyTable,
    private readonly reports: Reports,
    private readonly watch: KeyStateWatch,
    private readonly peppers: PepperWatch,
    private readonly keeper: AllowanceKeeper,
  ) {}

  @EventPattern('keys')
  applyKeys(@Payload() batch: Batch): void {
    const now = Date.now();
    let changed = false;
    for (const { event } of batch.events) {
      if (event.type === 'tollgate.heartbeat.v1') continue;
      if (event.type.startsWith('tollgate.key.')) this.applyKey(event.data as KeyChanged, now);
      else if (event.type.startsWith('tollgate.team.')) this.keys.applyTeam(event.data as TeamChanged, now);
      else if (event.type.startsWith('tollgate.organization.'))
        this.keys.applyOrganization(event.data as OrganizationChanged, now);
      changed = true;
    }
    this.reports.noteApplied('keys', batch.partition, batch.nextOffset);
    this.watch.note('keys', batch);
    if (changed) this.reports.acknowledge();
  }

  private applyKey(changed: KeyChanged, now: number): void {
    this.keys.applyKey(changed, now);
    this.peppers.note(changed.state, now);
  }

  @EventPattern('limits')
  applyMeters(@Payload() batch: Batch): void {
    const now = Date.now();
    for (const { event } of batch.events) {
      if (event.type === 'tollgate.limit.metered.v1') this.applyMeter(event.data as LimitEvent, now);
    }
    this.reports.noteApplied('limits', batch.partition, batch.nextOffset);
    this.watch.note('limits', batch);
  }

  private applyMeter(meter: LimitEvent, now: number): void {
    this.keys.applyMeter(meter, now);
    if (meter.recall !== undefined) this.keeper.recalled(meter.scope_id, meter.recall);
  }
}
