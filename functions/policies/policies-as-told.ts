import { policyModelType, policyTarget } from "../../core/approval/matrix.ts";
import { parseEnvelope, type VerifyingKey, type VerifySignature } from "../../core/attestation/dsse.ts";
import type { Installation } from "../../core/attestation/installation-record.ts";
import { requireVerdict } from "../../core/attestation/verdict.ts";
import { requireSignedManifest } from "../../core/deployment/order.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { isSha256, type Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { deployedPolicyId } from "../../core/policy/activated-policy.ts";
import { loadInForce } from "../../core/policy/load-policies.ts";
import type { PolicyBundle } from "../../core/policy/policy-bundle.ts";
import { followsDeployment, type PolicyInForce } from "../../core/policy/policy-in-force.ts";
import { versionProposed } from "../../core/policy/proposed-policy.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type InLedger, leafOf } from "../ledger/told-otherwise.ts";
import type { PromotionPage } from "../steps/promotion-store.ts";
import { requireAllRead } from "../unreadable-promotion.ts";

export interface PoliciesAsToldPorts {
  readonly now: () => Instant;
  /** The version that came with the deployment. */
  readonly deployed: Sha256;
  readonly policies: {
    inForce(): Promise<PolicyInForce | undefined>;
    get(digest: Sha256): Promise<PolicyBundle>;
  };
  readonly promotions: {
    /** Facts about no promotion whose ids begin so. */
    installationFacts(prefix: string): Promise<readonly Fact[]>;
    list(
      filter: { readonly model: string; readonly target: string; readonly unreadable: "told" },
      limit: number,
      from?: string,
    ): Promise<PromotionPage>;
  };
  readonly inLedger: InLedger;
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  /** The settings under which something may have been recorded at an instant. */
  readonly installations: (at: Instant) => Promise<readonly Pick<Installation, "attestationBase">[]>;
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly verifySignature: VerifySignature;
}

/** A version that a record says came in force. */
interface Told {
  readonly fact: Fact;
  /** Absent where it came with a deployment. */
  readonly by?: Promotion;
}

/**
 * Holds the policies by which something is judged against how policies come in force. Which are stands in the table, and whoever
 * writes there alone would be who decides by what rules anybody signs: so the ledger has to tell of them, of none after them, and
 * they were signed off, or came with a deployment where nobody signs for a change. Those that are deployed here, and that nobody
 * is said to have signed for, need no record: whoever can deploy them and take away what was in force breaks the glass, by the runbook.
 *
 * Throws `conflict`, `verdict-invalid` or `signature-invalid` where they are not to be judged by, and `unavailable` where that cannot
 * be told yet.
 */
