import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { deployedPolicy, deployedPolicyFact } from "../../core/policy/activated-policy.ts";
import { loadInForce, type Policies } from "../../core/policy/load-policies.ts";
import { type PolicyBundle, policyDocuments } from "../../core/policy/policy-bundle.ts";
import { followsDeployment, type PolicyInForce } from "../../core/policy/policy-in-force.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { PromotionMoves } from "../steps/promotion-store.ts";
import { tellInForce } from "./policies-told.ts";

export interface AdoptPolicyPorts {
  readonly now: () => Instant;
  readonly deployed: Policies;
  readonly policies: {
    inForce(): Promise<PolicyInForce | undefined>;
    get(digest: Sha256): Promise<PolicyBundle>;
    keep(bundle: PolicyBundle): Promise<Sha256>;
    replace(former: Sha256 | undefined, next: PolicyInForce): Promise<"replaced" | "lost">;
  };
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly recordFact: (fact: Fact) => Promise<"recorded" | "exists">;
  readonly promotions: PromotionMoves;
}

/**
 * Writes down which policies a deployment put in force: the first there are, and later ones while those in force do not
 * say who signs for a change. The fact is told again each time that this runs, under the same id, so that a crash
 * between the two is repaired; so is the promotion's that put those in force, whose step may have died. Nothing takes the place of
 * a version that is not told of.
 */
export async function adoptPolicy(ports: AdoptPolicyPorts): Promise<PolicyInForce> {
  const { policies, deployed } = ports;
  const pinned = await policies.inForce();
  if (pinned !== undefined) {
    // Also of those that give way now: whatever was judged since they came was judged by them.
    const { promotion } = pinned;
    if (promotion === undefined) await ports.recordFact(deployedPolicyFact(pinned));
    else await tellInForce(ports.promotions, { ...pinned, promotion }, ports.now);
    if (!(await gives(pinned))) return pinned;
  }
  const next = deployedPolicy(deployed, pinned, ports.now());
  await policies.keep(deployed.bundle);
  for (const { bytes, mediaType } of policyDocuments(deployed.bundle)) await ports.blobs.put(bytes, mediaType);
  // Lost to another run: the next one finds what that put there.
  if ((await policies.replace(pinned?.digest, next)) === "lost") return adoptPolicy(ports);
  await ports.recordFact(deployedPolicyFact(next));
  return next;

  /** Whether what is in force gives way to what was deployed. */
  async function gives({ digest }: PolicyInForce): Promise<boolean> {
    return digest !== deployed.digest && followsDeployment(loadInForce(await policies.get(digest)));
  }
}
