import type { CloudEvent, GatewayReported } from '@tollgate/contracts/events';
import type { Topic } from '@tollgate/contracts/topics';
import { toRecord } from '@tollgate/kafka/cloud-event';
import type { Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import type { Logger } from '@tollgate/service-kit/log';
import { steadyMs } from '../allowances/gateway-clocks.ts';
import type { Instance } from '../instance.ts';
import type { KeyTable } from './key-table.ts';
import type { Scopes } from './scope.ts';

/** All gateways report to this one, whose order tells each of them who was there first (see peers/peers.ts). */
const REPORTS_PARTITION = 0;
const REPORT_EVERY_MS = 1_000;
/** Changes that arrive together are acknowledged together. */
const GATHER_MS = 2;
/** Scopes named in one report; the others follow in the next. */
const MAX_WINDOWS = 1_000;

type Applied = Record<'keys' | 'limits', Record<string, string>>;

/**
 * Tells on `gateways` what this instance has applied, each second and right after a key changed, so that
 * key-admin can say when a change holds everywhere; and how busy its scopes were in the last 60 s.
 */
export class Reports {
  private readonly applied: Applied = { keys: {}, limits: {} };
  private readonly touched = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private gathering: NodeJS.Timeout | undefined;
  private sending = false;
  private again = false;

  constructor(
    private readonly instance: Instance,
    private readonly keys: KeyTable,
    private readonly publisher: Publisher,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.send(false), REPORT_EVERY_MS);
    void this.send(false);
  }

  /** The last report says that nobody needs to wait for this instance any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.gathering);
    await this.send(true);
  }

  noteApplied(topic: Extract<Topic, 'keys' | 'limits'>, partition: number, nextOffset: bigint): void {
    this.applied[topic][partition] = nextOffset.toString();
  }

  /** Reports within {@link GATHER_MS}: somebody waits for what was just applied. */
  acknowledge(): void {
    if (!this.timer) return;
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      void this.send(false);
    }, GATHER_MS);
  }

  /** Scopes whose windows changed. */
  noteUse(scopes: Scopes): void {
    for (const { id } of scopes) this.touched.add(id);
  }

  /** One report is on its way at a time; one that is due meanwhile follows it. */
  private async send(leaving: boolean): Promise<void> {
    if (this.sending && !leaving) {
      this.again = true;
      return;
    }
    this.sending = true;
    try {
      const record = toRecord('gateways', this.report(leaving));
      await this.publisher.publishTo([{ record, partition: REPORTS_PARTITION }]);
    } catch (error) {
      this.logger.warn({ err: error }, 'a report could not be published');
    }
    this.sending = false;
    if (!this.again) return;
    this.again = false;
    await this.send(false);
  }

  private report(leaving: boolean): CloudEvent<GatewayReported> {
    const { name, startedAt } = this.instance;
    return {
      id: newId('evt'),
      source: `/gateway/${name}`,
      type: 'tollgate.gateway.reported.v1',
      time: new Date().toISOString(),
      subject: name,
      data: {
        instance: name,
        started_at: startedAt,
        leaving,
        applied: this.applied,
        windows: this.windows(),
      },
    };
  }

  /** Counts of the scopes used since the last report; a scope stays listed until its window is empty. */
  private windows(): Record<string, number> {
    const now = steadyMs();
    const counts: Record<string, number> = {};
    for (const id of [...this.touched].slice(0, MAX_WINDOWS)) {
      const count = this.keys.scope(id)?.inWindow(now) ?? 0;
      counts[id] = count;
      // Put back at the end, so that each gets its turn.
      this.touched.delete(id);
      if (count > 0) this.touched.add(id);
    }
    return counts;
  }
}
