import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { Publisher } from '@tollgate/kafka/publisher';
import type { ShutdownSettings } from '@tollgate/service-kit/bootstrap';
import { type Gate, Readiness } from '@tollgate/service-kit/health';
import { FormerProcesses } from './allowances/former-processes.ts';
import { AllowanceKeeper } from './allowances/keeper.ts';
import { MeteringCalls } from './allowances/metering-calls.ts';
import { DenialReports } from './denials/denial-reports.ts';
import { FrontDoor } from './front-door.ts';
import { KeyStateWatch } from './key-state/key-state-watch.ts';
import { KeyTable } from './key-state/key-table.ts';
import { Reports } from './key-state/reports.ts';
import { registerGauges } from './metrics/gauges.ts';
import { Peers } from './peers/peers.ts';
import { HotPath } from './proxy/hot-path.ts';
import { InFlight } from './proxy/in-flight.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { Recovery } from './settle/recovery.ts';
import { UsageQueue } from './settle/usage-queue.ts';
import { LogWatch } from './wal/log-watch.ts';
import { OwnLog } from './wal/own-log.ts';

/** Leaves time, within the shutdown's deadline, to publish what the aborted requests used. */
const SETTLE_MS = 7_000;

/** How long requests under way are waited for, once balancers have had their time to notice. */
export class DrainTime {
  readonly ms: number;

  constructor({ TOLLGATE_LEAVE_MS, TOLLGATE_SHUTDOWN_MS }: ShutdownSettings) {
    this.ms = Math.max(0, TOLLGATE_SHUTDOWN_MS - TOLLGATE_LEAVE_MS - SETTLE_MS);
  }
}

/**
 * The gateway's life: ready once the key table holds all that was on the topics at the start, and the other gateways
 * can know of it, as it knows of them; and at the end no new requests, then the ones under way, then their usage, then
 * what it was given of limits, then goodbye to the others.
 */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly keyState: Gate;

  constructor(
    readiness: Readiness,
    private readonly door: FrontDoor,
    private readonly hotPath: HotPath,
    private readonly keyStateServer: KafkaBatchServer,
    private readonly reports: Reports,
    private readonly watch: KeyStateWatch,
    private readonly peers: Peers,
    private readonly denialReports: DenialReports,
    private readonly keys: KeyTable,
    private readonly recovery: Recovery,
    private readonly formerProcesses: FormerProcesses,
    private readonly keeper: AllowanceKeeper,
    private readonly metering: MeteringCalls,
    private readonly inFlight: InFlight,
    private readonly queue: UsageQueue,
    private readonly upstreams: Upstreams,
    private readonly publisher: Publisher,
    private readonly own: OwnLog,
    private readonly logWatch: LogWatch,
    private readonly drainTime: DrainTime,
  ) {
    readiness.onLeave(() => inFlight.endConnections());
    this.keyState = readiness.gate('key state', 'reading the keys and limits topics');
  }

  onApplicationBootstrap(): void {
    registerGauges(this.keys, this.inFlight, this.queue);
    this.door.open((req, res) => this.hotPath.route(req, res));
    this.keys.onRevoked((keyId) => this.inFlight.abortKey(keyId));
    this.watch.start();
    this.denialReports.start();
    void this.keyStateServer.caughtUp.then(async () => {
      void this.recovery.run(Date.now()).then(() => this.formerProcesses.finish());
      this.keyState.close('reporting to the other gateways');
      this.reports.start();
      await this.peers.introduced;
      this.keeper.start();
      this.hotPath.startAccepting();
      this.keyState.open();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.hotPath.stopAccepting();
    await this.inFlight.drain(this.drainTime.ms);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queue.drained();
    this.formerProcesses.stop();
    await this.keeper.leave();
    await this.metering.close();
    await this.denialReports.stop();
    await this.reports.stop();
    this.watch.stop();
    await this.publisher.disconnect();
    await this.upstreams.close();
    this.logWatch.stop();
    this.own.close();
  }
}