export function policiesAsTold(ports: PoliciesAsToldPorts) {
  const leftToDeployments = new Map<Sha256, boolean>();
  return async (judging: Sha256): Promise<void> => {
    const pinned = await ports.policies.inForce();
    if ((pinned?.digest ?? ports.deployed) !== judging) throw meanwhile();
    if (pinned === undefined || (pinned.promotion === undefined && pinned.digest === ports.deployed)) return;
    const { told, unreadable } = await allTold();
    const own = told.find((each) => isOf(each, pinned));
    if (own === undefined && pinned.promotion !== undefined && unreadable.includes(pinned.promotion))
      requireAllRead([pinned.promotion], "whether people signed for the policies in force");
    // Whoever put them in force tells of it right after.
    if (own === undefined) throw told.some(({ fact }) => fact.at >= pinned.since) ? await asOfNow(pinned) : untold();
    const deployed = told.filter(({ by }) => by === undefined);
    const inLedger = await toldInLedger([own, ...deployed]);
    if (!inLedger.has(own.fact.id)) throw untold();
    // Older ones were put back where a record tells of others since.
    if (told.some(({ fact }) => fact.at > pinned.since)) throw await asOfNow(pinned);
    await requireBrought(own, told, inLedger);
  };

  /** The versions that came in force, by the table. */
  async function allTold(): Promise<{ readonly told: readonly Told[]; readonly unreadable: readonly string[] }> {
    const unreadable: string[] = [];
    const all: Told[] = (await ports.promotions.installationFacts(deployedPolicyId(""))).map((fact) => ({ fact }));
    let from: string | undefined;
    do {
      const page = await ports.promotions.list(ofPolicies, 25, from);
      all.push(...page.promotions.flatMap((by) => by.history.filter(activates).map((fact) => ({ fact, by }))));
      unreadable.push(...(page.unreadable ?? []));
      from = page.next;
    } while (from !== undefined);
    return { told: all, unreadable };
  }

  /** What is wrong, unless others came in force this very moment. */
  async function asOfNow({ digest, since }: PolicyInForce): Promise<Failure> {
    const now = await ports.policies.inForce();
    return now?.digest === digest && now.since === since ? apart() : meanwhile();
  }

  /** The ids of the records that the ledger tells yet. Throws `conflict` where it tells one otherwise. */
  async function toldInLedger(versions: readonly Told[]): Promise<ReadonlySet<string>> {
    const told = await ports.inLedger(versions.map(({ fact }) => fact.id));
    for (const { fact } of versions) {
      const leafHash = told.get(fact.id)?.leafHash;
      if (leafHash !== undefined && leafHash !== leafOf(fact)) throw apart();
    }
    return new Set(told.keys());
  }

  async function requireSigned(promotion: Promotion, digest: Sha256): Promise<void> {
    const { verdict, manifest, freezeDigest, requirements } = promotion;
    if (verdict === undefined || versionProposed(manifest) !== digest) throw apart();
    requireSignedManifest(promotion);
    const envelope = parseEnvelope(JSON.parse(fromUtf8(await ports.blobs.get(verdict.sha256))));
    const keys = await ports.verifyingKeys(verdict.at);
    const bases = new Set((await ports.installations(verdict.at)).map(({ attestationBase }) => attestationBase));
    let why: Failure | undefined;
    for (const attestationBase of bases) {
      try {
        requireVerdict(envelope, {
          ...{ attestationBase, freezeDigest, keys, verify: ports.verifySignature, now: ports.now() },
          ...{ target: manifest.target, requirements: requirements.sha256, loan: false, standing: true },
        });
        return;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        why = error;
      }
    }
    throw why ?? apart();
  }

  /**
   * What a deployment brings takes the place of nothing that says who signs for a change. So that holds of each version before it,
   * down to one that people signed for or the first of all, whose record nobody can put there any more: of those between whoever
   * writes the table could bring both, the one that leaves it to deployments and the one in its place.
   */
  async function requireBrought(own: Told, told: readonly Told[], inLedger: ReadonlySet<string>): Promise<void> {
    let version = own;
    while (version.by === undefined) {
      const number = numberOf(version.fact);
      if (typeof number !== "number" || version.fact.id !== deployedPolicyId(number)) throw apart();
      if (number === 1) return;
      const before = told.find(({ fact }) => numberOf(fact) === number - 1);
      if (before === undefined) throw apart();
      const known = before.by === undefined ? inLedger : await toldInLedger([before]);
      if (!known.has(before.fact.id)) throw untold();
      if (!(await isLeftToDeployments(digestOf(before)))) throw apart();
      version = before;
    }
    await requireSigned(version.by, digestOf(version));
  }

  /** Of a digest that is for ever: each version is read once. */
  async function isLeftToDeployments(digest: Sha256): Promise<boolean> {
    const known = leftToDeployments.get(digest) ?? followsDeployment(loadInForce(await ports.policies.get(digest)));
    leftToDeployments.set(digest, known);
    return known;
  }
}

const ofPolicies = { model: policyModelType, target: policyTarget, unreadable: "told" } as const;

function activates({ type }: Fact): boolean {
  return type === "policy-activated";
}

function isOf({ fact, by }: Told, { digest, number, since, promotion }: PolicyInForce): boolean {
  return by?.id === promotion && fact.at === since && fact.body["policy"] === digest && numberOf(fact) === number;
}

function numberOf({ body }: Fact): unknown {
  return body["number"];
}

function digestOf({ fact }: Told): Sha256 {
  const digest = fact.body["policy"];
  if (!isSha256(digest)) throw apart();
  return digest;
}

function apart(): Failure {
  return new Failure(
    "conflict",
    "Which policies are in force is told otherwise by the ledger than by the table: it was restored to an earlier time, or changed by hand. Nothing is approved by these; whoever runs Countersign has to look into that.",
  );
}

function untold(): Failure {
  return new Failure("unavailable", "The ledger does not tell yet that these policies are in force.");
}

function meanwhile(): Failure {
  return new Failure("unavailable", "Other policies came in force meanwhile.");
}
