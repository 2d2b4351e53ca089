import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Post, StreamableFile, UseGuards } from '@nestjs/common';
import {
  type BacktestAnswer,
  type BacktestBody,
  backtestBody,
  type CreditAnswer,
  type CreditBody,
  creditBody,
  type QuarantineAnswer,
  type ReleaseAnswer,
  type ReleaseBody,
  rebuildBody,
  releaseBody,
  retireBody,
} from '@tollgate/contracts/metering-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { backtest } from '../backtest/backtest.ts';
import { credit } from '../corrections/credit.ts';
import { recorded } from '../operations/recorded.ts';
import { release } from '../quarantine/release.ts';
import { countQuarantined, listQuarantined } from '../quarantine/sql/take-quarantined.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { retire } from '../retention/retire.ts';

const MOST_LISTED = 1_000;

/** What operators have done to the ledger and its totals; each is kept in `operations`. */
@Controller('v1')
@UseGuards(InternalToken)
export class OperationsController {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  /** Lines of JSON: `{"progress"}` while it goes on, then one `{"result"}` or `{"error"}`. */
  @Post('rebuild')
  @HttpCode(200)
  rebuild(@Body(new Input(rebuildBody)) body: z.output<typeof rebuildBody>): StreamableFile {
    const { actor, repair } = body;
    const work = recorded(
      this.db,
      { kind: 'rebuild', actor, parameters: { repair } },
      rebuild(this.db, body, Date.now()),
    );
    return new StreamableFile(Readable.from(asLines(work), { objectMode: false }), {
      type: 'application/x-ndjson',
    });
  }

  /** Lines of JSON, as of {@link rebuild}. */
  @Post('retire')
  @HttpCode(200)
  retire(@Body(new Input(retireBody)) body: z.output<typeof retireBody>): StreamableFile {
    const { actor, keep_months: keepMonths } = body;
    const operation = { kind: 'retire', actor, parameters: { keepMonths } } as const;
    const work = recorded(this.db, operation, retire(this.db, { keepMonths }, Date.now()));
    return new StreamableFile(Readable.from(asLines(work), { objectMode: false }), {
      type: 'application/x-ndjson',
    });
  }

  @Post('credits')
  @HttpCode(200)
  credit(@Body(new Input(creditBody)) body: CreditBody): Promise<CreditAnswer> {
    return credit(this.db, body, Date.now());
  }

  @Post('backtests')
  @HttpCode(200)
  backtest(@Body(new Input(backtestBody)) body: BacktestBody): Promise<BacktestAnswer> {
    return backtest(this.db.manager, body, Date.now());
  }

  @Get('quarantine')
  async quarantine(): Promise<QuarantineAnswer> {
    const data = await listQuarantined(this.db.manager, MOST_LISTED);
    return { total: await countQuarantined(this.db.manager), data };
  }

  @Post('quarantine/release')
  @HttpCode(200)
  release(@Body(new Input(releaseBody)) body: ReleaseBody): Promise<ReleaseAnswer> {
    return release(this.db, body, Date.now());
  }
}

async function* asLines<Progress, Result>(work: AsyncGenerator<Progress, Result>): AsyncGenerator<string> {
  const line = (content: object) => `${JSON.stringify(content)}\n`;
  try {
    for (;;) {
      const { done, value } = await work.next();
      if (done) return yield line({ result: value });
      yield line({ progress: value });
    }
  } catch (error) {
    yield line({ error: { message: (error as Error).message } });
  }
}
