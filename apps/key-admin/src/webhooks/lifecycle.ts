import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Agent } from 'undici';
import { WebhookSender } from './sender.ts';
import { WebhookTimekeeper } from './timekeeper.ts';

/** Sends and looks from the start on; at the end both stop while there still is a database. */
@Injectable()
export class WebhookLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly sender: WebhookSender,
    private readonly timekeeper: WebhookTimekeeper,
    private readonly agent: Agent,
  ) {}

  onApplicationBootstrap(): void {
    this.sender.start();
    this.timekeeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.sender.stop(), this.timekeeper.stop()]);
    await this.agent.destroy();
  }
}
