import { Readable } from 'node:stream';
import { Controller, Get, Inject, Query, StreamableFile, UseGuards } from '@nestjs/common';
import { LINE_ITEM_MEDIA_TYPES, type LineItemsQuery, lineItemsQuery } from '@tollgate/contracts/billing-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { exportItems, filterOf } from '../exports/export-items.ts';

@Controller('v1/line-items')
@UseGuards(InternalToken)
export class LineItemsController {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @Get()
  export(@Query(new Input(lineItemsQuery)) query: LineItemsQuery): StreamableFile {
    const { format } = query;
    const file = exportItems(this.db.manager, filterOf(query, Date.now()), format);
    return new StreamableFile(Readable.from(file, { objectMode: false }), {
      type: LINE_ITEM_MEDIA_TYPES[format],
      disposition: `attachment; filename="line-items.${format}"`,
    });
  }
}
