/** Where the offset is still the one that was read: a consumer that was paused meanwhile moves nothing. */
export const ADVANCE_OFFSETS = (table: string) => `
  UPDATE ${table} AS t SET next_offset = step.to_offset
  FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS step (partition, from_offset, to_offset)
  WHERE t.partition = step.partition AND t.next_offset IS NOT DISTINCT FROM step.from_offset`;
