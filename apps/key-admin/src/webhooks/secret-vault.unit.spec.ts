import { SecretVault, UnreadableSecret } from './secret-vault.ts';

const pepper = (version: number, byte = version) => ({ version, key: Buffer.alloc(32, byte) });
const vault = new SecretVault([pepper(2), pepper(1)]);
const bytesOf = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64');

it('a sealed secret opens to the bytes that were shown, and says nothing of them', () => {
  const { secret, stored } = vault.mint('whk_a');
  expect(vault.open('whk_a', stored)).toEqual(bytesOf(secret));
  expect(bytesOf(secret)).toHaveLength(32);
  expect(Buffer.from(stored.sealed, 'base64').includes(bytesOf(secret))).toBe(false);
});

it('the first pepper seals and all open', () => {
  const old = new SecretVault([pepper(1)]).mint('whk_a');
  expect([old.stored.pepper, vault.mint('whk_a').stored.pepper]).toEqual([1, 2]);
  expect(vault.open('whk_a', old.stored)).toEqual(bytesOf(old.secret));
});

it('a secret comes under the first pepper, and is the same secret for as long', () => {
  const { secret, stored } = new SecretVault([pepper(1)]).mint('whk_a');
  const expires_at = '2099-01-01T00:00:00.000Z';
  const resealed = vault.reseal('whk_a', { ...stored, expires_at });
  expect(resealed).toMatchObject({ pepper: 2, expires_at });
  expect(new SecretVault([pepper(2)]).open('whk_a', resealed)).toEqual(bytesOf(secret));
  expect(vault.reseal('whk_a', resealed)).toBe(resealed);
  expect(vault.reseal('whk_b', stored)).toBe(stored);
});

it('a secret under a pepper that is gone, or that is another now, is an error that says so', () => {
  const { stored } = vault.mint('whk_a');
  expect(() => new SecretVault([pepper(3)]).open('whk_a', stored)).toThrow(
    /pepper 2, which .* does not have/,
  );
  expect(() => new SecretVault([pepper(2, 9)]).open('whk_a', stored)).toThrow(UnreadableSecret);
});

it('a secret moved to another webhook, or changed in a bit, does not open', () => {
  const { stored } = vault.mint('whk_a');
  expect(() => vault.open('whk_b', stored)).toThrow(UnreadableSecret);
  const bytes = Buffer.from(stored.sealed, 'base64');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    const sealed = changed.toString('base64');
    expect(() => vault.open('whk_a', { ...stored, sealed })).toThrow(UnreadableSecret);
  }
});
