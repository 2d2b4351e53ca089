import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import type { KeyWithSecret } from '@tollgate/contracts/admin-http';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from './chromium.ts';
import { goTo, openConsole, tabTo } from './console-page.ts';
import { chat, System } from './system.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** As much of axe's answer as is read here. */
interface Violation {
  readonly impact: string;
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** Every screen is gone to and looked at, which a busy machine takes its time for. */
jest.setTimeout(180_000);

describe('the console is for everyone', () => {
  let system: System;
  let browser: Browser;
  let made: KeyWithSecret;

  beforeAll(async () => {
    [system, browser] = await Promise.all([System.start('everyone'), startChromium()]);
    made = await system.admin.createKey({
      name: 'مساعد خدمة العملاء',
      limits: { cost_usd: '10', tokens: 10_000, requests_per_minute: 5, reset_period: 'daily' },
    });
    await system.client(made.secret).chat.completions.create(chat('hello'));
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  /** What axe finds on the page that people cannot get past, or only with difficulty. */
  async function serious(page: Page, path: string): Promise<string[]> {
    await page.evaluate(AXE);
    const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
      readonly violations: readonly Violation[];
    };
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${path}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }

  const screens = () => [
    ...['/keys', '/keys/new', `/keys/${made.key.id}`, '/teams', '/teams/team_default', '/usage'],
    ...['/organization', '/webhooks', '/admin-keys', '/audit-log'],
  ];

  it.each(['light', 'dark'] as const)('axe finds nothing serious on any screen, %s', async (colorScheme) => {
    const page = await openConsole(browser, system, { colorScheme });
    const found: string[] = [];
    for (const path of screens()) {
      await goTo(page, path);
      found.push(...(await serious(page, path)));
    }
    expect(found).toEqual([]);
    await page.context().close();
  });

  it('nothing is wider than a phone', async () => {
    const page = await openConsole(browser, system, { width: 375 });
    for (const path of screens()) {
      await goTo(page, path);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 375]);
    }
    await page.context().close();
  });

  it('a key is made by keyboard alone', async () => {
    const page = await openConsole(browser, system);
    await tabTo(page, 'Create API key');
    await page.keyboard.press('Enter');
    // The dialog begins at the name.
    await page.getByLabel('Name', { exact: true }).and(page.locator(':focus')).waitFor();
    await page.keyboard.type('by-keyboard');
    await tabTo(page, 'Cost limit');
    await page.keyboard.type('2.5');
    await page.keyboard.press('Enter');
    await page.locator('[data-secret]').waitFor();
    await tabTo(page, 'I have saved it');
    await page.keyboard.press('Space');
    await tabTo(page, 'Done');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'by-keyboard' }).waitFor();
    await page.context().close();
  });

  it('a viewer sees what there is, and no control that would change it', async () => {
    const { secret } = await system.admin.client.adminKeys.create({
      body: { name: 'reader', role: 'viewer' },
    });
    const page = await openConsole(browser, system, { adminKey: secret });
    const names = async (role: 'button' | 'switch' | 'link' | 'menuitem' | 'checkbox') => {
      const all = await page.getByRole(role).all();
      return Promise.all(
        all.map(async (one) => (await one.getAttribute('aria-label')) ?? (await one.textContent()) ?? ''),
      );
    };
    const CHANGES = /create|edit|rotate|reset|delete|revoke|enable|disable|raise|test/i;
    for (const path of ['/keys', `/keys/${made.key.id}`, '/teams', '/teams/team_default', '/organization']) {
      await goTo(page, path);
      expect([path, ...(await names('switch')), ...(await names('checkbox'))]).toEqual([path]);
      const controls = [...(await names('button')), ...(await names('link'))];
      expect([path, ...controls.filter((name) => CHANGES.test(name))]).toEqual([path]);
    }
    await goTo(page, '/keys');
    await page.getByRole('button', { name: `Actions for ${made.key.name}` }).click();
    await page.getByRole('menuitem').first().waitFor();
    expect(await names('menuitem')).toEqual(['Overview']);
    const places = (await names('link')).filter((name) => /webhooks|admin keys|audit/i.test(name));
    expect(places).toEqual([]);
    await page.context().close();
  });
});
