import type { UnitCosts } from './unit-costs.ts';

/** What a deployment is asked to do. */
export interface Demand {
  readonly requestsPerSecond: number;
  readonly keys: number;
  /** Keys that are used within any ten seconds: each has a meter of its own to publish. */
  readonly busyKeys: number;
  readonly regions: number;
}

/** How it is cut: a cell is a whole Tollgate, with topics and databases of its own, for some of the teams. */
export interface Cut {
  readonly cells: number;
}

/** What one cell of it takes. */
export interface CellNeeds {
  readonly requestsPerSecond: number;
  readonly keys: number;
  /** Cores that gateways keep busy with requests and with the meters that each of them reads. */
  readonly gatewayCores: number;
  readonly gatewayMemoryGiB: number;
  readonly gatewayStartSeconds: number;
  /** Share of what one fold can do. */
  readonly foldUse: number;
  readonly metersPerSecond: number;
  readonly usageMBPerSecond: number;
  /** What the broker sends to gateways: every meter to each of them. */
  readonly metersOutMBPerSecond: number;
  readonly ledgerGBPerDay: number;
}

/** A gateway process is one core; it should not be busy for more than this share of it. */
const BUSY = 0.6;
/** A used scope's meter leaves once in ten seconds where it moves little. */
const METER_EVERY_S = 10;
const MIB = 1_048_576;
const BASE_MEMORY_MIB = 140;

/** What each cell takes where demand is spread evenly over cells; regions have cells of their own. */
export function cellNeeds(costs: UnitCosts, demand: Demand, { cells }: Cut): CellNeeds {
  const requestsPerSecond = demand.requestsPerSecond / cells;
  const keys = demand.keys / cells;
  const metersPerSecond = Math.min(demand.busyKeys / cells / METER_EVERY_S, requestsPerSecond);
  // Each process gives a part of its core to meters, whatever its share of the requests is.
  const forMeters = (metersPerSecond * costs.gatewayCpuUsPerMeter) / 1e6;
  const forRequests = BUSY - forMeters;
  const gatewayCores =
    forRequests <= 0
      ? Number.POSITIVE_INFINITY
      : (requestsPerSecond * costs.gatewayCpuUsPerRequest) / 1e6 / forRequests;
  const processes = Math.max(2, Math.ceil(gatewayCores));
  return {
    requestsPerSecond,
    keys,
    gatewayCores: processes,
    gatewayMemoryGiB: (BASE_MEMORY_MIB * MIB + keys * costs.heapBytesPerKey) / 1_024 ** 3,
    gatewayStartSeconds: keys / costs.keysLoadedPerSecond,
    foldUse: requestsPerSecond / costs.recordsFoldedPerSecond,
    metersPerSecond,
    usageMBPerSecond: (requestsPerSecond * costs.usageRecordBytes) / 1e6,
    metersOutMBPerSecond: (metersPerSecond * costs.meterBytes * processes) / 1e6,
    ledgerGBPerDay: (requestsPerSecond * costs.ledgerRowBytes * 86_400) / 1e9,
  };
}

/** What a cell may take before something else has to give. */
export const BOUNDS = {
  /** A fold that is busier falls behind with every stall, and catches up too slowly. */
  foldUse: 0.6,
  gatewayMemoryGiB: 2,
  gatewayStartSeconds: 60,
  metersOutMBPerSecond: 200,
} as const satisfies Partial<Record<keyof CellNeeds, number>>;
export type Bound = keyof typeof BOUNDS;

/** The bounds that a cell is beyond, the worst first. */
export const beyond = (needs: CellNeeds): Bound[] =>
  (Object.keys(BOUNDS) as Bound[])
    .filter((bound) => needs[bound] > BOUNDS[bound] || !Number.isFinite(needs.gatewayCores))
    .sort((a, b) => needs[b] / BOUNDS[b] - needs[a] / BOUNDS[a]);

const MOST_CELLS = 100_000;

/** The fewest cells that are within all bounds, a region one at the least, and what asks for so many. */
export function fewestCells(costs: UnitCosts, demand: Demand): { cells: number; because: Bound | null } {
  let because: Bound | null = null;
  for (let cells = demand.regions; cells <= MOST_CELLS; cells += Math.max(1, Math.floor(cells / 100))) {
    const [worst] = beyond(cellNeeds(costs, demand, { cells }));
    if (!worst) return { cells, because };
    because = worst;
  }
  throw new RangeError('no number of cells will do');
}
