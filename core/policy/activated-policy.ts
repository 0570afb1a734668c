import type { Instant } from "../encoding/instant.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import type { Attachment, Fact } from "../promotion/fact.ts";
import type { Policies } from "./load-policies.ts";
import { type PolicyBundle, policyDocuments } from "./policy-bundle.ts";
import type { PolicyInForce } from "./policy-in-force.ts";

/** The documents that a version of the policies is, as a record names them. */
export function policyAttachments(bundle: PolicyBundle): readonly Attachment[] {
  return policyDocuments(bundle).map(({ name, mediaType, bytes }) => ({ name, mediaType, sha256: sha256Hex(bytes) }));
}

/** The version that comes with a deployment, as the next one in force. */
export function deployedPolicy(
  { digest, bundle }: Pick<Policies, "digest" | "bundle">,
  former: PolicyInForce | undefined,
  since: Instant,
): PolicyInForce {
  return { digest, documents: policyAttachments(bundle), since, number: (former?.number ?? 0) + 1 };
}

/** The id of the record that a version came in force with a deployment; of no number, how they all begin. */
export function deployedPolicyId(number: number | ""): string {
  return `installation/policy/${number}`;
}

/** The fact that a version came in force with a deployment, which only the first may that says who signs for a change. */
export function deployedPolicyFact({ digest, documents, number, since }: PolicyInForce): Fact {
  return {
    id: deployedPolicyId(number),
    type: "policy-activated",
    at: since,
    summary: `The policies of the deployment are in force, version ${number}.`,
    body: { policy: digest, number },
    attachments: documents,
  };
}
