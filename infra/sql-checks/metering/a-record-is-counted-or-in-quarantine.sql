-- No record is both in the ledger and in the quarantine.
-- Where one is: `npm run metering -- release <id>` drops it from the quarantine, for the ledger has it.
SELECT usage_quarantine.id, usage_quarantine.reason
FROM usage_quarantine
JOIN usage_ledger ON usage_ledger.id = usage_quarantine.id
  AND usage_ledger.admitted_at = to_timestamp(usage_quarantine.admitted_at_ms / 1000.0);
