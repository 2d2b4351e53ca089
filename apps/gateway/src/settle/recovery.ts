import type { UsageRecorded } from '@tollgate/contracts/events';
import { formatUsd } from '@tollgate/contracts/money';
import type { PriceBook } from '@tollgate/prices/price-book';
import type { Logger } from '@tollgate/service-kit/log';
import type { KeyTable } from '../key-state/key-table.ts';
import type { Traffic } from '../metrics/traffic.ts';
import type { LoggedPosition, Recovered } from '../wal/ledger.ts';
import type { LoggedAdmission } from './attempt.ts';
import { type OutgoingUsage, settledOf } from './outgoing-usage.ts';
import { unseenUse } from './unseen-use.ts';

export interface RecoveryParts {
  readonly keys: KeyTable;
  readonly priceBook: PriceBook;
  readonly traffic: Traffic;
  readonly logger: Logger;
}

/**
 * Settles what a former process left behind: records that may not have reached the broker are published, and an
 * attempt that nobody saw end becomes an orphan, charged by what is known.
 */
export class Recovery {
  constructor(
    private readonly left: readonly { readonly recovered: Recovered; readonly outgoing: OutgoingUsage }[],
    private readonly parts: RecoveryParts,
  ) {}

  /**
   * To be run once all keys are known, before the first request is taken.
   * @returns resolves when all of it is on the broker
   */
  async run(nowMs: number): Promise<void> {
    await Promise.all(
      this.left.flatMap(({ recovered, outgoing }) => this.settle(recovered, outgoing, nowMs)),
    );
  }

  private settle(
    { settled, orphans, damagedBytes }: Recovered,
    outgoing: OutgoingUsage,
    nowMs: number,
  ): Promise<void>[] {
    const { keys, priceBook, traffic, logger } = this.parts;
    if (settled.length + orphans.length + damagedBytes > 0) {
      logger.warn(
        { settled: settled.length, orphans: orphans.length, damagedBytes },
        'recovered from the log',
      );
    }
    const accountsOf = ({ key_id }: UsageRecorded) =>
      keys.get(key_id)?.scopes.map((scope) => scope.account(nowMs)) ?? [];
    const resumed = settled.map(({ record: json, position }) => {
      const record = JSON.parse(json) as UsageRecorded;
      const from = standing(position, record, keys);
      return placed((onPlaced) =>
        outgoing.resume(settledOf(record, json), accountsOf(record), from, onPlaced),
      );
    });
    const ended = orphans.map(({ admission, progress }, index) => {
      const record = orphaned(priceBook, JSON.parse(admission), progress, nowMs * 1_000 + index, nowMs);
      traffic.orphaned(record);
      return placed((onPlaced) =>
        outgoing.send(settledOf(record, JSON.stringify(record)), accountsOf(record), onPlaced),
      );
    });
    return [...resumed, ...ended];
  }
}

const placed = (send: (onPlaced: () => void) => void) => new Promise<void>(send);

/**
 * On a topic that is no more, a record is nowhere; and where the topic has more partitions now, the meter of its key
 * speaks of another than it is in. Sent again, it is known by its id.
 */
const standing = (position: LoggedPosition | null, { key_id }: UsageRecorded, keys: KeyTable) =>
  position?.epoch === keys.epoch && position.partition === keys.usagePartitionOf(key_id) ? position : null;

function orphaned(
  prices: PriceBook,
  { draft, hold, request_bytes }: LoggedAdmission,
  progress: number | null,
  sequence: number,
  nowMs: number,
): UsageRecorded {
  const price = prices.priceOf(draft.provider, draft.upstream_model, Date.parse(draft.admitted_at));
  const held = hold && { costPicodollars: BigInt(hold.cost), tokens: hold.tokens };
  const seen = { outputEvents: progress ?? 0, outputBytes: 0 };
  const { tokens, costPicodollars } = unseenUse(request_bytes, held, seen, price);
  return {
    ...draft,
    sequence,
    status: 'orphaned',
    http_status: null,
    settled_at: new Date(nowMs).toISOString(),
    tokens,
    quality: 'estimated',
    cost_usd: costPicodollars === null ? null : formatUsd(costPicodollars),
    price_version: costPicodollars === null ? null : prices.version,
    latency_ms: Math.max(0, nowMs - Date.parse(draft.admitted_at)),
    first_token_ms: null,
  };
}
