-- An event leaves the outbox within seconds. Where some wait for minutes, the broker takes none, or no instance leads
-- the relay: see metering's log and /readyz.
SELECT topic, count(*) AS waiting, min(created_at) AS since
FROM outbox
WHERE created_at < now() - interval '1 minute'
GROUP BY topic;
