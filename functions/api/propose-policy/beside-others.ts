import { policyModelType, policyTarget } from "../../../core/approval/matrix.ts";
import { addSeconds, type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { newestFirst, type PromotionLists } from "../../running/what-runs.ts";

/** So long whoever was rejected leaves the next proposal to others. */
const pauseSeconds = 3600;
/** So often in that time one person may replace or withdraw a proposal, so that the last of them stands long enough to be rejected. */
const mostProposals = 3;
const fewWithinSeconds = 6 * 3600;

const lane = { model: policyModelType, target: policyTarget };

export interface BesideOthersPorts {
  readonly promotions: PromotionLists;
  readonly start: (id: PromotionId) => Promise<void>;
}

/** Whether a proposal is the same person's, with whichever account. */
type IsTheirs = (requester: Identity) => boolean;

/** A newer proposal takes the older one's place, and all that was signed for it falls: not by whoever would rather not have it. */
export async function refuseBesideAnothers(
  proposals: readonly Promotion[],
  isTheirs: IsTheirs,
  now: Instant,
  { start }: BesideOthersPorts,
): Promise<void> {
  // One whose time is over is about to end, whatever keeps the machine from noticing.
  const other = proposals.find(({ manifest, expiresAt }) => now < expiresAt && !isTheirs(manifest.requester));
  if (other === undefined) return;
  // Its proposer's request may have died before its start, and nobody can sign or reject what has not begun.
  if (other.status === "gating") await start(other.id);
  throw new Failure(
    "conflict",
    `Somebody else's proposal is open (${other.id}) until ${minuteText(other.expiresAt)}: ${other.history[0]?.summary ?? ""} Propose again once it has ended, which one rejection by somebody who signs for the policies does, or its proposer by withdrawing it.`,
  );
}

/** While one is open nobody else proposes: so whoever was rejected does not take the next place before anybody else can. */
export async function requirePause(isTheirs: IsTheirs, now: Instant, { promotions }: BesideOthersPorts): Promise<void> {
  const rejectedAt: Instant[] = [];
  // One that was rejected just now may have been proposed long before others.
  for await (const { status, manifest, history } of newestFirst(promotions, lane, ["rejected"]))
    if (status === "rejected" && isTheirs(manifest.requester))
      rejectedAt.push(...history.flatMap(({ type, at }) => (type === "rejected" ? [at] : [])));
  const [until] = rejectedAt
    .map((at) => addSeconds(at, pauseSeconds))
    .toSorted()
    .toReversed();
  if (until !== undefined && now < until)
    throw new Failure("conflict", `A proposal of yours was rejected: others have until ${until} to make theirs.`);
}

/**
 * A rejection takes a reading and a sign-in of its own, and falls where the proposal was replaced meanwhile: whoever could go on
 * replacing it would be rejected by nobody, and keep everybody else out.
 *
 * @param open those that are open
 */
export async function requireFew(
  open: readonly Promotion[],
  isTheirs: IsTheirs,
  now: Instant,
  { promotions }: BesideOthersPorts,
): Promise<void> {
  const given: readonly Status[] = ["superseded", "withdrawn"];
  const over: Promotion[] = [];
  for await (const each of newestFirst(promotions, lane, given)) {
    if (addSeconds(each.submittedAt, fewWithinSeconds) <= now) break;
    if (given.includes(each.status) && !open.some(({ id }) => id === each.id)) over.push(each);
  }
  const theirs = [...open, ...over]
    .filter(({ manifest }) => isTheirs(manifest.requester))
    .map(({ submittedAt }) => addSeconds(submittedAt, fewWithinSeconds))
    .filter((until) => now < until)
    .toSorted();
  const until = theirs.at(-mostProposals);
  if (until !== undefined)
    throw new Failure(
      "conflict",
      `You have made ${theirs.length} proposals that you replaced or withdrew, or that are open, and may make the next at ${minuteText(until)}: people need the time to reject one.`,
    );
}
