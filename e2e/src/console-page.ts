import type { Browser, Page } from 'playwright-core';
import type { System } from './system.ts';

interface Opened {
  /** Whose; the bootstrap administrator's unless said. */
  readonly adminKey?: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

const HEIGHT = 900;

/** The console in a browser that nobody has used before, signed in. */
export async function openConsole(browser: Browser, system: System, opened: Opened = {}): Promise<Page> {
  const { adminKey = system.admin.adminKey, colorScheme = 'light', width = 1_440 } = opened;
  const context = await browser.newContext({
    ...{ baseURL: system.admin.url, colorScheme, viewport: { width, height: HEIGHT } },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByLabel('Admin key', { exact: true }).fill(adminKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  return page;
}

/** Goes to another screen as a link of the page does, and waits until it is there. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  await page.locator('main h1').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  // In the place of figures, which come by the stream.
  await page.locator('[class*=Skeleton-root], [data-waiting]').first().waitFor({ state: 'detached' });
}

/** The name of what has the focus, as people are told it. */
const FOCUSED = `(() => {
  const focused = document.activeElement;
  const labels = [...(focused.labels ?? [])].map((label) => label.innerText);
  return focused.getAttribute('aria-label') ?? (labels.join(' ') || focused.innerText.trim());
})()`;
const MOST_TABS = 80;

/** Goes on by Tab until what has this name has the focus. @throws Error where it is never reached */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: unknown[] = [];
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(FOCUSED);
    if (focused === name) return;
    passed.push(focused);
  }
  throw new Error(`Tab does not reach "${name}"; it passes ${passed.join(', ')}`);
}
