import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { deployedPolicy, deployedPolicyFact, policyAttachments } from "../../../core/policy/activated-policy.ts";
import { policyDocuments } from "../../../core/policy/policy-bundle.ts";
import { shipped } from "../archive/house.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";

const { digest, bundle } = shipped;
const since = "2026-11-23T12:00:00.000Z" as Instant;
const documents = policyAttachments(bundle);

describe("policies that come with a deployment", () => {
  it("are the first version where none was in force, and else the next", () => {
    expect(deployedPolicy(shipped, undefined, since)).toEqual({ digest, documents, since, number: 1 });
    const before = {
      digest: digestOf("former"),
      documents: [],
      since: "2026-01-01T00:00:00.000Z" as Instant,
      number: 6,
    };
    expect(deployedPolicy(shipped, before, since)).toEqual({ digest, documents, since, number: 7 });
  });

  it("are recorded with their number and the documents that they are", () => {
    expect(deployedPolicyFact({ digest, documents, since, number: 7 })).toEqual({
      id: "installation/policy/7",
      type: "policy-activated",
      at: since,
      summary: "The policies of the deployment are in force, version 7.",
      body: { policy: digest, number: 7 },
      attachments: documents,
    });
    expect(documents).toEqual(
      policyDocuments(bundle).map(({ name, mediaType, bytes }) => ({ name, mediaType, sha256: sha256Hex(bytes) })),
    );
    expect(documents.map(({ name }) => name)).toEqual(["policies.json", "people.yaml", "channels.yaml"]);
    expect(documents[0]?.sha256).toBe(digest);
  });
});
