/** What use can be told apart by. */
export const GROUPINGS = {
  model: { title: 'Models', column: 'Model' },
  key: { title: 'Keys', column: 'Key' },
  team: { title: 'Teams', column: 'Team' },
} as const;
export type Grouping = keyof typeof GROUPINGS;
