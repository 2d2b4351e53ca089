import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSecrets } from './secrets.ts';

const fileIn = () => join(mkdtempSync(join(tmpdir(), 'secrets-')), 'secrets.json');

it('are made once, for their owner alone', () => {
  const file = fileIn();
  const first = loadSecrets(file, {});
  expect(loadSecrets(file, {})).toEqual(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('of a file from before a service was are kept, and the missing one is made and kept too', () => {
  const file = fileIn();
  const { billingPassword: _, ...before } = loadSecrets(file, {});
  writeFileSync(file, JSON.stringify(before));
  const after = loadSecrets(file, {});
  expect(after).toEqual({ ...before, billingPassword: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(after);
});

it('that cannot be replaced are not: the file must be put back', () => {
  const file = fileIn();
  const { keyPeppers: _, ...rest } = loadSecrets(file, {});
  writeFileSync(file, JSON.stringify(rest));
  expect(() => loadSecrets(file, {})).toThrow('it has no keyPeppers');
});
