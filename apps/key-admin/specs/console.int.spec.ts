import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync } from 'node:zlib';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { RunningKeyAdmin } from './running-key-admin.ts';

const PAGE = '<!doctype html><div id="root"></div><script type="module" src="/assets/app-1a2b.js"></script>';
const SCRIPT = `document.title = ${JSON.stringify('x'.repeat(2_000))}`;

let database: TestDatabase;
let admin: RunningKeyAdmin;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'tollgate-console-'));
  const built = join(folder, 'dist');
  mkdirSync(join(built, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'not of the console');
  writeFileSync(join(built, 'index.html'), PAGE);
  writeFileSync(join(built, 'assets/app-1a2b.js'), SCRIPT);
  writeFileSync(join(built, 'assets/app-1a2b.js.br'), brotliCompressSync(SCRIPT));
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('console'),
    env: { METERING_URL: 'http://127.0.0.1:9', TOLLGATE_CONSOLE_DIR: built },
  });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** Asks as a browser does, for the path as it is written here. */
async function get(path: string, headers: Record<string, string> = { accept: 'text/html,*/*;q=0.8' }) {
  const { port } = new URL(admin.url);
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    request({ host: '127.0.0.1', port, path, headers }, resolve).on('error', reject).end(),
  );
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

it('the page answers at every address that is a page of the console, and may load nothing from elsewhere', async () => {
  for (const path of ['/', '/keys', '/keys/key_1?tab=usage', '/teams/x/y']) {
    const { status, headers, body } = await get(path);
    expect([path, status, headers['cache-control'], body]).toEqual([path, 200, 'no-cache', PAGE]);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
  const { etag } = (await get('/')).headers;
  expect((await get('/', { accept: 'text/html', 'if-none-match': etag! })).status).toBe(304);
});

it('files with a hash in their names are kept for good, in the smallest form that the browser takes', async () => {
  const plain = await get('/assets/app-1a2b.js', {});
  expect([plain.status, plain.body]).toEqual([200, SCRIPT]);
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  const small = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip, deflate, br' });
  expect(small.headers).toMatchObject({
    'content-encoding': 'br',
    'content-length': String(brotliCompressSync(SCRIPT).length),
  });
});

it('what is no page is not found, whoever asks for a page there: of the API, of assets, of the machine', async () => {
  for (const path of [
    '/v1',
    '/v1/nothing',
    '/docs/nothing.js',
    '/assets/gone-3c4d.js',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
  ]) {
    const { status, body } = await get(path);
    expect([path, status, JSON.parse(body).error.code]).toEqual([path, 404, 'not_found']);
  }
  expect((await get('/keys', { accept: 'application/json' })).status).toBe(404);
  expect((await get('/v1/keys')).status).toBe(401);
  expect(JSON.parse((await get('/healthz')).body)).toEqual({ alive: true });
});
