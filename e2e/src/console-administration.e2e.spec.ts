import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { startChromium } from './chromium.ts';
import { openConsole } from './console-page.ts';
import { System } from './system.ts';

describe('administrators do their own work in the console', () => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  let answer = 204;
  let receiver: Server;
  let system: System;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      received.push({ headers: request.headers, body: await text(request) });
      response.writeHead(answer).end();
    });
    receiver.listen(0, '127.0.0.1');
    [system, browser] = await Promise.all([
      System.start('administration', { env: { TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' } }),
      startChromium(),
      once(receiver, 'listening'),
    ]);
    page = await openConsole(browser, system);
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
    receiver.close();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  async function savedSecret(): Promise<string> {
    const secret = await page.locator('[data-secret]').textContent();
    await page.getByLabel('I have saved it').check();
    await button('Done').click();
    return secret!;
  }

  it('a webhook signs with the secret that was shown once, and what its receiver answers is seen', async () => {
    await page.goto('/webhooks');
    await page.getByRole('link', { name: 'Create webhook' }).click();
    const { port } = receiver.address() as AddressInfo;
    await page.getByLabel('Address', { exact: true }).fill(`http://127.0.0.1:${port}/limits`);
    await page.getByLabel('Description').fill('On call');
    await button('Create webhook').click();
    const secret = await savedSecret();
    await heading('On call').waitFor();

    await button('Send test').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Send test' }).click();
    await dialog.getByText('The receiver answered 204.').waitFor();
    const [{ headers, body }] = received as [(typeof received)[number]];
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'webhook.test',
    });
    answer = 500;
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await dialog.getByText('The receiver answered 500.').waitFor();
    await page.keyboard.press('Escape');

    const deliveries = page.getByRole('list', { name: 'Deliveries' });
    await deliveries.getByText('Failed').click();
    await deliveries.getByText('The receiver answered 500.').waitFor();
    answer = 204;
    await deliveries.getByRole('button', { name: 'Try now' }).click();
    await deliveries.getByText('Failed').waitFor({ state: 'detached' });
  });

  it('an admin key opens the console as far as its role goes, and not at all once it is revoked', async () => {
    await page.goto('/admin-keys');
    await page.getByRole('link', { name: 'Create admin key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('mira');
    await page.getByRole('radio', { name: 'Admin', exact: true }).check();
    await button('Create admin key').click();
    const hers = await openConsole(browser, system, { adminKey: await savedSecret() });
    await hers.goto('/webhooks');
    await hers.getByRole('link', { name: 'On call' }).waitFor();
    expect(await hers.getByRole('link', { name: 'Create webhook' }).count()).toBe(0);
    expect(await hers.getByRole('switch').count()).toBe(0);
    await hers.goto('/admin-keys');
    await hers.getByText('It takes the role owner; mira has the role admin.').waitFor();

    await button('Actions for mira').click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    expect(await button('Revoke admin key').isDisabled()).toBe(true);
    await page.getByLabel('Type mira to confirm').fill('mira');
    await button('Revoke admin key').click();
    await hers.getByRole('heading', { name: 'Sign in to Tollgate' }).waitFor();
    await hers.context().close();
  });

  it('a team is made, reset for a reason, and deleted once its name is typed', async () => {
    await page.goto('/teams');
    await button('Create team').click();
    await page.getByLabel('Name', { exact: true }).fill('Search');
    await page.getByLabel('Cost limit').fill('1,500');
    await page.getByRole('dialog').getByRole('button', { name: 'Create team' }).click();
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await heading('Search').waitFor();
    await page.getByText('of $1,500').waitFor();

    await button('Actions for Search').click();
    await page.getByRole('menuitem', { name: 'Reset usage' }).click();
    await page.getByLabel('Reason').fill('a retry storm');
    // The notice goes by itself.
    await Promise.all([page.getByText('Search starts at zero').waitFor(), button('Reset usage').click()]);
    await button('Actions for Search').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByLabel('Type Search to confirm').fill('Search');
    await button('Delete team').click();
    await page.getByText('This team was deleted').waitFor();

    await page.goto('/audit-log');
    await page.getByText('Reason a retry storm').waitFor();
  });

  it('what is wrong with a field is told without moving what a click aims at', async () => {
    await page.goto('/keys/new');
    await page.getByLabel('Name', { exact: true }).and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Advanced' }).click();
    await page.getByLabel('Owner').waitFor();
    await page.getByText('must have 1 to 128 characters').waitFor();
  });

  it('a team is chosen among many by what is typed, and all are found page by page', async () => {
    const names = Array.from({ length: 60 }, (_, number) => `Squad ${number}`);
    await Promise.all(names.map((name) => system.admin.client.teams.create({ body: { name } })));
    await page.goto('/keys/new');
    await page.getByLabel('Name', { exact: true }).fill('of-a-squad');
    const team = page.getByRole('dialog').getByRole('combobox', { name: 'Team' });
    await team.click();
    await page.getByRole('option', { name: 'Type to find others' }).waitFor();
    await team.fill('squad 59');
    await page.getByRole('option', { name: 'Squad 59' }).click();
    await button('Create key').click();
    await savedSecret();
    await heading('of-a-squad').waitFor();
    await page.getByText('Squad 59').first().waitFor();

    await page.getByRole('link', { name: 'Teams', exact: true }).first().click();
    await page.getByText('Page 1 · 50 teams').waitFor();
    await button('Next page').click();
    await page.getByRole('link', { name: 'Squad 9', exact: true }).waitFor();
    await page.getByText('Page 2 · 11 teams').waitFor();
  });

  it('what could not be read while key-admin was away is there by itself when it is back', async () => {
    await system.kill('key-admin');
    await page.getByLabel('Search by name').fill('squad 42');
    await page.getByText('The teams could not be read.').waitFor();
    await page.getByText('Tollgate does not answer. Look whether key-admin runs').waitFor();
    await system.startAgain('key-admin');
    await page.getByRole('link', { name: 'Squad 42', exact: true }).waitFor();
  });

  it('the audit log tells what was done to a key field by field, and exports what it shows', async () => {
    const { key } = await system.admin.createKey({ name: 'ranking', limits: { cost_usd: '50' } });
    await system.admin.client.keys.update({ id: key.id, body: { limits: { cost_usd: '80' } } });
    await page.goto(`/audit-log?target=${key.id}`);
    await page.locator('summary').filter({ hasText: 'changed the key' }).click();
    await page.getByRole('row', { name: 'Cost limit $50.00 $80.00' }).waitFor();
    await button('Export').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.slice(1).every((line) => line.includes(key.id))).toBe(true);
  });
});
