import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often the usage topic was made anew: meters say of which one their offsets are. */
export class TopicEpoch1767614400000 implements MigrationInterface {
  readonly name = 'TopicEpoch1767614400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE usage_topic (epoch bigint NOT NULL)');
    await runner.query('INSERT INTO usage_topic VALUES (0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE usage_topic');
  }
}
