import { addSeconds, type Instant } from "../../encoding/instant.ts";

// How far what is recorded, what the log has and what clocks say may lie apart.

/** So long it may take until what was recorded is in the log: whatever writes it is tried again for a while. */
export const onItsWaySeconds = 900;

/** What the archive had to give up is in the log once table and ledger were compared, which is done each night. */
export const missesForSeconds = 2 * 86_400;

/** Two functions' clocks may differ by this much; and a sign-off may be recorded while another is being counted. */
export const clockToleranceSeconds = 5;

/** What is recorded as of an instant may be written so much later: it was checked then, and signed in between. */
export const writtenWithinSeconds = 3;

/**
 * Whether the log may not tell yet of something that was recorded at an instant: each partition of the table is told to it by
 * itself, so what rests on that may come before it. The head bounds how long that is, however late a pack is looked at.
 *
 * @param goesTo as late as the log goes on; where nobody knows, nothing is taken to be on its way
 */
export function mayBeOnItsWay(at: Instant, goesTo: Instant | undefined): boolean {
  return goesTo !== undefined && at > addSeconds(goesTo, -onItsWaySeconds - clockToleranceSeconds);
}
