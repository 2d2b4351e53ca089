import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from './chromium.ts';
import { goTo, openConsole, tabTo } from './console-page.ts';
import { type Population, populate } from './console-population.ts';
import { System } from './system.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** As much of axe's answer as is read here. */
interface Violation {
  readonly impact: string;
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** Every screen is gone to and looked at, which a busy machine takes its time for. */
jest.setTimeout(300_000);

/** Where what the screens look like is left, for people to look at. */
const PICTURES = fileURLToPath(new URL('../../artifacts/console/', import.meta.url));

interface Screen {
  readonly name: string;
  readonly path: string;
  /** The buttons and menu items that are pressed there, in their order. */
  readonly press?: readonly string[];
  /** Whose; the bootstrap administrator's unless said. */
  readonly as?: 'viewer' | 'teamOwner';
}

describe('the console is for everyone', () => {
  let receiver: Server;
  let system: System;
  let browser: Browser;
  let there: Population;

  beforeAll(async () => {
    receiver = createServer((_, response) => response.writeHead(204).end());
    receiver.listen(0, '127.0.0.1');
    [system, browser] = await Promise.all([
      System.start('everyone', { env: { TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' } }),
      startChromium(),
      once(receiver, 'listening'),
    ]);
    there = await populate(system, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/limits`);
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
    receiver.close();
  });

  function screens(): Screen[] {
    const key = `/keys/${there.key.key.id}`;
    const team = `/teams/${there.teamId}`;
    const webhook = `/webhooks/${there.webhookId}`;
    const menu = 'Actions for checkout-service';
    return [
      { name: 'keys', path: '/keys' },
      { name: 'keys-menu', path: '/keys', press: [menu] },
      { name: 'keys-none', path: '/keys?search=nothing+of+the+kind' },
      { name: 'key-new', path: '/keys/new', press: ['Advanced'] },
      { name: 'key', path: key },
      { name: 'key-blocked', path: `/keys/${there.blocked.key.id}` },
      { name: 'key-statement', path: key, press: ['Explain this balance'] },
      { name: 'key-edit', path: key, press: ['Edit'] },
      { name: 'key-rotate', path: key, press: [menu, 'Rotate'] },
      { name: 'key-reset', path: key, press: [menu, 'Reset usage'] },
      { name: 'key-delete', path: key, press: [menu, 'Delete'] },
      { name: 'key-missing', path: '/keys/key_0000000000000000000000' },
      { name: 'teams', path: '/teams' },
      { name: 'team-new', path: '/teams', press: ['Create team'] },
      { name: 'team', path: team },
      { name: 'usage', path: '/usage' },
      { name: 'organization', path: '/organization' },
      { name: 'organization-edit', path: '/organization', press: ['Edit'] },
      { name: 'webhooks', path: '/webhooks' },
      { name: 'webhook-new', path: '/webhooks/new' },
      { name: 'webhook', path: webhook },
      { name: 'admin-keys', path: '/admin-keys' },
      { name: 'admin-key-new', path: '/admin-keys/new' },
      { name: 'audit-log', path: '/audit-log' },
      { name: 'nowhere', path: '/nowhere' },
      { name: 'viewer-keys', path: '/keys', as: 'viewer' },
      { name: 'viewer-key', path: key, as: 'viewer' },
      { name: 'team-owner-usage', path: '/usage', as: 'teamOwner' },
      { name: 'team-owner-admin-keys', path: '/admin-keys', as: 'teamOwner' },
      { name: 'team-owner-webhooks', path: '/webhooks', as: 'teamOwner' },
    ];
  }

  /** Goes to every screen, in a browser of this kind, and leaves a picture of it. */
  async function visit(
    opened: { readonly colorScheme: 'light' | 'dark'; readonly width: number },
    look: (page: Page, screen: Screen) => Promise<void>,
  ): Promise<void> {
    const pages = new Map<Screen['as'], Page>();
    for (const screen of screens()) {
      const adminKey = screen.as === undefined ? system.admin.adminKey : there[screen.as];
      const page = pages.get(screen.as) ?? (await openConsole(browser, system, { ...opened, adminKey }));
      pages.set(screen.as, page);
      await goTo(page, screen.path);
      for (const name of screen.press ?? []) {
        await page.getByRole('button', { name }).or(page.getByRole('menuitem', { name })).first().click();
      }
      if (screen.press !== undefined || screen.path.endsWith('/new')) {
        await page.locator('[role=dialog], [role=menu]').first().waitFor();
      }
      await look(page, screen);
      const path = `${PICTURES}${screen.name}-${opened.width}-${opened.colorScheme}.png`;
      await page.screenshot({ path, fullPage: screen.press === undefined });
      // What was opened there is left behind.
      if (screen.press !== undefined) await page.reload();
    }
    for (const page of pages.values()) await page.context().close();
  }

  /** What axe finds on the page that people cannot get past, or only with difficulty. */
  async function serious(page: Page, { name }: Screen): Promise<string[]> {
    await page.evaluate(AXE);
    const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
      readonly violations: readonly Violation[];
    };
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }

  it.each(['light', 'dark'] as const)('axe finds nothing serious on any screen, %s', async (colorScheme) => {
    const found: string[] = [];
    await visit({ colorScheme, width: 1_440 }, async (page, screen) => {
      found.push(...(await serious(page, screen)));
    });
    expect(found).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('nothing is wider than a phone, %s', async (colorScheme) => {
    const wide: string[] = [];
    await visit({ colorScheme, width: 375 }, async (page, { name }) => {
      if ((await page.evaluate('document.documentElement.scrollWidth')) !== 375) wide.push(name);
    });
    expect(wide).toEqual([]);
  });

  it.each([
    ['light', 'rgb(247, 248, 249)'],
    ['dark', 'rgb(13, 15, 18)'],
  ] as const)(
    'its first paint, before any script, is %s where the system is',
    async (colorScheme, canvas) => {
      const context = await browser.newContext({ colorScheme, javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(system.admin.url);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(canvas);
      await context.close();
    },
  );

  it('nothing moves for those who ask for that, also where all changes its colour', async () => {
    const page = await openConsole(browser, system, { colorScheme: 'dark' });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html[data-mantine-color-scheme=light]').waitFor();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    expect(await page.evaluate("getComputedStyle(document.querySelector('main h1')).color")).toBe(
      'rgb(20, 24, 29)',
    );
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
    const page = await openConsole(browser, system, { adminKey: there.viewer });
    const names = async (role: 'button' | 'switch' | 'link' | 'menuitem' | 'checkbox') => {
      const all = await page.getByRole(role).all();
      return Promise.all(
        all.map(async (one) => (await one.getAttribute('aria-label')) ?? (await one.textContent()) ?? ''),
      );
    };
    const CHANGES = /create|edit|rotate|reset|delete|revoke|enable|disable|raise|test/i;
    for (const path of [
      '/keys',
      `/keys/${there.key.key.id}`,
      '/teams',
      '/teams/team_default',
      '/organization',
    ]) {
      await goTo(page, path);
      expect([path, ...(await names('switch')), ...(await names('checkbox'))]).toEqual([path]);
      const controls = [...(await names('button')), ...(await names('link'))];
      expect([path, ...controls.filter((name) => CHANGES.test(name))]).toEqual([path]);
    }
    await goTo(page, '/keys');
    await page.getByRole('button', { name: `Actions for ${there.key.key.name}` }).click();
    await page.getByRole('menuitem').first().waitFor();
    expect(await names('menuitem')).toEqual(['Overview']);
    const places = (await names('link')).filter((name) => /webhooks|admin keys|audit/i.test(name));
    expect(places).toEqual([]);
    await page.context().close();
  });
});
