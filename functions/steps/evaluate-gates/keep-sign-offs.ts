import { type CarryOver, carryOver } from "../../../core/approval/carry-over.ts";
import { asInReview, keptIsTold, reviewBefore } from "../../../core/approval/earlier-review.ts";
import { excludedPeople } from "../../../core/approval/exclusions.ts";
import { type ApprovalPolicy, groupsOf, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import { keptSignOffFact } from "../../../core/attestation/kept-sign-off.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { CarriedSignOff, Promotion } from "../../../core/promotion/promotion.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { keptRequirements } from "../../review/kept-requirements.ts";

export interface KeepSignOffsPorts extends SignedPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: SignedPorts["promotions"] & { recordFact(fact: Fact): Promise<"recorded" | "exists"> };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  /** The key that signs now. */
  readonly verifyingKey: () => Promise<Pick<VerifyingKey, "keyid">>;
}

/** What becomes of the sign-offs of a promotion that was just superseded. */
export interface KeptSignOffs {
  readonly kept: readonly CarriedSignOff[];
  readonly fallen: readonly { readonly name: string; readonly signOff: Sha256; readonly why: string }[];
  /** From then on one of those that are kept was given too long ago; absent where none is kept. */
  readonly until?: Instant;
}

const nothing: ReadonlyMap<string, Sha256> = new Map();

/**
 * Keeps for the newer candidate what was signed for the older one and judges only what is the same in both. Where the older one was
 * sent back to its gates, and it was not told what of its last review is kept, none of that is.
 */
export function keepSignOffs(ports: KeepSignOffsPorts) {
  return async (older: Promotion, newer: Promotion): Promise<KeptSignOffs> => {
    const last = older.stage === undefined && !keptIsTold(older) ? reviewBefore(older) : undefined;
    const reviewed = last?.promotion ?? older;
    if (reviewed.gates === undefined) return { kept: [], fallen: [] };
    if (older.carried === undefined && (await ports.promotions.signOffs(older.id)).length === 0)
      return { kept: [], fallen: [] };
    const { document: requirements } = requirementsNow(ports.policy, newer);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const [was, is] = [asInReview(older, reviewed.review), asInReview(newer, newer.review)];
    const before = await keptRequirements(ports.blobs, reviewed);
    // Once more: some may have been on their way as its place was taken, and the directory may take long.
    const recorded = await ports.promotions.signOffs(older.id);
    const people = withWhoSigned(ports.policy.people, await signedAbout(older, recorded, ports));
    const { excluded } = excludedPeople({
      manifest: newer.manifest,
      startedBy: newer.startedBy,
      duties: requirements.rule.excludes,
      members,
      people,
    });
    const carried = carryOver(
      { manifest: older.manifest, requirements: before, beside: was?.beside, promotion: reviewed },
      { manifest: newer.manifest, requirements, beside: is?.beside, review: newer.review },
      {
        signOffs: recorded.map(({ signOff }) => signOff),
        members,
        people,
        objectors: [],
        excluded,
        now: ports.now(),
        ...(last === undefined
          ? {}
          : { whyNone: "signed for an earlier candidate, before what that was judged by changed" }),
      },
    );
    const { kept, fallen } = await underKeyOfNow(carried, recorded);
    // The documents first: the promotion must never rest on a sign-off whose record does not say so.
    for (const each of kept) {
      const original = recorded.find(({ signOff }) => signOff.id === each.signOff.id);
      if (original === undefined) continue;
      // One that was kept within the older promotion was given under what its first review was judged by.
      const given = asInReview(older, each.signOff.review) ?? { promotion: older, beside: nothing };
      const between = { older: given.promotion, beside: given.beside, newer, at: ports.now() };
      await ports.promotions.recordFact(keptSignOffFact(original, each, between));
    }
    const { carryOverSeconds = 0 } = requirements.rule;
    const [until] = kept.map(({ signOff }) => addSeconds(signOff.recordedAt, carryOverSeconds)).toSorted();
    return {
      kept,
      ...(until === undefined ? {} : { until }),
      fallen: fallen.map(({ signOff, why }) => ({ name: signOff.reviewerName, signOff: signOff.id, why })),
    };
  };

  /** A key that was replaced since signs nothing new, and what is kept counts for something new (0020): it is better signed again. */
  async function underKeyOfNow({ kept, fallen }: CarryOver, recorded: readonly RecordedSignOff[]): Promise<CarryOver> {
    if (kept.length === 0) return { kept, fallen };
    const { keyid } = await ports.verifyingKey();
    const signed = new Set(
      recorded.flatMap(({ signOff: { id }, envelope }) =>
        envelope.signatures.some((each) => each.keyid === keyid) ? id : [],
      ),
    );
    const replaced = kept.filter(({ signOff: { id } }) => !signed.has(id));
    const why = "signed under a key that was replaced since";
    return {
      kept: kept.filter((each) => !replaced.includes(each)),
      fallen: [...fallen, ...replaced.map(({ signOff }) => ({ signOff, why }))],
    };
  }
}
