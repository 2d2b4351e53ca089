import { Injectable, StreamableFile } from '@nestjs/common';
import {
  EXPORT_MEDIA_TYPES,
  type ExportQuery,
  type StatementAnswer,
  type StatementQuery,
  type UsageAnswer,
  type UsageQuery,
} from '@tollgate/contracts/metering-http';
import { MeteringClient } from '../metering-client.ts';
import { KeyStore } from './key-store.ts';

/** What metering's ledger has of a key that exists, revoked ones included. */
@Injectable()
export class KeyUsage {
  constructor(
    private readonly store: KeyStore,
    private readonly metering: MeteringClient,
  ) {}

  async series(id: string, query: UsageQuery): Promise<UsageAnswer> {
    await this.store.get(id);
    return this.metering.usage(id, query);
  }

  async statement(id: string, query: StatementQuery): Promise<StatementAnswer> {
    await this.store.get(id);
    return this.metering.statement(id, query);
  }

  /** A file that is sent on as it comes. */
  async export(id: string, query: ExportQuery): Promise<StreamableFile> {
    await this.store.get(id);
    return new StreamableFile(await this.metering.export(id, query), {
      type: EXPORT_MEDIA_TYPES[query.format],
      disposition: `attachment; filename="${id}-usage.${query.format}"`,
    });
  }
}
