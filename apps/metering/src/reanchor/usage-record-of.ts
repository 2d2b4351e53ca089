import type { UsageRecorded } from '@tollgate/contracts/events';
import { type OutgoingRecord, toRecord } from '@tollgate/kafka/cloud-event';

/** A record as the gateway that made it had published it. */
export const usageRecordOf = (record: UsageRecorded): OutgoingRecord =>
  toRecord('usage', {
    id: record.id,
    source: `/gateway/${record.gateway}`,
    type: 'tollgate.usage.recorded.v1',
    time: record.settled_at,
    subject: record.key_id,
    data: record,
  });
