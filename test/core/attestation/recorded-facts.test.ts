import { describe, expect, it } from "vitest";
import { keptSignOffFact, originalBeside } from "../../../core/attestation/kept-sign-off.ts";
import { delegationDeedOf, delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import { signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { factTypes } from "../../../core/promotion/fact.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { cora, dana, digestOf, now, promotionInReview } from "../promotion/promotion-in-review.ts";
import { authenticator } from "./authenticator.ts";
import { documents, json } from "./fact-of-promotion.ts";
import { delegationDeed, delegationDocument } from "./given-delegation.ts";
import { givenSignOff } from "./given-sign-off.ts";

const promotion = promotionInReview();

describe("the record of a sign-off", async () => {
  const recorded = await givenSignOff(promotion, cora);
  const { signOff } = recorded;
  const body = {
    signOff: signOff.id,
    review: 1,
    stage: 0,
    result: "approve",
    reason: signOff.reason,
    roles: ["compliance-officer"],
    reviewer: cora.identity,
    groups: cora.groups,
  };
  const telling = (over: Partial<SignOff>) => signOffFact({ ...recorded, signOff: { ...signOff, ...over } });

  it("says who decided what, and holds what it rests on", () => {
    expect(signOffFact(recorded)).toEqual({
      id: `${promotion.id}/sign-off/${signOff.id}`,
      type: "sign-off",
      at: signOff.recordedAt,
      promotion: promotion.id,
      summary: "Cora approved as compliance-officer.",
      body,
      attachments: documents("sign-off.dsse.json", recorded),
    });
  });

  it.each<[string, Partial<SignOff>, string, object]>([
    ["a rejection", { result: "reject" }, "Cora rejected as compliance-officer.", { result: "reject" }],
    [
      "a withdrawal in two roles",
      { result: "withdraw", roles: ["a", "b"] },
      "Cora withdrew the earlier decision as a, b.",
      { result: "withdraw", roles: ["a", "b"] },
    ],
    ["a kind of sign-in", { acr: "urn:mfa" }, "Cora approved as compliance-officer.", { signIn: { acr: "urn:mfa" } }],
    ["ways to sign in", { amr: ["otp"] }, "Cora approved as compliance-officer.", { signIn: { amr: ["otp"] } }],
    [
      "a passkey",
      { passkey: { id: digestOf("key"), counter: 3 } },
      "Cora approved as compliance-officer, with a passkey.",
      { passkey: { id: digestOf("key"), counter: 3 } },
    ],
    [
      "a passkey that may have been copied",
      { passkey: { id: digestOf("key"), counter: 3, counterWentBack: true } },
      "Cora approved as compliance-officer, with a passkey whose counter did not rise: it may have been copied.",
      { passkey: { id: digestOf("key"), counter: 3, counterWentBack: true } },
    ],
    [
      "another's place",
      { onBehalfOf: { person: dana.identity, delegation: digestOf("delegation") } },
      "Cora approved as compliance-officer, in another person's place.",
      { onBehalfOf: { person: dana.identity, delegation: digestOf("delegation") } },
    ],
    [
      "what it asks of the release",
      { conditions: { forSeconds: 600, errorPercent: 1 } },
      "Cora approved as compliance-officer, on condition that for 10m at most 1 percent of its answers are errors.",
      { conditions: { forSeconds: 600, errorPercent: 1 } },
    ],
  ])("says %s", (_, over, summary, said) => {
    const fact = telling(over);
    expect(fact.summary).toBe(summary);
    expect(fact.body).toEqual({ ...body, ...said });
  });

  it("holds a passkey's answer beside the others", async () => {
    const device = authenticator();
    const assertion = device.assertion("challenge");
    const { attachments } = signOffFact({ ...recorded, passkey: assertion });
    const { credentialId, clientDataJSON, authenticatorData, signature } = assertion;
    expect(attachments.at(-1)).toEqual({
      name: "passkey.json",
      mediaType: "application/json",
      sha256: json({ credentialId, clientDataJSON, authenticatorData, signature }),
    });
  });

  it("that is kept for a newer candidate stands by itself", () => {
    const newer = promotionInReview({ id: promotionInReview().id.replace(/1$/, "2") as typeof promotion.id });
    const carried = { signOff, stage: 1, roles: ["a", "b"], review: 3 };
    const beside = new Map([["earlier-releases.json", digestOf("releases")]]);
    const fact = keptSignOffFact(recorded, carried, { older: promotion, beside, newer, at: now });
    expect(originalBeside(fact)).toEqual(beside);
    expect(fact).toEqual({
      id: `${newer.id}/sign-off-kept/3/${signOff.id}`,
      type: "sign-off-kept",
      at: now,
      promotion: newer.id,
      summary: "What Cora signed as a, b for 1.4.0 is kept: what it judges is the same.",
      body: {
        ...body,
        from: promotion.id,
        recordedAt: signOff.recordedAt,
        kept: { stage: 1, roles: ["a", "b"], review: 3 },
      },
      attachments: [
        ...documents("sign-off.dsse.json", recorded),
        { name: "original-freeze.json", mediaType: "application/json", sha256: promotion.freezeDigest },
        { name: "original-requirements.json", mediaType: "application/json", sha256: promotion.requirements.sha256 },
        {
          name: "original-beside-earlier-releases.json",
          mediaType: "application/json",
          sha256: digestOf("releases"),
        },
      ],
    });
  });
});

describe("the record of a delegation", () => {
  const document = delegationDocument(cora, dana, "sre");

  it.each([
    ["delegate", "delegated", `Cora delegated the role sre from ${document.from} until ${document.until}`],
    ["revoke", "delegation-revoked", "Cora revoked a delegation of the role sre"],
  ] as const)("says that somebody did: %s", async (deed, type, did) => {
    const recorded = await delegationDeed(deed, document, cora);
    expect(delegationFact(recorded)).toEqual({
      id: `delegation/${recorded.id}/${deed}`,
      type,
      at: recorded.recordedAt,
      summary: `${did} (${recorded.id.slice(0, 16)}).`,
      body: {
        delegation: recorded.id,
        delegator: cora.identity,
        delegate: dana.identity,
        person: cora.identity,
        groups: cora.groups,
      },
      attachments: documents("delegation.dsse.json", recorded),
    });
    expect(delegationDeedOf(type)).toBe(deed);
  });

  it("is told by no other type of fact", () => {
    expect(factTypes.filter((type) => delegationDeedOf(type) !== undefined)).toEqual([
      "delegated",
      "delegation-revoked",
    ]);
  });
});
