import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { Gauge } from 'prom-client';
import type { Credential } from './credential.ts';
import type { Fact } from './fact.ts';
import { RecentFacts } from './recent-facts.ts';
import type { Stream } from './stream.ts';

const MOST_STREAMS = 500;
/** People who share an admin key, and their windows. */
export const MOST_STREAMS_OF_ADMIN = 50;
/** Proxies close what is silent for longer, often after 30 s or a minute. */
const BEAT_EVERY_MS = 15_000;
const TRY_AGAIN_SECONDS = 5;

/** The streams that are open. open → closed, when the service stops: all end, and no other begins */
@Injectable()
export class Streams implements OnModuleDestroy {
  private readonly open = new Set<Stream>();
  private readonly beating: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly recent: RecentFacts) {
    this.beating = setInterval(() => {
      for (const stream of this.open) stream.beat();
    }, BEAT_EVERY_MS).unref();
    const open = this.open;
    new Gauge({
      name: 'tollgate_streams_open',
      help: 'Streams of events that are open',
      collect() {
        this.set(open.size);
      },
    });
  }

  [Symbol.iterator](): Iterator<Stream> {
    return this.open[Symbol.iterator]();
  }

  /** @throws TollgateError `too_many_streams` or `not_ready` where there can be no further one of this admin */
  requireRoom({ admin }: Credential): void {
    if (this.closed) throw new TollgateError('not_ready', 'The service stops; try again in a moment.');
    const own = [...this.open].filter(({ of }) => of.admin.id === admin.id).length;
    if (own < MOST_STREAMS_OF_ADMIN && this.open.size < MOST_STREAMS) return;
    const whose =
      own < MOST_STREAMS_OF_ADMIN
        ? `There are ${MOST_STREAMS} streams open, as many as there may be`
        : `This admin key has ${MOST_STREAMS_OF_ADMIN} streams open, as many as it may`;
    throw new TollgateError('too_many_streams', `${whose}: close one, or try again later.`, {
      retryAfterSeconds: TRY_AGAIN_SECONDS,
    });
  }

  add(stream: Stream): void {
    this.open.add(stream);
    stream.onClose(() => this.open.delete(stream));
  }

  tell(fact: Fact): void {
    const { id } = this.recent.add(fact);
    for (const stream of this.open) {
      if (fact.isFor(stream.of.admin.team_id)) stream.send(fact.event, fact.data, id);
    }
  }

  onModuleDestroy(): void {
    this.closed = true;
    clearInterval(this.beating);
    for (const stream of this.open) stream.end();
  }
}
