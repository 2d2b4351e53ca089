/** What one of each costs, as bench/RESULTS.md measured it on one core of the machine that it names. */
export interface UnitCosts {
  /** CPU of a gateway for a small request, all three limits set. */
  readonly gatewayCpuUsPerRequest: number;
  /** Heap of a gateway for a key that it knows and that is not used. */
  readonly heapBytesPerKey: number;
  /** Keys that a gateway reads in a second when it starts. */
  readonly keysLoadedPerSecond: number;
  /** Records that metering folds in a second, over many keys: one transaction after another. */
  readonly recordsFoldedPerSecond: number;
  readonly meteringCpuUsPerRecord: number;
  /** A usage record on the topic, headers included, and in the ledger with its indexes. */
  readonly usageRecordBytes: number;
  readonly ledgerRowBytes: number;
  /** A meter on the topic, headers and signature included. */
  readonly meterBytes: number;
  /** CPU of a gateway for a meter that it reads. */
  readonly gatewayCpuUsPerMeter: number;
}

export const MEASURED: UnitCosts = {
  gatewayCpuUsPerRequest: 238,
  heapBytesPerKey: 302,
  keysLoadedPerSecond: 36_266,
  recordsFoldedPerSecond: 17_550,
  meteringCpuUsPerRecord: 38,
  usageRecordBytes: 1_400,
  ledgerRowBytes: 600,
  meterBytes: 1_200,
  // A meter is read, verified and applied like a key when a gateway starts.
  gatewayCpuUsPerMeter: 28,
};
