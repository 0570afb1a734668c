import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import { deployedPolicy, deployedPolicyFact, policyAttachment } from "../../../core/policy/activated-policy.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";

const digest = digestOf("policies");
const since = "2026-11-23T12:00:00.000Z" as Instant;

describe("policies that come with a deployment", () => {
  it("are the first version where none was in force, and else the next", () => {
    expect(deployedPolicy({ digest }, undefined, since)).toEqual({ digest, since, number: 1 });
    const former = { digest: digestOf("former"), since: "2026-01-01T00:00:00.000Z" as Instant, number: 6 };
    expect(deployedPolicy({ digest }, former, since)).toEqual({ digest, since, number: 7 });
  });

  it("are recorded with their number and the document that they are", () => {
    expect(deployedPolicyFact({ digest, since, number: 7 })).toEqual({
      id: "installation/policy/7",
      type: "policy-activated",
      at: since,
      summary: "The policies of the deployment are in force, the 7. version.",
      body: { policy: digest, number: 7 },
      attachments: [policyAttachment({ digest })],
    });
    expect(policyAttachment({ digest })).toEqual({
      name: "policies.json",
      mediaType: "application/json",
      sha256: digest,
    });
  });
});
