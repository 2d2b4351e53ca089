import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys from before allow-lists get those that allow all, as their history is read from now on. */
export class AllowLists1764115200000 implements MigrationInterface {
  name = 'AllowLists1764115200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`update keys set state = '{"allowed_models": null, "allowed_ips": null}' || state`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`update keys set state = state - 'allowed_models' - 'allowed_ips'`);
  }
}
