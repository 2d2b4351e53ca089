const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 });

/** `1234567` → `1,234,567` */
export const count = (value: number): string => whole.format(value);

/** Where there is little room: `1234567` → `1.23M`; below ten thousand every digit. */
export const countShort = (value: number): string => (value < 10_000 ? count(value) : short.format(value));

/** `1 key`, `2 keys` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
