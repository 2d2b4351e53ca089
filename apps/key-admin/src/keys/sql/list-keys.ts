import type { ListKeysQuery } from '@tollgate/contracts/admin-http';

const ORDER: Record<ListKeysQuery['sort'], { column: string; type: string; after: '>' | '<' }> = {
  created_at: { column: 'created_at', type: 'timestamptz', after: '>' },
  '-created_at': { column: 'created_at', type: 'timestamptz', after: '<' },
  name: { column: 'name_folded', type: 'text', after: '>' },
  '-name': { column: 'name_folded', type: 'text', after: '<' },
};

/**
 * One page of keys after a position in the order. $1 team, $2 environment, $3 owner, $4 status, $5 the instant
 * at which status is asked, $6 folded search text as a pattern, $7 search text as it came, $8 and $9 the sort
 * value and id of the last key seen, $10 how many, $11 purpose, $12 metadata,
 * $13 the one team in which the caller acts.
 */
export function listKeysSql(sort: ListKeysQuery['sort']): string {
  const { column, type, after } = ORDER[sort];
  const direction = after === '>' ? 'asc' : 'desc';
  return `
    select state, ${column} as place from keys
    where ($1::text is null or team_id = $1)
      and ($13::text is null or team_id = $13)
      and ($2::text is null or environment = $2)
      and ($3::text is null or owner = $3)
      and ($11::text is null or state ->> 'purpose' = $11)
      and ($12::jsonb is null or state -> 'metadata' @> $12)
      and ($4::text is null or $4 = case
            when revoked_at is not null then 'revoked'
            when not enabled then 'disabled'
            when expires_at <= $5::timestamptz then 'expired'
            else 'active' end)
      and ($6::text is null or name_folded like $6 or last_four = $7)
      and ($9::text is null or (${column}, id) ${after} ($8::${type}, $9::text))
    order by ${column} ${direction}, id ${direction}
    limit $10`;
}
