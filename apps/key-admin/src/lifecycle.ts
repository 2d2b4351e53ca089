import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { registerOutboxGauges } from '@tollgate/event-store/outbox-gauges';
import { OutboxRelay } from '@tollgate/event-store/outbox-relay';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { Publisher } from '@tollgate/kafka/publisher';
import { type Gate, Readiness } from '@tollgate/service-kit/health';
import { DataSource } from 'typeorm';
import { FoundOrganization } from './organization/found-organization.ts';

const DATABASE_LOOK_MS = 2_000;
/** What waits in the outbox is published by the next start; a broker that is away is not waited for. */
const RELAY_STOP_MS = 5_000;

/**
 * Key-admin's life: ready while the database answers, the relay runs, and the latest reports on the gateways topic are read;
 * at the end the relay settles what it is publishing before its connections close.
 */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly database: Gate;
  private readonly gateways: Gate;
  private looking: NodeJS.Timeout | undefined;

  constructor(
    readiness: Readiness,
    private readonly db: DataSource,
    private readonly relay: OutboxRelay,
    private readonly server: KafkaBatchServer,
    private readonly publisher: Publisher,
    private readonly found: FoundOrganization,
  ) {
    this.database = readiness.gate('database', 'connecting');
    this.gateways = readiness.gate('gateways', 'reading the gateways topic');
  }

  async onApplicationBootstrap(): Promise<void> {
    registerOutboxGauges(this.db.manager);
    await this.found.execute();
    this.relay.start();
    this.database.open();
    this.looking = setInterval(() => void this.lookAtDatabase(), DATABASE_LOOK_MS);
    void this.server.caughtUp.then(() => this.gateways.open());
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.looking);
    const stopped = this.relay.stop();
    await Promise.race([stopped, sleep(RELAY_STOP_MS)]);
    await this.publisher.disconnect();
    await stopped;
    await this.db.destroy();
  }

  private async lookAtDatabase(): Promise<void> {
    try {
      await this.db.query('select 1');
      this.database.open();
    } catch (error) {
      this.database.close((error as Error).message);
    }
  }
}
