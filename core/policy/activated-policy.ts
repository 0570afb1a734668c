import type { Instant } from "../encoding/instant.ts";
import type { Attachment, Fact } from "../promotion/fact.ts";
import type { Policies } from "./load-policies.ts";
import type { PolicyInForce } from "./policy-in-force.ts";
import { policyFileName } from "./proposed-policy.ts";

/** The document that a version of the policies is, as a record names it. */
export function policyAttachment({ digest }: Pick<Policies, "digest">): Attachment {
  return { name: policyFileName, mediaType: "application/json", sha256: digest };
}

/** The version that comes with a deployment, as the next one in force. */
export function deployedPolicy(
  { digest }: Pick<Policies, "digest">,
  former: PolicyInForce | undefined,
  since: Instant,
): PolicyInForce {
  return { digest, since, number: (former?.number ?? 0) + 1 };
}

/** The fact that a version came in force with a deployment, which only the first may that says who signs for a change. */
export function deployedPolicyFact({ digest, number, since }: PolicyInForce): Fact {
  return {
    id: `installation/policy/${number}`,
    type: "policy-activated",
    at: since,
    summary: `The policies of the deployment are in force, the ${number}. version.`,
    body: { policy: digest, number },
    attachments: [policyAttachment({ digest })],
  };
}
