import fc from 'fast-check';
import { instantOf, newId } from './ids.ts';
import {
  compactDigest,
  digestSecret,
  digestsEqual,
  newToken,
  parseToken,
  SecretDigester,
  shownPrefix,
} from './tokens.ts';

describe('tokens', () => {
  const id = newId('key');
  const { token, secret } = newToken('tg', id);

  it('carry the id of their key and a secret that nothing else shows', () => {
    expect(token).toMatch(/^tg_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/);
    expect(parseToken(token)).toEqual({ kind: 'tg', id, secret });
    expect(shownPrefix('tg', id)).toBe(token.slice(0, 25));
  });

  it('are told from mistyped ones by their checksum, at any character', () => {
    for (let at = 3; at < token.length; at += 1) {
      const other = token[at] === 'a' ? 'b' : 'a';
      expect(parseToken(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
    }
  });

  it.each(['', 'tg_', `${token}x`, token.slice(1), 'x'.repeat(1_048_576), `tga${token.slice(2)}`])(
    '%.20j is no token',
    (text) => {
      expect(parseToken(text)).toBeNull();
    },
  );

  it('are digested under a pepper, and compared whole', () => {
    const pepper = Buffer.alloc(32, 1);
    expect(digestsEqual(digestSecret(secret, pepper), digestSecret(secret, pepper))).toBe(true);
    expect(digestsEqual(digestSecret(secret, pepper), digestSecret(secret, Buffer.alloc(32, 2)))).toBe(false);
    expect(digestsEqual('', digestSecret(secret, pepper))).toBe(false);
  });
});

describe('ids', () => {
  it('sort by the time they were made', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      ids.push(newId('req'));
      const now = Date.now();
      while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
    }
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('the digester', () => {
  it('gives the digest that is stored, in its compact form, for peppers of every length', () => {
    const pepper = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(pepper, { minLength: 1, maxLength: 3 }), (peppers) => {
        for (const one of peppers) {
          const digester = new SecretDigester(one);
          const secrets = [newToken('tg', newId('key')).secret, newToken('tg', newId('key')).secret];
          for (const secret of [...secrets, secrets[0]!]) {
            expect(digester.digest(secret)).toBe(compactDigest(digestSecret(secret, one)));
          }
        }
      }),
    );
  });

  it('takes no pepper and no secret of another length', () => {
    expect(() => new SecretDigester(Buffer.alloc(65))).toThrow(RangeError);
    expect(() => new SecretDigester(Buffer.alloc(32)).digest('short')).toThrow(RangeError);
  });
});

it('an id tells when it was made', () => {
  const before = Date.now();
  const at = instantOf(newId('key'));
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
  expect(instantOf('team_default')).toBeNaN();
});
