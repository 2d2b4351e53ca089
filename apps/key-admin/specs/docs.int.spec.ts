import { openApi } from '@tollgate/contracts/openapi';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { RunningKeyAdmin } from './running-key-admin.ts';

let database: TestDatabase;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { METERING_URL: 'http://127.0.0.1:9' };
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('docs'),
    env,
  });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await database.drop();
});

const anonymously = (path: string) => admin.call('GET', path, undefined, { authorization: '' });

it('the API describes itself to anybody', async () => {
  const { status, body } = await anonymously('/openapi.json');
  expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(openApi()))]);
});

it('the page to try it loads nothing from elsewhere, and may not', async () => {
  const page = await anonymously('/docs');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  const files = [...(page.body as string).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(files).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/page.js']);
  for (const path of files) {
    const file = await anonymously(path);
    expect([path, file.status, file.body.length > 100]).toEqual([path, 200, true]);
    expect(file.headers.get('content-type')).toBe(
      `text/${path.endsWith('css') ? 'css' : 'javascript'}; charset=utf-8`,
    );
  }
  for (const path of ['/docs/none.js', '/docs/..%2f..%2fpackage.json', '/docs/constructor']) {
    expect((await anonymously(path)).status).toBe(404);
  }
});
