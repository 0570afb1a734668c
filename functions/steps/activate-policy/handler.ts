import { pinnedRequirements, requirementsInForce } from "../../../core/approval/promotion-approval.ts";
import { parseEnvelope, type VerifyingKey, type VerifySignature } from "../../../core/attestation/dsse.ts";
import { requireRecent, requireVerdict } from "../../../core/attestation/verdict.ts";
import { requireSignedManifest } from "../../../core/deployment/order.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { policyAttachments } from "../../../core/policy/activated-policy.ts";
import { loadPolicies, type Policies } from "../../../core/policy/load-policies.ts";
import { type PolicyBundle, policyDocuments, policyFileName, readBundle } from "../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { versionProposed } from "../../../core/policy/proposed-policy.ts";
import { personalTexts } from "../../../core/promotion/personal-documents.ts";
import type { FrozenCopy, Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { formerOf, tellInForce } from "../../policies/policies-told.ts";
import { type SentBackPorts, sentBack } from "../../review/sent-back.ts";
import { blockedBy } from "../blocked-by.ts";
import { moveOn, type PromotionMoves, type PromotionPage, requirePromotion } from "../promotion-store.ts";

/** In bytes, of each frozen document. */
const largest = 8 * 1024 * 1024;

export interface ActivatePolicyPorts extends Pick<SentBackPorts, "directory" | "delegations"> {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly promotions: PromotionMoves &
    SentBackPorts["promotions"] & {
      list(
        filter: { readonly status: Status; readonly unreadable: "told" },
        limit: number,
        from?: string,
      ): Promise<PromotionPage>;
    };
  readonly policies: {
    inForce(): Promise<PolicyInForce | undefined>;
    keep(bundle: PolicyBundle): Promise<Sha256>;
    replace(former: Sha256 | undefined, next: PolicyInForce): Promise<"replaced" | "lost">;
  };
  readonly readArtifact: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>;
  readonly blobs: {
    get(sha256: Sha256): Promise<Uint8Array>;
    put(bytes: Uint8Array, mediaType: string): Promise<Sha256>;
  };
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly verifySignature: VerifySignature;
}

export interface ActivatePolicyAnswer {
  readonly outcome: "in-force" | "refused";
}

/**
 * Put the policies in force. As with a deployment, nothing that woke it is trusted: the verdict is held against the
 * bytes, and the version that they take the place of against the one that reviewers were shown the difference to. Then
 * every open promotion that they judge otherwise goes back to its gates.
 */
export function activatePolicy(ports: ActivatePolicyPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<ActivatePolicyAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    if (promotion.status === "blocked") return { outcome: "refused" };
    try {
      await inForceBy(promotion);
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "unavailable" || error.code === "ledger-invalid") throw error;
      await refuse(promotionId, error);
      return { outcome: "refused" };
    }
    await sendBack(promotion);
    return { outcome: "in-force" };
  };

  /**
   * Recorded once it is so: whoever loses the race leaves no record that says otherwise. The retry after a crash in between finds
   * itself in force, however old the verdict is by then.
   */
  async function inForceBy(promotion: Promotion): Promise<void> {
    const pinned = await ports.policies.inForce();
    const own = { promotion: promotion.id };
    if (pinned?.promotion === promotion.id) await tellInForce(ports.promotions, { ...pinned, ...own }, ports.now);
    else if (promotion.status !== "deployed") {
      const taken = await takenPlace(promotion, await requireApproved(promotion), formerOf(promotion), pinned);
      await tellInForce(ports.promotions, { ...taken, ...own }, ports.now);
    }
  }

  async function requireApproved(promotion: Promotion): Promise<Policies> {
    const { status, verdict, manifest } = promotion;
    if (manifest.target.kind !== "policy" || (status !== "approved" && status !== "deploying"))
      throw new Failure("deployment-refused", `The promotion is ${status}, and no approved change of the policies.`);
    if (verdict === undefined) throw new Failure("verdict-invalid", "The promotion has no verdict.");
    requireSignedManifest(promotion);
    requireVerdict(parseEnvelope(JSON.parse(fromUtf8(await ports.blobs.get(verdict.sha256)))), {
      attestationBase: ports.attestationBase,
      freezeDigest: promotion.freezeDigest,
      target: manifest.target,
      requirements: promotion.requirements.sha256,
      // Nobody lends seats for a change of the policies.
      loan: false,
      now: ports.now(),
      keys: await ports.verifyingKeys(verdict.at),
      verify: ports.verifySignature,
    });
    const policies = await frozenPolicies(promotion);
    if (policies.digest !== versionProposed(manifest))
      throw new Failure("digest-mismatch", "The frozen policies are not those that were signed off.");
    return policies;
  }

  /** The policies out of their frozen copies. Throws `digest-mismatch` where there are none. */
  async function frozenPolicies({ frozen = [] }: Promotion): Promise<Policies> {
    if (frozen.length === 0) throw new Failure("digest-mismatch", "The proposed policies were never frozen.");
    const documents: Uint8Array[] = [];
    for (const name of [policyFileName, ...personalTexts]) {
      const copy = frozen.find((each) => each.name === name);
      if (copy !== undefined) documents.push(await ports.readArtifact(copy, largest));
    }
    return loadPolicies(readBundle(documents));
  }

  /** Puts them in force on condition of those that they were compared with. Throws `deployment-refused` where others are. */
  async function takenPlace(
    promotion: Promotion,
    { digest, bundle }: Policies,
    former: Sha256,
    pinned: PolicyInForce | undefined,
  ): Promise<PolicyInForce> {
    if (pinned?.digest !== former)
      throw new Failure(
        "deployment-refused",
        "Other policies came in force since these were proposed, so what they change was not what was signed off: propose them again.",
      );
    await ports.policies.keep(bundle);
    for (const { bytes, mediaType } of policyDocuments(bundle)) await ports.blobs.put(bytes, mediaType);
    const signedBy = await signersOf(promotion);
    const since = ports.now();
    // What they were read from, and kept in, may have taken as long as the verdict had left.
    if (promotion.verdict !== undefined) requireRecent(promotion.verdict.at, since);
    const next: PolicyInForce = {
      digest,
      documents: policyAttachments(bundle),
      since,
      number: pinned.number + 1,
      promotion: promotion.id,
      signedBy,
    };
    if ((await ports.policies.replace(former, next)) === "replaced") return next;
    const now = await ports.policies.inForce();
    if (now?.promotion === promotion.id) return now;
    throw new Failure("deployment-refused", "Other policies came in force in the same moment: propose them again.");
  }

  async function signersOf(promotion: Promotion): Promise<readonly string[]> {
    const ids = new Set(promotion.settled.flatMap(({ seats }) => seats.map(({ signOff }) => signOff)));
    const signOffs = await ports.promotions.signOffs(promotion.id);
    return signOffs.flatMap(({ signOff }) => (ids.has(signOff.id) ? [signOff.reviewerName] : []));
  }

  /** Whatever is in review and is asked for otherwise now. What is at its gates, or verified, finds out by itself. */
  async function sendBack({ id }: Promotion): Promise<void> {
    const pinned = await ports.policies.inForce();
    if (pinned?.promotion !== id) return;
    const own = await requirePromotion(ports.promotions, id);
    const policies = await frozenPolicies(own);
    const judging = { ...ports, policy: policies };
    const failures: unknown[] = [];
    for (const status of ["in-review", "approved"] as const) {
      let from: string | undefined;
      do {
        // One that cannot be read nobody can sign for either, and whoever reminds tells of it.
        const page = await ports.promotions.list({ status, unreadable: "told" }, 50, from);
        for (const open of page.promotions) {
          try {
            await moveOn(ports.promotions, open.id, (current) =>
              (current.status !== "in-review" && current.status !== "approved") ||
              current.verdict !== undefined ||
              pinnedRequirements(policies, current) !== undefined
                ? undefined
                : sentBack(judging, current, requirementsInForce(policies, current), ports.now),
            );
          } catch (error) {
            // One that cannot be judged leaves nobody of another to sign under rules that are over.
            failures.push(error);
          }
        }
        from = page.next;
      } while (from !== undefined);
    }
    if (failures.length > 0) throw failures[0];
  }

  function refuse(id: PromotionId, failure: Failure): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) =>
      current.status === "approved" || current.status === "deploying"
        ? blockedBy(failure, "deploy", current, ports.now())
        : undefined,
    );
  }
}
