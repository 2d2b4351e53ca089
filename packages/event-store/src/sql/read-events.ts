export const READ_EVENTS = `
  select type, at, actor, data from stream_events where stream_id = $1 order by version`;
