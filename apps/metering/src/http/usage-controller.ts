import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, StreamableFile, UseGuards } from '@nestjs/common';
import {
  EXPORT_MEDIA_TYPES,
  type ExportQuery,
  exportQuery,
  type RequestsAnswer,
  type RequestsQuery,
  requestsQuery,
  type StatementAnswer,
  type StatementQuery,
  statementQuery,
  type UsageAnswer,
  type UsageQuery,
  usageQuery,
} from '@tollgate/contracts/metering-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { exportUsage } from '../exports/export-usage.ts';
import { readRequests } from '../requests/read-requests.ts';
import { readStatement } from '../statements/read-statement.ts';
import { readUsage } from '../usage/read-usage.ts';
import { scopeId } from './scope-id.ts';

@Controller('v1')
@UseGuards(InternalToken)
export class UsageController {
  constructor(@Inject(DataSource) private readonly db: DataSource) {}

  @Get('usage/:scope_id')
  usage(
    @Param('scope_id', new Input(scopeId)) id: string,
    @Query(new Input(usageQuery)) query: UsageQuery,
  ): Promise<UsageAnswer> {
    return readUsage(this.db.manager, id, query, Date.now());
  }

  @Get('requests/:scope_id')
  requests(
    @Param('scope_id', new Input(scopeId)) id: string,
    @Query(new Input(requestsQuery)) query: RequestsQuery,
  ): Promise<RequestsAnswer> {
    return readRequests(this.db.manager, id, query);
  }

  @Get('statements/:scope_id')
  statement(
    @Param('scope_id', new Input(scopeId)) id: string,
    @Query(new Input(statementQuery)) query: StatementQuery,
  ): Promise<StatementAnswer> {
    return readStatement(this.db, id, query, Date.now());
  }

  @Get('exports/:scope_id')
  export(
    @Param('scope_id', new Input(scopeId)) id: string,
    @Query(new Input(exportQuery)) query: ExportQuery,
  ): StreamableFile {
    return new StreamableFile(
      Readable.from(exportUsage(this.db.manager, id, query, Date.now()), { objectMode: false }),
      {
        type: EXPORT_MEDIA_TYPES[query.format],
        disposition: `attachment; filename="${id}-usage.${query.format}"`,
      },
    );
  }
}
