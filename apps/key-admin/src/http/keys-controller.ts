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
  type ResetBody,
  type RotateKeyBody,
  resetBody,
  rotateKeyBody,
} from '@tollgate/contracts/admin-http';
import {
  type ExportQuery,
  exportQuery,
  type RequestsQuery,
  requestsQuery,
  type StatementQuery,
  statementQuery,
  type UsageQuery,
  usageQuery,
} from '@tollgate/contracts/metering-http';
import { Input } from '@tollgate/service-kit/input';
import type { Caller } from '../admin-keys/caller.ts';
import { ChangeKeys } from '../keys/change-keys.ts';
import { CreateKey } from '../keys/create-key.ts';
import { GetKey } from '../keys/get-key.ts';
import { ListKeys } from '../keys/list-keys.ts';
import { OverviewKey } from '../keys/overview-key.ts';
import { ResetKey } from '../keys/reset-key.ts';
import { RevokeKey } from '../keys/revoke-key.ts';
import { RotateKey } from '../keys/rotate-key.ts';
import { UpdateKey } from '../keys/update-key.ts';
import { PropagationOfScope } from '../propagation/propagation-of-scope.ts';
import { ScopeUsage } from '../usage/scope-usage.ts';
import { AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { existingKeyId } from './existing-id.ts';
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
    private readonly usageOf: ScopeUsage,
    private readonly changeKeys: ChangeKeys,
    private readonly propagationOf: PropagationOfScope,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @AllowInTeam('admin')
  create(
    @By() caller: Caller,
    @Body(StorableText, new Input(createKeyBody)) body: CreateKeyBody,
    @IdempotencyKey() idempotencyKey: string | null,
  ) {
    return this.createKey.execute(caller, body, idempotencyKey);
  }

  @Post('bulk')
  @HttpCode(200)
  @AllowInTeam('admin')
  change(@By() caller: Caller, @Body(StorableText, new Input(bulkKeysBody)) body: BulkKeysBody) {
    return this.changeKeys.execute(caller, body);
  }

  @Get()
  @AllowInTeam('viewer')
  list(@By() caller: Caller, @Query(StorableText, new Input(listKeysQuery)) query: ListKeysQuery) {
    return this.listKeys.execute(caller, query);
  }

  @Get(':id')
  @AllowInTeam('viewer')
  get(@By() caller: Caller, @Param('id', existingKeyId) id: string) {
    return this.getKey.execute(caller, id);
  }

  @Patch(':id')
  @AllowInTeam('admin')
  update(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Body(StorableText, new Input(patchKeyBody)) body: PatchKeyBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.updateKey.execute(caller, id, body, expectedVersion);
  }

  @Delete(':id')
  @AllowInTeam('admin')
  revoke(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.revokeKey.execute(caller, id, expectedVersion);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @AllowInTeam('admin')
  rotate(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Body(StorableText, new Input(rotateKeyBody)) body: RotateKeyBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.rotateKey.execute(caller, id, body, expectedVersion);
  }

  @Post(':id/reset')
  @HttpCode(200)
  @AllowInTeam('admin')
  reset(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Body(StorableText, new Input(resetBody)) body: ResetBody,
    @ExpectedVersion() expectedVersion: number | null,
  ) {
    return this.resetKey.execute(caller, id, body, expectedVersion);
  }

  @Get(':id/propagation')
  @AllowInTeam('viewer')
  propagation(@By() caller: Caller, @Param('id', existingKeyId) id: string) {
    return this.propagationOf.execute(caller, id);
  }

  @Get(':id/overview')
  @AllowInTeam('viewer')
  overview(@By() caller: Caller, @Param('id', existingKeyId) id: string) {
    return this.overviewKey.execute(caller, id);
  }

  @Get(':id/usage')
  @AllowInTeam('viewer')
  usage(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Query(new Input(usageQuery)) query: UsageQuery,
  ) {
    return this.usageOf.series(caller, id, query);
  }

  @Get(':id/requests')
  @AllowInTeam('viewer')
  requests(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Query(new Input(requestsQuery)) query: RequestsQuery,
  ) {
    return this.usageOf.requests(caller, id, query);
  }

  @Get(':id/statement')
  @AllowInTeam('viewer')
  statement(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Query(new Input(statementQuery)) query: StatementQuery,
  ) {
    return this.usageOf.statement(caller, id, query);
  }

  @Get(':id/export')
  @AllowInTeam('viewer')
  export(
    @By() caller: Caller,
    @Param('id', existingKeyId) id: string,
    @Query(new Input(exportQuery)) query: ExportQuery,
  ) {
    return this.usageOf.export(caller, id, query);
  }
}
