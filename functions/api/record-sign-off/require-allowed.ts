import { whyProposerUnknown } from "../../../core/approval/out-of-reach.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  calendarNow,
  groupsOf,
  openStageOf,
  pinnedRequirements,
  requirementsInForce,
} from "../../../core/approval/promotion-approval.ts";
import { refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { delegationsOf, type RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { withStandingPasskeys } from "../../../core/attestation/recorded-passkey.ts";
import { issuedAt, issuedByNow } from "../../../core/attestation/signed-at.ts";
import { whyConditionsRefused } from "../../../core/deployment/conditions.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { isObjection } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { inTurn, type TurnBooks } from "../../in-turn.ts";
import { isAsSigned } from "../../ledger/stored-facts.ts";
import { type CurrentDelegations, deedsBehind } from "../../people/delegations.ts";
import { passkeysIn, standingOf } from "../../people/standing-passkeys.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { keptRequirements } from "../../review/kept-requirements.ts";
import { type SentBackPorts, sentBack } from "../../review/sent-back.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";
import type { PasskeyUsePorts } from "../passkey-use.ts";
import { decisionsOf, requireAfterEarlier } from "./earlier-decisions.ts";

export interface AllowedPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves & SignedPorts["promotions"];
  readonly blobs: SentBackPorts["blobs"];
  readonly delegations: CurrentDelegations;
  readonly passkeys: PasskeyUsePorts["passkeys"];
  readonly turns: TurnBooks;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/** A decision as it is about to be recorded, with the sign-in that proves it. */
interface Attempt {
  readonly signOff: SignOff;
  readonly idToken: string;
}

/**
 * Throws why a decision does not count: by the requirements in force, who people are now, and what was decided before. Where the
 * requirements changed the promotion goes back to its gates.
 */
export function requireAllowed(ports: AllowedPorts) {
  return async (promotion: Promotion, { signOff, idToken }: Attempt, now: Instant): Promise<void> => {
    const requirements = await judgedBy(promotion, signOff);
    const recorded = await ports.promotions.signOffs(promotion.id);
    const signOffs = recorded.map((each) => each.signOff);
    if (requirements === undefined) return sendBack(promotion);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const { people } = ports.policy;
    const known = { members, people };
    const decision = { signOff, idToken };
    requireAfterEarlier(decision, recorded, known);
    const unknown = isObjection(signOff) ? undefined : whyProposerUnknown(promotion, requirements, known);
    if (unknown !== undefined) throw new Failure("not-entitled", unknown);
    const deeds = await deedsBehind([...signOffs, signOff], ports.delegations);
    requireDelegatedAsSigned(signOff, deeds);
    const delegations = delegationsOf(deeds);
    const signers = withWhoSigned(people, await signedAbout(promotion, [...recorded, { signOff, idToken }], ports));
    const passkeys = standingOf(await passkeysIn(delegations, ports.passkeys), { people: signers, members });
    const approval = approvalInputOf(promotion, requirements, {
      people: signers,
      members,
      signOffs,
      entitlement: "as-of-now",
      delegations: withStandingPasskeys(delegations, passkeys, now),
      now,
    });
    const refusal = refuseSignOff({
      approval,
      openStage: openStageOf(promotion),
      attempt: { ...signOff, signedBy: issuedByNow(issuedAt(idToken)) },
      calendar: calendarNow(ports.policy, promotion, now),
    });
    if (refusal !== undefined) {
      const others = refusal.whoElse.map(({ name }) => name);
      throw new Failure(
        refusal.code,
        others.length === 0 ? refusal.why : `${refusal.why} Who else could: ${others.join(", ")}.`,
      );
    }
    const impossible = whyConditionsRefused(signOff, promotion, requirements.rule, approval.signOffs);
    if (impossible !== undefined) throw new Failure("conditions-refused", impossible);
    // A rejection waits for nobody: those that come at once contend for the promotion's next revision.
    if (signOff.result === "reject") return;
    const own = { id: signOff.id, by: signOff.reviewer, at: now };
    await inTurn(ports.turns, decisionsOf(decision, recorded, known), own, (others) =>
      requireAfterEarlier(decision, recorded, { ...known, others }),
    );
  };

  /**
   * `undefined` once they changed. Whoever may can stop what runs on loan all the same, by those that are in force then; and what is
   * approved, by those of the review: until a freeze window is over, nothing sends that back to its gates.
   */
  async function judgedBy(promotion: Promotion, { result }: SignOff): Promise<Requirements | undefined> {
    const pinned = pinnedRequirements(ports.policy, promotion);
    if (pinned !== undefined || result !== "reject") return pinned;
    if (promotion.status === "approved") return keptRequirements(ports.blobs, promotion);
    if (promotion.status !== "loaned") return undefined;
    const inForce = requirementsInForce(ports.policy, promotion);
    return inForce.kind === "asked" ? inForce.requirements.document : undefined;
  }

  async function sendBack({ id, status }: Promotion): Promise<never> {
    await moveOn(ports.promotions, id, (current) =>
      current.status === "in-review" && pinnedRequirements(ports.policy, current) === undefined
        ? sentBack(ports, current, requirementsInForce(ports.policy, current), ports.now)
        : undefined,
    );
    throw new Failure(
      "requirements-changed",
      status === "loaned"
        ? "The requirements changed meanwhile, so the loan cannot be ratified any more; it can be rejected, or runs to its end."
        : "The requirements changed meanwhile; the promotion goes back to the gates under the new ones.",
    );
  }
}

/**
 * The verdict of an approval that rests on another would be FAILED, once everybody had signed, and a rejection might stop nothing: it is
 * counted by what is stored, and by whoever verifies the record by what was given. To take an approval back asks nobody for a role.
 */
function requireDelegatedAsSigned({ onBehalfOf, result }: SignOff, deeds: readonly RecordedDelegationDeed[]): void {
  const own = deeds.filter(({ id }) => id === onBehalfOf?.delegation);
  if (result === "withdraw" || own.every((deed) => isAsSigned({ kind: "delegation", deed }))) return;
  const instead =
    result === "reject"
      ? "Reject in your own name if you hold a role, or have the person reject in whose place you sign."
      : "Ask for another one meanwhile.";
  throw new Failure(
    "not-entitled",
    `The delegation under which you sign is not stored as it was given: whoever runs Countersign has to look into that. ${instead}`,
  );
}
