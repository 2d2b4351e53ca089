import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Post,
  Query,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import {
  type MeterEventsQuery,
  meterEventsQuery,
  type ResolveAnswer,
  type ResolveBody,
  resolveBody,
} from '@tollgate/contracts/billing-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { listMeterEvents } from '../meter-events/list-meter-events.ts';
import { resolve } from '../meter-events/resolve.ts';

@Controller('v1/meter-events')
@UseGuards(InternalToken)
export class MeterEventsController {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @Get()
  list(@Query(new Input(meterEventsQuery)) query: MeterEventsQuery): StreamableFile {
    const lines = listMeterEvents(this.db.manager, query, Date.now());
    return new StreamableFile(Readable.from(lines, { objectMode: false }), { type: 'application/x-ndjson' });
  }

  @Post('resolve')
  @HttpCode(200)
  resolve(@Body(new Input(resolveBody)) body: ResolveBody): Promise<ResolveAnswer> {
    return resolve(this.db, body, Date.now());
  }
}
