/**
 * Ids of keys that are not revoked, oldest first. $1 team, $2 environment, $3 owner, $4 purpose, $5 how many,
 * $6 whether they are enabled, $7 the one team in which the caller acts.
 */
export const FIND_KEYS = `
  select id from keys
  where revoked_at is null
    and ($1::text is null or team_id = $1)
    and ($2::text is null or environment = $2)
    and ($3::text is null or owner = $3)
    and ($4::text is null or state ->> 'purpose' = $4)
    and ($7::text is null or team_id = $7)
    and ($6::boolean is null or enabled = $6)
  order by created_at, id
  limit $5`;
