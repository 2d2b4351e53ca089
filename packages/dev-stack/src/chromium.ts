import { existsSync } from 'node:fs';

/** Where systems put it; `TOLLGATE_CHROMIUM` names another. */
const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The program of the browser that the specs of the console look with; `null` where there is none. */
export function findChromium(named: string | undefined): string | null {
  const path = named ?? USUAL_PLACES.find((place) => existsSync(place));
  return path !== undefined && existsSync(path) ? path : null;
}

export const WITHOUT_CHROMIUM =
  'The specs of the console need Chromium: `apt-get install chromium`, or name its program in TOLLGATE_CHROMIUM.';
