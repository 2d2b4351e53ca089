import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { brokers, ConfigError, port, readConfig, versionedKeys } from './config.ts';

const schema = z.object({ PORT: port(4000), KAFKA_BROKERS: brokers, KEYS: versionedKeys });
const hex = 'ab'.repeat(32);

describe('configuration', () => {
  it('is read with defaults; an empty variable counts as unset', () => {
    const config = readConfig('svc', schema, {
      PORT: '',
      KAFKA_BROKERS: 'a:1, b:2',
      KEYS: `2:${hex},1:${hex}`,
    });
    expect(config.PORT).toBe(4000);
    expect(config.KAFKA_BROKERS).toEqual(['a:1', 'b:2']);
    expect(config.KEYS.map(({ version }) => version)).toEqual([2, 1]);
  });

  it('tells every problem at once, by variable', () => {
    const read = () => readConfig('svc', schema, { PORT: '99999', KEYS: 'secret' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/PORT: must be a port[\s\S]*KAFKA_BROKERS: is not set[\s\S]*KEYS: must be a list/);
  });

  it('is read from files too, without the line break at their end', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'keys');
    writeFileSync(file, `1:${hex}\n`);
    const config = readConfig('svc', schema, { KAFKA_BROKERS: 'a:1', KEYS_FILE: file });
    expect(config.KEYS).toEqual([{ version: 1, key: Buffer.from(hex, 'hex') }]);
    const env = { KAFKA_BROKERS: 'a:1', KEYS: `1:${hex}`, KEYS_FILE: file };
    expect(() => readConfig('svc', schema, env)).toThrow('set KEYS or KEYS_FILE, not both');
    expect(() => readConfig('svc', schema, { KEYS_FILE: `${file}.gone` })).toThrow(
      'KEYS_FILE cannot be read',
    );
  });

  it('never repeats a secret that it could not read', () => {
    expect(() => readConfig('svc', schema, { KAFKA_BROKERS: 'a:1', KEYS: 'hunter2' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
