import { Body, Controller, Delete, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  type CreateWebhookBody,
  createWebhookBody,
  type ListDeliveriesQuery,
  type ListWebhooksQuery,
  listDeliveriesQuery,
  listWebhooksQuery,
  type PatchWebhookBody,
  patchWebhookBody,
  type RotateWebhookBody,
  rotateWebhookBody,
} from '@tollgate/contracts/webhooks';
import { Input } from '@tollgate/service-kit/input';
import type { Caller } from '../admin-keys/caller.ts';
import { CreateWebhook } from '../webhooks/create-webhook.ts';
import { DeleteWebhook } from '../webhooks/delete-webhook.ts';
import { GetWebhook } from '../webhooks/get-webhook.ts';
import { ListDeliveries } from '../webhooks/list-deliveries.ts';
import { ListWebhooks } from '../webhooks/list-webhooks.ts';
import { RetryDelivery } from '../webhooks/retry-delivery.ts';
import { RotateWebhook } from '../webhooks/rotate-webhook.ts';
import { TestWebhook } from '../webhooks/test-webhook.ts';
import { UpdateWebhook } from '../webhooks/update-webhook.ts';
import { Allow } from './access.ts';
import { By } from './admin-guard.ts';
import { existingDeliveryId, existingWebhookId } from './existing-id.ts';
import { StorableText } from './storable-text.ts';

@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly createWebhook: CreateWebhook,
    private readonly listWebhooks: ListWebhooks,
    private readonly getWebhook: GetWebhook,
    private readonly updateWebhook: UpdateWebhook,
    private readonly deleteWebhook: DeleteWebhook,
    private readonly rotateWebhook: RotateWebhook,
    private readonly testWebhook: TestWebhook,
    private readonly listDeliveries: ListDeliveries,
    private readonly retryDelivery: RetryDelivery,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @Allow('owner')
  create(@By() caller: Caller, @Body(StorableText, new Input(createWebhookBody)) body: CreateWebhookBody) {
    return this.createWebhook.execute(caller, body);
  }

  @Get()
  @Allow('admin')
  list(@Query(new Input(listWebhooksQuery)) query: ListWebhooksQuery) {
    return this.listWebhooks.execute(query);
  }

  @Get(':id')
  @Allow('admin')
  get(@Param('id', existingWebhookId) id: string) {
    return this.getWebhook.execute(id);
  }

  @Patch(':id')
  @Allow('owner')
  update(
    @By() caller: Caller,
    @Param('id', existingWebhookId) id: string,
    @Body(StorableText, new Input(patchWebhookBody)) body: PatchWebhookBody,
  ) {
    return this.updateWebhook.execute(caller, id, body);
  }

  @Delete(':id')
  @Allow('owner')
  delete(@By() caller: Caller, @Param('id', existingWebhookId) id: string) {
    return this.deleteWebhook.execute(caller, id);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Allow('owner')
  rotate(
    @By() caller: Caller,
    @Param('id', existingWebhookId) id: string,
    @Body(StorableText, new Input(rotateWebhookBody)) body: RotateWebhookBody,
  ) {
    return this.rotateWebhook.execute(caller, id, body);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Allow('owner')
  test(@By() caller: Caller, @Param('id', existingWebhookId) id: string) {
    return this.testWebhook.execute(caller, id);
  }

  @Get(':id/deliveries')
  @Allow('admin')
  deliveries(
    @Param('id', existingWebhookId) id: string,
    @Query(new Input(listDeliveriesQuery)) query: ListDeliveriesQuery,
  ) {
    return this.listDeliveries.execute(id, query);
  }

  @Post(':id/deliveries/:delivery_id/retry')
  @HttpCode(200)
  @Allow('owner')
  retry(
    @By() caller: Caller,
    @Param('id', existingWebhookId) id: string,
    @Param('delivery_id', existingDeliveryId) deliveryId: string,
  ) {
    return this.retryDelivery.execute(caller, id, deliveryId);
  }
}
