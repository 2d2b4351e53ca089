export const ENSURE_OFFSETS = (table: string) => `
  INSERT INTO ${table} (partition) SELECT unnest($1::integer[]) AS partition ORDER BY partition
  ON CONFLICT DO NOTHING`;
