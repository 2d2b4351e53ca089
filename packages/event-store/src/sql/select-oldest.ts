export const SELECT_OLDEST = `
  select position, topic, key, headers, value from outbox order by position limit $1`;
