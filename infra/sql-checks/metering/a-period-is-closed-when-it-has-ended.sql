-- A period that ended more than a minute ago is closed, and its reset is told. Where one is not, no instance of
-- metering keeps the time: see whether one runs, and its log.
SELECT scope_id, period_id, to_timestamp(period_end_ms / 1000.0) AS ended_at
FROM totals
WHERE NOT closed AND period_end_ms < extract(epoch FROM now() - interval '1 minute') * 1000;
