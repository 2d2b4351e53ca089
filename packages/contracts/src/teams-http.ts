import { z } from 'zod';
import { namesOfToday, overviewMeter, propagation } from './admin-http.ts';
import { teamId } from './ids.ts';
import { limits, limitsInput } from './limits.ts';
import { historyEntry } from './metering-http.ts';

const NAME = 'must have 1 to 128 characters';
export const scopeName = z.string().trim().min(1, NAME).max(128, NAME);

export const createTeamBody = z.strictObject({ name: scopeName, limits: limitsInput.optional() });
export type CreateTeamBody = z.infer<typeof createTeamBody>;

export const patchTeamBody = createTeamBody.partial();
export type PatchTeamBody = z.infer<typeof patchTeamBody>;

export const listTeamsQuery = z.strictObject({
  search: z.string().trim().min(1).max(128).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1, 'must be from 1 to 200')
    .max(200, 'must be from 1 to 200')
    .default(25),
  cursor: z.string().max(512).optional(),
});
export type ListTeamsQuery = z.infer<typeof listTeamsQuery>;

export const team = z.object({
  id: teamId,
  name: z.string(),
  limits,
  /** How many of its keys are not revoked. */
  live_keys: z.int().nonnegative(),
  created_at: z.string(),
  created_by: z.string(),
  created_by_name: namesOfToday.created_by_name,
  deleted_at: z.string().nullable(),
  version: z.int(),
});
export type Team = z.infer<typeof team>;

export const teamAnswer = team.extend({ propagation: propagation.optional() });
export type TeamAnswer = z.infer<typeof teamAnswer>;

/** The teams that are not deleted, by name. */
export const teamPage = z.object({ data: z.array(team), next_cursor: z.string().nullable() });
export type TeamPage = z.infer<typeof teamPage>;

export const teamOverview = z.object({ team, meter: overviewMeter, history: z.array(historyEntry) });
export type TeamOverview = z.infer<typeof teamOverview>;
