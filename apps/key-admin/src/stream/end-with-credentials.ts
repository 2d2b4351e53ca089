import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Repeated } from '@tollgate/service-kit/repeated';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { Sessions } from '../sessions/sessions.ts';
import { Streams } from './streams.ts';

const LOOK_EVERY_MS = 1_000;
/** While nobody can say whether an admin key was revoked, a stream goes on for this time. */
const UNSURE_MS = 10_000;

/** Ends streams whose session or admin key has ended, whichever instance it ended at: within about a second. */
@Injectable()
export class EndWithCredentials implements OnApplicationBootstrap, OnModuleDestroy {
  private sureMs = performance.now();
  private readonly looking = new Repeated({
    work: () => this.look(),
    everyMs: LOOK_EVERY_MS,
    onRun: (error) => this.note(error),
  });

  constructor(
    private readonly streams: Streams,
    private readonly identify: IdentifyAdmin,
    private readonly sessions: Sessions,
  ) {}

  onApplicationBootstrap(): void {
    this.looking.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.looking.stop();
  }

  private async look(): Promise<void> {
    const streams = [...this.streams];
    if (streams.length === 0) return;
    const digests = streams.flatMap(({ of }) => of.session ?? []);
    const [admins, sessions] = await Promise.all([
      this.identify.whichStill([...new Set(streams.map(({ of }) => of.admin.id))]),
      this.sessions.whichStill([...new Set(digests)], Date.now()),
    ]);
    for (const stream of streams) {
      const { admin, session } = stream.of;
      if (!admins.has(admin.id) || (session !== null && !sessions.has(session))) stream.end();
    }
  }

  private note(error: unknown): void {
    if (error === undefined) this.sureMs = performance.now();
    else if (performance.now() - this.sureMs > UNSURE_MS) for (const stream of this.streams) stream.end();
  }
}
