import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Post, StreamableFile, UseGuards } from '@nestjs/common';
import {
  type BacktestAnswer,
  type BacktestBody,
  backtestBody,
  type CheckAnswer,
  type CreditAnswer,
  type CreditBody,
  creditBody,
  type QuarantineAnswer,
  type RebuildBody,
  type ReconciliationAnswer,
  type ReconciliationBody,
  type ReleaseAnswer,
  type ReleaseBody,
  type ReratingBody,
  type RetireBody,
  rebuildBody,
  reconciliationBody,
  releaseBody,
  reratingBody,
  retireBody,
} from '@tollgate/contracts/operations-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { backtest } from '../backtest/backtest.ts';
import { check } from '../checks/check.ts';
import { credit } from '../corrections/credit.ts';
import { release } from '../quarantine/release.ts';
import { countQuarantined, listQuarantined } from '../quarantine/sql/take-quarantined.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { reconcileUsage } from '../reconciliation/reconcile-usage.ts';
import { currentPrices, PRICE_FILES, type PriceFiles } from '../rerating/current-prices.ts';
import { rerateUsage } from '../rerating/rerate-usage.ts';
import { retire } from '../retention/retire.ts';

const MOST_LISTED = 1_000;

/** What operators have done to the ledger and its totals; each is kept in `operations`. */
@Controller('v1')
@UseGuards(InternalToken)
export class OperationsController {
  constructor(
    @Inject(DataSource) private readonly db: DataSource,
    @Inject(PRICE_FILES) private readonly priceFiles: PriceFiles,
  ) {}

  /** Lines of JSON: `{"progress"}` while it goes on, then one `{"result"}` or `{"error"}`. */
  @Post('rebuild')
  @HttpCode(200)
  rebuild(@Body(new Input(rebuildBody)) body: RebuildBody): StreamableFile {
    return asLines(rebuild(this.db, body, Date.now()));
  }

  /** Lines of JSON, as of {@link rebuild}. */
  @Post('retire')
  @HttpCode(200)
  retire(@Body(new Input(retireBody)) body: RetireBody): StreamableFile {
    return asLines(retire(this.db, body, Date.now()));
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

  /** Lines of JSON, as of {@link rebuild}. */
  @Post('reratings')
  @HttpCode(200)
  rerate(@Body(new Input(reratingBody)) body: ReratingBody): StreamableFile {
    return asLines(rerateUsage(this.db, body, currentPrices(this.priceFiles), Date.now()));
  }

  @Post('reconciliations')
  @HttpCode(200)
  reconcile(@Body(new Input(reconciliationBody)) body: ReconciliationBody): Promise<ReconciliationAnswer> {
    return reconcileUsage(this.db, body);
  }

  @Get('checks')
  check(): Promise<CheckAnswer> {
    return check(this.db);
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

function asLines(work: AsyncGenerator<unknown, unknown>): StreamableFile {
  return new StreamableFile(Readable.from(lines(work), { objectMode: false }), {
    type: 'application/x-ndjson',
  });
}

async function* lines(work: AsyncGenerator<unknown, unknown>): AsyncGenerator<string> {
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
