export const FIND_KEY = `select state from keys where id = $1`;
