-- An operation has an end. Where one has none, an hour after it began, a crash cut it short: do it again. Each part of
-- it was a transaction, and what it did already is not done twice.
SELECT id, kind, actor, started_at
FROM operations
WHERE ended_at IS NULL AND started_at < now() - interval '1 hour';
