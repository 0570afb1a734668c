import type { Sha256 } from "../../core/encoding/sha256.ts";
import { loadInForce, type Policies } from "../../core/policy/load-policies.ts";
import type { PolicyBundle } from "../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../core/policy/policy-in-force.ts";

export interface PolicyInForcePorts {
  /** Those that came with the deployment. */
  readonly deployed: Policies;
  readonly policies: {
    inForce(): Promise<PolicyInForce | undefined>;
    get(digest: Sha256): Promise<PolicyBundle>;
  };
}

/**
 * Reads which policies are in force, each time that it is asked; a version is read once, since its digest says what it
 * is. Before the first was put in force it is those of the deployment. Later ones that a deployment brings count once
 * `adopt-policy` has put them in force: functions are replaced one after the other, and a deployment may be taken back,
 * so none goes by policies that no record tells of.
 */
export function policyInForce({ deployed, policies }: PolicyInForcePorts): () => Promise<Policies> {
  let known: Policies | undefined;
  return async () => {
    const pinned = await policies.inForce();
    if (pinned === undefined || pinned.digest === deployed.digest) return deployed;
    if (known?.digest !== pinned.digest) known = loadInForce(await policies.get(pinned.digest));
    return known;
  };
}

/**
 * Works under the policies in force: what came in is judged by one version from its beginning to its end. What is made
 * for a version is kept until another is in force.
 */
export function underPolicy<Given extends readonly unknown[], Answer>(
  inForce: () => Promise<Policies>,
  make: (policy: Policies) => (...given: Given) => Promise<Answer>,
): (...given: Given) => Promise<Answer> {
  let made: { readonly policy: Policies; readonly work: (...given: Given) => Promise<Answer> } | undefined;
  return async (...given) => {
    const policy = await inForce();
    if (made?.policy !== policy) made = { policy, work: make(policy) };
    return made.work(...given);
  };
}
