import { Injectable, StreamableFile } from '@nestjs/common';
import {
  EXPORT_MEDIA_TYPES,
  type ExportQuery,
  type RequestsAnswer,
  type RequestsQuery,
  type StatementAnswer,
  type StatementQuery,
  type UsageAnswer,
  type UsageQuery,
} from '@tollgate/contracts/metering-http';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { MeteringClient } from '../metering-client.ts';
import { KnownScope } from '../scopes/known-scope.ts';
import { readScopeNames } from '../scopes/read-scope-names.ts';

/** What metering's ledger has of a scope that exists, revoked and deleted ones included. */
@Injectable()
export class ScopeUsage {
  constructor(
    private readonly scopes: KnownScope,
    private readonly metering: MeteringClient,
    private readonly db: DataSource,
  ) {}

  async series(caller: Caller, id: string, query: UsageQuery): Promise<UsageAnswer> {
    await this.scopes.get(caller, id);
    const answer = await this.metering.usage(id, query);
    const { groups } = answer;
    if (!groups || (query.group_by !== 'key' && query.group_by !== 'team')) return answer;
    const names = await readScopeNames(
      this.db,
      groups.flatMap(({ group }) => group ?? []),
    );
    return { ...answer, groups: groups.map((one) => ({ ...one, name: names.get(one.group ?? '') ?? null })) };
  }

  async requests(caller: Caller, id: string, query: RequestsQuery): Promise<RequestsAnswer> {
    await this.scopes.get(caller, id);
    return this.metering.requests(id, query);
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
