import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  type BulkKeysBody,
  bulkKeysBody,
  type CreateKeyBody,
  createKeyBody,
  type ListKeysQuery,
  listKeysQuery,
  type PatchKeyBody,
  patchKeyBody,
  type ResetKeyBody,
  type RotateKeyBody,
  resetKeyBody,
  rotateKeyBody,
} from '@tollgate/contracts/admin-http';
import {
  type ExportQuery,
  exportQuery,
  type StatementQuery,
  statementQuery,
  type UsageQuery,
  usageQuery,
} from '@tollgate/contracts/metering-http';
import { Input } from '@tollgate/service-kit/input';
import type { Admin } from '../admin/bootstrap-admin.ts';
import { ChangeKeys } from '../keys/change-keys.ts';
import { CreateKey } from '../keys/create-key.ts';
import { GetKey } from '../keys/get-key.ts';
import { KeyUsage } from '../keys/key-usage.ts';
import { ListKeys } from '../keys/list-keys.ts';
import { OverviewKey } from '../keys/overview-key.ts';
import { PropagationOfKey } from '../keys/propagation-of-key.ts';
import { ResetKey } from '../keys/reset-key.ts';
import { RevokeKey } from '../keys/revoke-key.ts';
import { RotateKey } from '../keys/rotate-key.ts';
import { UpdateKey } from '../keys/update-key.ts';
import { Caller } from './admin-guard.ts';
import { ExistingKeyId } from './existing-key-id.ts';
import { ExpectedVersion } from './expected-version.ts';
import { IdempotencyKey } from './idempotency-key.ts';
import { StorableText } from './storable-text.ts';

@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly createKey: CreateKey,
    private readonly listKeys: ListKeys,
    private readonly getKey: GetKey,
    private readonly updateKey: UpdateKey,
    private readonly rotateKey: RotateKey,
    private readonly resetKey: ResetKey,
    private readonly revokeKey: RevokeKey,
    private readonly overviewKey: OverviewKey,
    private readonly keyUsage: KeyUsage,
    private readonly changeKeys: ChangeKeys,
    private readonly propagationOfKey: PropagationOfKey,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  create(
    @Caller() admin: Admin,
    @Body(StorableText, new Input(createKeyBody)) body: CreateKeyBody,
    @IdempotencyKey() idempotencyKey: string | null,
  ) {
    return this.createKey.execute(admin.id, body, idempotencyKey);
  }

  @Post('bulk')
  @HttpCode(200)
  change(@Caller() admin: Admin, @Body(StorableText, new Input(bulkKeysBody)) body: BulkKeysBody) {
    return this.changeKeys.execute(admin.id, body);
  }

  @Get()
  list(@Query(StorableText, new Input(listKeysQuery)) query: ListKeysQuery) {
    return this.listKeys.execute(query);
  }

  @Get(':id')
  get(@Param('id', ExistingKeyId) id: string) {
    return this.getKey.execute(id);
  }

  @Patch(':id')
  update(
    @Caller() admin: Admin,
    @Param('id', ExistingKeyId) id: string,
    @Body(StorableText, new Input(patchKeyBody)) body: PatchKeyBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.updateKey.execute(admin.id, id, body, expectedVersion);
  }

  @Delete(':id')
  revoke(@Caller() admin: Admin, @Param('id', ExistingKeyId) id: string) {
    return this.revokeKey.execute(admin.id, id);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  rotate(
    @Caller() admin: Admin,
    @Param('id', ExistingKeyId) id: string,
    @Body(StorableText, new Input(rotateKeyBody)) body: RotateKeyBody,
  ) {
    return this.rotateKey.execute(admin.id, id, body);
  }

  @Post(':id/reset')
  @HttpCode(200)
  reset(
    @Caller() admin: Admin,
    @Param('id', ExistingKeyId) id: string,
    @Body(StorableText, new Input(resetKeyBody)) body: ResetKeyBody,
  ) {
    return this.resetKey.execute(admin.id, id, body);
  }

  @Get(':id/propagation')
  propagation(@Param('id', ExistingKeyId) id: string) {
    return this.propagationOfKey.execute(id);
  }

  @Get(':id/overview')
  overview(@Param('id', ExistingKeyId) id: string) {
    return this.overviewKey.execute(id);
  }

  @Get(':id/usage')
  usage(@Param('id', ExistingKeyId) id: string, @Query(new Input(usageQuery)) query: UsageQuery) {
    return this.keyUsage.series(id, query);
  }

  @Get(':id/statement')
  statement(@Param('id', ExistingKeyId) id: string, @Query(new Input(statementQuery)) query: StatementQuery) {
    return this.keyUsage.statement(id, query);
  }

  @Get(':id/export')
  export(@Param('id', ExistingKeyId) id: string, @Query(new Input(exportQuery)) query: ExportQuery) {
    return this.keyUsage.export(id, query);
  }
}
