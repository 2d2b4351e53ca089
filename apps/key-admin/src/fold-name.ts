/**
 * Names are unique, searched and sorted without regard to case and to how accents are composed. Done here and not
 * by `lower()`, which knows only ASCII where the database has the locale C.
 */
export const foldName = (name: string): string => name.normalize('NFC').toLowerCase();

/** A `like` pattern for a text that means itself. */
export const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
