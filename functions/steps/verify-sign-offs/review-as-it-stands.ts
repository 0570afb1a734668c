import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { type ApprovalPolicy, approvalInputOf, groupsOf } from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { withStandingPasskeys } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { requireEveryObjection } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { delegationsBehind } from "../../people/delegations.ts";
import { type PasskeyDeeds, passkeysIn, standingOf } from "../../people/standing-passkeys.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { keptSignOffs } from "../../review/kept-sign-offs.ts";
import { asRecorded, countedOf } from "./counted.ts";
import { failureOf } from "./failure-of.ts";
import { type KeptSignOffsPorts, requireKeptOnce, whyKeptFalls } from "./kept-sign-offs.ts";
import { awaitsLoanVerdict, lendersOf } from "./lenders.ts";

export interface ReviewPorts extends SignedPorts, KeptSignOffsPorts {
  readonly policy: Pick<ApprovalPolicy, "people">;
  readonly promotions: SignedPorts["promotions"] & KeptSignOffsPorts["promotions"];
  readonly passkeys: PasskeyDeeds;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/** What a promotion was signed for, by who people are and which passkeys stand at an instant. */
export interface ReviewAsItStands {
  /** Whoever is in the groups of the requirements. */
  readonly members: readonly Member[];
  readonly signOffs: readonly SignOff[];
  /** The same, with what proves them. */
  readonly recorded: readonly RecordedSignOff[];
  /** The sign-offs that fill the seats, those that are kept among them. */
  readonly counted: readonly RecordedSignOff[];
  /** The signatures by which it is lent, where no verdict says so yet. */
  readonly lenders: readonly RecordedLoan[];
  /** The same, without passkeys that do not stand any more. */
  readonly standing: readonly Pick<SignOff, "id" | "passkey">[];
  readonly standingLenders: readonly LenderSignature[];
  readonly input: ApprovalInput;
  /** What is wrong with a sign-off that is kept; one that only counts no more is `invalidated` in `input`. */
  readonly keptWrongly: Failure | undefined;
}

/** Reads what people signed, and who they are now. Throws `conflict` where somebody objected who is not in the promotion yet. */
export async function reviewAsItStands(
  promotion: Promotion,
  requirements: Requirements,
  now: Instant,
  ports: ReviewPorts,
): Promise<ReviewAsItStands> {
  const recorded = await ports.promotions.signOffs(promotion.id);
  const signOffs = recorded.map(({ signOff }) => signOff);
  // One that is recorded from here on moves the promotion, so that what is made of it is not written.
  requireEveryObjection(promotion, signOffs);
  const members = await ports.directory.everybody(groupsOf(requirements));
  const kept = await keptSignOffs(promotion, ports);
  const carried = asRecorded(promotion.carried ?? [], [...recorded, ...kept]);
  const every = [...signOffs, ...carried.map(({ signOff }) => signOff)];
  const lenders = await lendersOf(promotion, ports);
  const signatures = lenders.map(({ signature }) => signature);
  const delegations = await delegationsBehind(signOffs, ports.delegations);
  const used = await passkeysIn([...every, ...signatures, ...delegations], ports.passkeys);
  const people = withWhoSigned(ports.policy.people, await signedAbout(promotion, recorded, ports));
  const passkeys = standingOf(used, { people, members });
  const standing = withStandingPasskeys(every, passkeys, now);
  const standingLenders = withStandingPasskeys(signatures, passkeys, now);
  const fallen: { readonly signOff: Sha256; readonly why: string }[] = [];
  const keptWrongly = await failureOf(async () => {
    requireKeptOnce({ ...promotion, carried });
    for (const each of countedOf(promotion, kept)) {
      const why = await whyKeptFalls(each, { promotion, requirements }, ports);
      if (why !== undefined) fallen.push({ signOff: each.signOff.id, why });
    }
  });
  const asTheyStand = {
    ...promotion,
    invalidated: [...promotion.invalidated, ...fallen],
    carried: carried.map((each, at) => ({ ...each, signOff: standing[signOffs.length + at] ?? each.signOff })),
  };
  const input = approvalInputOf(asTheyStand, requirements, {
    people,
    members,
    signOffs: standing.slice(0, signOffs.length),
    entitlement: "as-of-now",
    delegations: withStandingPasskeys(delegations, passkeys, now),
    now,
  });
  // A seat that was lost since is lent like the others.
  const lost = new Set(awaitsLoanVerdict(promotion) ? lostSeats(input).map(({ signOff }) => signOff) : []);
  const counted = countedOf(promotion, [...recorded, ...kept]).filter(({ signOff }) => !lost.has(signOff.id));
  return { members, signOffs, recorded, counted, lenders, standing, standingLenders, input, keptWrongly };
}
