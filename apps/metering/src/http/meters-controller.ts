import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import type { MeterAnswer, MetersAnswer } from '@tollgate/contracts/metering-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { readMeter, readMeters } from '../meters/read-meter.ts';
import { scopeId } from './scope-id.ts';

const MOST_IDS = 200;
const metersQuery = z.strictObject({
  ids: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(scopeId).min(1).max(MOST_IDS, `must name at most ${MOST_IDS} scopes`)),
});

@Controller('v1/meters')
@UseGuards(InternalToken)
export class MetersController {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @Get()
  async some(@Query(new Input(metersQuery)) query: z.output<typeof metersQuery>): Promise<MetersAnswer> {
    return { data: await readMeters(this.db.manager, query.ids, Date.now()) };
  }

  @Get(':scope_id')
  one(@Param('scope_id', new Input(scopeId)) id: string): Promise<MeterAnswer> {
    return readMeter(this.db.manager, id, Date.now());
  }
}
