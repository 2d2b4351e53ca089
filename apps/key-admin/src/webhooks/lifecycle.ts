import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Agent } from 'undici';
import { ResealSecrets } from './reseal-secrets.ts';
import { WebhookSender } from './sender.ts';
import { WebhookTimekeeper } from './timekeeper.ts';

/** Brings secrets under the current pepper, then sends and looks; at the end both stop while there still is a database. */
@Injectable()
export class WebhookLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly sender: WebhookSender,
    private readonly timekeeper: WebhookTimekeeper,
    private readonly agent: Agent,
    private readonly resealSecrets: ResealSecrets,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.resealSecrets.execute();
    this.sender.start();
    this.timekeeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.sender.stop(), this.timekeeper.stop()]);
    await this.agent.destroy();
  }
}
