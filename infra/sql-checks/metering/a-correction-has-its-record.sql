-- A correction of a record has that record's instant, key and generations, so that it counts where that counts.
-- Where it has not, somebody wrote to the ledger by hand: `npm run metering -- credit` gives back what is too much.
SELECT made.id, made.adjusts, made.key_id, made.admitted_at
FROM usage_ledger made
LEFT JOIN usage_ledger corrected ON corrected.id = made.adjusts AND corrected.admitted_at = made.admitted_at
WHERE made.adjusts IS NOT NULL AND (
  corrected.kind IS DISTINCT FROM 'usage'
  OR (made.key_id, made.team_id, made.generation_key, made.generation_team, made.generation_organization)
    IS DISTINCT FROM (corrected.key_id, corrected.team_id, corrected.generation_key, corrected.generation_team,
      corrected.generation_organization)
);
