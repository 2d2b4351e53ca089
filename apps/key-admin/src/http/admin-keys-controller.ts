import { Body, Controller, Delete, Get, Header, Param, Post, Query } from '@nestjs/common';
import {
  type CreateAdminKeyBody,
  createAdminKeyBody,
  type ListAdminKeysQuery,
  listAdminKeysQuery,
} from '@tollgate/contracts/admin-keys-http';
import { Input } from '@tollgate/service-kit/input';
import type { Caller } from '../admin-keys/caller.ts';
import { CreateAdminKey } from '../admin-keys/create-admin-key.ts';
import { ListAdminKeys } from '../admin-keys/list-admin-keys.ts';
import { RevokeAdminKey } from '../admin-keys/revoke-admin-key.ts';
import { AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { existingAdminKeyId } from './existing-id.ts';
import { StorableText } from './storable-text.ts';

@Controller('v1/admin-keys')
export class AdminKeysController {
  constructor(
    private readonly createAdminKey: CreateAdminKey,
    private readonly listAdminKeys: ListAdminKeys,
    private readonly revokeAdminKey: RevokeAdminKey,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @AllowInTeam('owner')
  create(@By() caller: Caller, @Body(StorableText, new Input(createAdminKeyBody)) body: CreateAdminKeyBody) {
    return this.createAdminKey.execute(caller, body);
  }

  @Get()
  @AllowInTeam('owner')
  list(@By() caller: Caller, @Query(new Input(listAdminKeysQuery)) query: ListAdminKeysQuery) {
    return this.listAdminKeys.execute(caller, query);
  }

  @Delete(':id')
  @AllowInTeam('owner')
  revoke(@By() caller: Caller, @Param('id', existingAdminKeyId) id: string) {
    return this.revokeAdminKey.execute(caller, id);
  }
}
