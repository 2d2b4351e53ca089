import { newId } from './ids.ts';
import { digestSecret, digestsEqual, newToken, parseToken, shownPrefix } from './tokens.ts';

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
