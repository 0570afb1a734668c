import { type Approval, evaluateApproval } from "../../core/approval/evaluate-approval.ts";
import { type ApprovalPolicy, approvalInputOf, groupsOf, openStageOf } from "../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../core/approval/requirements.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Member } from "../../core/promotion/identity.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { delegationsBehind } from "../people/delegations.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../people/who-signed.ts";
import { recordedInTime } from "../recorded-in-time.ts";

export interface ReviewDecisionPorts extends SignedPorts {
  readonly policy: Pick<ApprovalPolicy, "people">;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/** By what a promotion is decided, and how to ask for what was signed as of now. */
export interface ReviewToDecide {
  readonly requirements: Requirements;
  readonly signOffs: () => Promise<readonly RecordedSignOff[]>;
  readonly now: () => Instant;
}

/**
 * What the sign-offs of a promotion come to now: the promotion as it is then, `undefined` while its stage stays open. The
 * directory may take long, and people go on signing: what they signed is read after it, and decided as of that moment.
 */
export async function reviewDecision(
  ports: ReviewDecisionPorts,
  promotion: Promotion,
  { requirements, signOffs: signedNow, now }: ReviewToDecide,
): Promise<Promotion | undefined> {
  const members = await ports.directory.everybody(groupsOf(requirements));
  const read = async (at: Instant) => {
    const recorded = await signedNow();
    const signOffs = recorded.map(({ signOff }) => signOff);
    const people = withWhoSigned(ports.policy.people, await signedAbout(promotion, recorded, ports));
    return { at, people, signOffs, delegations: await delegationsBehind(signOffs, ports.delegations) };
  };
  const { at, people, signOffs, delegations } = await recordedInTime(await read(now()), read, now);
  const approval = evaluateApproval(
    approvalInputOf(promotion, requirements, {
      people,
      members,
      signOffs,
      entitlement: "as-signed",
      delegations,
      now: at,
    }),
  );
  return decided(promotion, approval, at);
}

function decided(promotion: Promotion, { outcome }: Approval, now: Instant): Promotion | undefined {
  const stage = openStageOf(promotion);
  switch (outcome.kind) {
    case "open":
      return undefined;
    case "rejected":
      return advance(
        promotion,
        {
          status: "rejected",
          reason: outcome.reason,
          ...(stage === undefined ? {} : { stage: { ...stage, open: false } }),
        },
        {
          type: "rejected",
          at: now,
          summary: outcome.reason,
          body: { by: outcome.by.map(({ identity }) => ({ ...identity })) },
          attachments: [],
        },
      );
    case "reached": {
      // Between two stages nothing is open, and what was reached has been written already.
      if (stage === undefined) return undefined;
      const last = outcome.next === undefined;
      const seats = outcome.settled.seats.map(({ role, person, signOff }) => ({
        role,
        person: { ...person },
        signOff,
      }));
      return advance(
        promotion,
        {
          // What is lent runs on until what was signed is verified as well.
          status: promotion.status === "loaned" ? "loaned" : last ? "approved" : "in-review",
          stage: { ...stage, open: false },
          settled: [...promotion.settled, outcome.settled],
        },
        {
          type: "stage-decided",
          at: now,
          summary: `Every seat of the stage '${stage.name}' is filled${last ? "; the quorum is reached" : ""}.`,
          body: { stage: stage.index, seats },
          attachments: [],
        },
      );
    }
    default:
      return outcome satisfies never;
  }
}
