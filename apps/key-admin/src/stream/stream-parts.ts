import type { Provider } from '@nestjs/common';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { MeteringClient } from '../metering-client.ts';
import { ScopeMeter } from '../usage/scope-meter.ts';
import { EndWithCredentials } from './end-with-credentials.ts';
import { LiveMeters } from './live-meters.ts';
import { OpenStream } from './open-stream.ts';
import { RecentFacts } from './recent-facts.ts';
import { Streams } from './streams.ts';
import { TellFacts } from './tell-facts.ts';

/** Topics and metering → streams that browsers read. */
export const streamParts = (logger: Logger): Provider[] => [
  RecentFacts,
  Streams,
  TellFacts,
  OpenStream,
  EndWithCredentials,
  {
    provide: LiveMeters,
    inject: [DataSource, MeteringClient, ScopeMeter],
    useFactory: (db: DataSource, metering: MeteringClient, scopeMeter: ScopeMeter) =>
      new LiveMeters({ db, metering, scopeMeter, logger }),
  },
];
