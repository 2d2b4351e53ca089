import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessDenied } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { type OutgoingRecord, toRecord } from '@tollgate/kafka/cloud-event';
import type { Publisher } from '@tollgate/kafka/publisher';
import type { Logger } from '@tollgate/service-kit/log';
import type { Instance } from '../instance.ts';
import type { Denials } from './denials.ts';

const FLUSH_EVERY_MS = 60_000;
/** Usage records leave between two chunks. */
const CHUNK = 500;
/** A shutdown does not wait longer for them: they are no usage. */
const LAST_FLUSH_MS = 3_000;

/** Publishes the refusals of each minute after it, beside the usage. */
export class DenialReports {
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | null = null;

  constructor(
    private readonly instance: Instance,
    private readonly denials: Denials,
    private readonly publisher: Publisher,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      // While the broker is away the rows wait where they are bounded.
      this.flushing ??= this.publish(this.denials.takeEnded(Date.now())).finally(() => {
        this.flushing = null;
      });
    }, FLUSH_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    const flushed = Promise.all([this.flushing, this.publish(this.denials.takeAll())]);
    await Promise.race([flushed, sleep(LAST_FLUSH_MS, undefined, { ref: false })]);
  }

  private async publish(rows: readonly AccessDenied[]): Promise<void> {
    try {
      for (let from = 0; from < rows.length; from += CHUNK) {
        await this.publisher.publish(rows.slice(from, from + CHUNK).map((row) => this.toKafka(row)));
      }
    } catch (error) {
      this.logger.warn({ err: error, rows: rows.length }, 'refusals were not published');
    }
  }

  private toKafka(row: AccessDenied): OutgoingRecord {
    const { name, startedAt } = this.instance;
    const { key_id, reason, minute, client_ip } = row;
    return toRecord('usage', {
      id: `${name}/${startedAt}/${minute}/${reason}/${key_id ?? ''}/${client_ip ?? ''}`,
      source: `/gateway/${name}`,
      type: 'tollgate.access.denied.v1',
      time: minute,
      subject: key_id ?? ORGANIZATION_ID,
      data: row,
    });
  }
}
