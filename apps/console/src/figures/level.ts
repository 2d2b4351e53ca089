/** What a share of a limit means: the page's amber and red stand for nothing else. */
export type Level = 'calm' | 'near' | 'reached';

export const NEAR_PERCENT = 80;

export const levelOf = (percent: number): Level =>
  percent >= 100 ? 'reached' : percent >= NEAR_PERCENT ? 'near' : 'calm';

/** `7 %`, `<1 %`, `99 %` until it is 100: a limit that is not reached never reads as reached. */
export function percentText(percent: number): string {
  if (percent > 0 && percent < 1) return '<1 %';
  return `${Math.floor(percent).toLocaleString('en')} %`;
}
