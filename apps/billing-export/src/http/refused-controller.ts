import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import {
  type RefusedAnswer,
  type ReleaseRefusedAnswer,
  type ReleaseRefusedBody,
  releaseRefusedBody,
} from '@tollgate/contracts/billing-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { release } from '../refused/release.ts';
import { countRefused, listRefused } from '../refused/sql/list-refused.ts';

const MOST_LISTED = 1_000;

@Controller('v1/refused')
@UseGuards(InternalToken)
export class RefusedController {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @Get()
  async list(): Promise<RefusedAnswer> {
    return {
      total: await countRefused(this.db.manager),
      data: await listRefused(this.db.manager, MOST_LISTED),
    };
  }

  @Post('release')
  @HttpCode(200)
  release(@Body(new Input(releaseRefusedBody)) body: ReleaseRefusedBody): Promise<ReleaseRefusedAnswer> {
    return release(this.db, body, Date.now());
  }
}
