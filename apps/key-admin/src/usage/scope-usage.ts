import { Injectable, StreamableFile } from '@nestjs/common';
import {
  EXPORT_MEDIA_TYPES,
  type ExportQuery,
  type StatementAnswer,
  type StatementQuery,
  type UsageAnswer,
  type UsageQuery,
} from '@tollgate/contracts/metering-http';
import type { Caller } from '../admin-keys/caller.ts';
import { MeteringClient } from '../metering-client.ts';
import { KnownScope } from '../scopes/known-scope.ts';

/** What metering's ledger has of a scope that exists, revoked and deleted ones included. */
@Injectable()
export class ScopeUsage {
  constructor(
    private readonly scopes: KnownScope,
    private readonly metering: MeteringClient,
  ) {}

  async series(caller: Caller, id: string, query: UsageQuery): Promise<UsageAnswer> {
    await this.scopes.get(caller, id);
    return this.metering.usage(id, query);
  }

  async statement(caller: Caller, id: string, query: StatementQuery): Promise<StatementAnswer> {
    await this.scopes.get(caller, id);
    return this.metering.statement(id, query);
  }

  /** A file that is sent on as it comes. */
  async export(caller: Caller, id: string, query: ExportQuery): Promise<StreamableFile> {
    await this.scopes.get(caller, id);
    return new StreamableFile(await this.metering.export(id, query), {
      type: EXPORT_MEDIA_TYPES[query.format],
      disposition: `attachment; filename="${id}-usage.${query.format}"`,
    });
  }
}
