import { type ServiceOptions, type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import type { System } from './system.ts';

interface Member {
  readonly options: ServiceOptions;
  process: ServiceProcess;
}

/** Gateways of one system beside its first, each a process with a log of its own. */
export class Fleet {
  private constructor(private readonly members: readonly Member[]) {}

  /** Once key-admin has heard of all of them. */
  static async start(system: System, count: number): Promise<Fleet> {
    const members = await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const options = await system.gatewayBeside(`beside-${n + 1}`);
        return { options, process: await startService(options) };
      }),
    );
    await system.admin.hasHeardOf(count + 1);
    return new Fleet(members);
  }

  get urls(): string[] {
    return this.members.map(({ process }) => process.url);
  }

  /** kill -9 */
  async kill(index: number): Promise<void> {
    await this.members[index]!.process.kill();
  }

  /** As it was started before, on the log that it left behind. */
  async startAgain(index: number): Promise<void> {
    const member = this.members[index]!;
    member.process = await startService(member.options);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.stop()));
  }
}
