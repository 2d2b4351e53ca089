import { eventually } from '@tollgate/testing/eventually';
import { median } from '@tollgate/testing/median';
import OpenAI from 'openai';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from './chromium.ts';
import { openConsole } from './console-page.ts';
import { chat, fake, System } from './system.ts';

/** From the end of a request, or of a change, to its figure on the screen: the middle of what this spec sees. */
const SEEN_WITHIN_MS = 2_000;
const SEEN = { within_ms: 30_000, every_ms: 25 };
const NAME = 'checkout-service';

describe('the console shows what happens as it happens', () => {
  let system: System;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [system, browser] = await Promise.all([System.start('console'), startChromium()]);
    page = await openConsole(browser, system);
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  });

  const ask = (secret: string, completionTokens: number) =>
    system.client(secret).chat.completions.create(chat(fake({ completion_tokens: completionTokens })));
  const refusal = async (secret: string) => {
    const error: unknown = await ask(secret, 1).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    const { status, code } = error as InstanceType<typeof OpenAI.APIError>;
    return [status, code];
  };
  const used = () => page.getByRole('region', { name: 'Cost' }).locator('strong').textContent();
  const shown = (text: string) => page.getByText(text).first().isVisible();
  const isRefused = (secret: string, status: number, code: string) =>
    eventually(async () => expect(await refusal(secret)).toEqual([status, code]));

  it('from the first key to its end: made, used, blocked, freed, disabled, deleted', async () => {
    await page.getByRole('link', { name: 'Create the first key' }).click();
    await page.getByLabel('Name', { exact: true }).fill(NAME);
    await page.getByLabel('Cost limit').fill('0.00003');
    await page.getByRole('button', { name: 'Create key' }).click();
    const secret = (await page.locator('[data-secret]').textContent())!;
    // What was not saved cannot be left behind.
    expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('[data-secret]').isVisible()).toBe(true);
    await page.getByLabel('I have saved it').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { level: 1, name: NAME }).waitFor();
    expect(await used()).toBe('$0.00');

    await eventually(() => ask(secret, 10));
    const seenMs = [await eventually(async () => expect(await used()).toMatch(/^\$0\.0000\d+$/), SEEN)];
    const isShown = async (text: string, expected: boolean) => {
      seenMs.push(await eventually(async () => expect(await shown(text)).toBe(expected), SEEN));
    };

    await ask(secret, 60);
    const BLOCKED = 'Blocked: the cost limit of this key is reached';
    await isShown(BLOCKED, true);
    await isRefused(secret, 429, 'cost_limit_reached');

    await page.getByRole('button', { name: 'Raise the limit' }).click();
    await page.getByLabel('Cost limit').fill('5');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await isShown(BLOCKED, false);
    await eventually(() => ask(secret, 1));

    const toggle = page.getByRole('switch', { name: `${NAME} enabled` });
    const flip = async (to: boolean) => {
      // The banner comes by the stream, perhaps before the answer that frees the switch; its input has no area to aim at.
      await eventually(async () => expect(await toggle.isEnabled()).toBe(true), { within_ms: 10_000 });
      await toggle.setChecked(to, { force: true });
    };
    await flip(false);
    await isShown('This key is disabled', true);
    await isRefused(secret, 403, 'key_disabled');
    await flip(true);
    await isShown('This key is disabled', false);
    await eventually(() => ask(secret, 1));

    await page.getByRole('button', { name: `Actions for ${NAME}` }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const remove = page.getByRole('button', { name: 'Delete key' });
    await page.getByLabel(`Type ${NAME} to confirm`).fill('checkout');
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel(`Type ${NAME} to confirm`).fill(NAME);
    await remove.click();
    await isShown('This key is deleted', true);
    await isRefused(secret, 401, 'invalid_api_key');
    expect(median(seenMs)).toBeLessThan(SEEN_WITHIN_MS);
  });
});
