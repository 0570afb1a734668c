import { describe, expect, it } from "vitest";
import {
  type Delegation,
  delegationBeginsWithinSeconds,
  longestDelegationSeconds,
} from "../../../core/approval/delegation.ts";
import type { DelegationDocument, DelegationPredicate } from "../../../core/attestation/delegation-statement.ts";
import { delegationsOf } from "../../../core/attestation/recorded-delegation.ts";
import { requireDelegationDeed } from "../../../core/attestation/refuse-delegation.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { bo, cora, dana, everybody, matrix, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { delegationDeed, delegationDocument, delegationPredicate } from "./given-delegation.ts";

const document = delegationDocument(sam, dana, "sre");
const [known = expect.unreachable()] = delegationsOf([await delegationDeed("delegate", document, sam)]);
const { sre } = matrix.roles;
if (sre === undefined) throw new Error("The matrix has no role sre.");

type Rules = Parameters<typeof requireDelegationDeed>[3];
interface Asked {
  readonly deed?: "delegate" | "revoke";
  readonly said?: Partial<DelegationPredicate>;
  readonly terms?: Partial<DelegationDocument>;
  readonly signer?: Partial<Parameters<typeof requireDelegationDeed>[1]>;
  readonly known?: Delegation;
  readonly rules?: Partial<Rules>;
}
function ask({ deed = "delegate", said = {}, terms = {}, signer = {}, known: before, rules = {} }: Asked): void {
  requireDelegationDeed(
    delegationPredicate(deed, { ...document, ...terms }, said),
    { groups: sam.groups, ...signer },
    before,
    { matrix, people: [], members: everybody, now, ...rules },
  );
}

describe("a delegation", () => {
  it.each<[string, Asked]>([
    ["of a role that the delegator holds, to somebody in the directory", {}],
    [
      "within a scope that the matrix knows",
      { terms: { scope: { modelType: "credit-scoring", target: "production" } } },
    ],
    ["for a model that nobody knows yet", { terms: { scope: { model: "not-yet" } } }],
    ["of all of the 90 days, begun before", { terms: { until: addSeconds(now, longestDelegationSeconds) } }],
    [
      "that begins on the last day that it may, and lasts all of the 90 days",
      {
        terms: {
          from: addSeconds(now, delegationBeginsWithinSeconds),
          until: addSeconds(now, delegationBeginsWithinSeconds + longestDelegationSeconds),
        },
      },
    ],
    [
      "by the sign-in that the role asks for",
      {
        signer: { acr: "urn:mfa" },
        rules: { matrix: { ...matrix, roles: { ...matrix.roles, sre: { ...sre, signIn: { acr: ["urn:mfa"] } } } } },
      },
    ],
    ["that its delegator revokes", { deed: "revoke", known }],
    ["that its delegate revokes", { deed: "revoke", said: { person: dana.identity }, known }],
    [
      "that is revoked by somebody without roles by now, of a role that is gone",
      { deed: "revoke", known, signer: { groups: [] }, rules: { matrix: { ...matrix, roles: {} } } },
    ],
  ])("%s is taken", (_, asked) => {
    expect(() => ask(asked)).not.toThrow();
  });

  it.each<[string, Asked, string]>([
    [
      "of what is another person's",
      { said: { person: bo.identity } },
      "not-entitled: Nobody delegates what is another person's.",
    ],
    ["that is known already", { known }, "conflict: This delegation is recorded already."],
    ["of a role that nobody knows", { terms: { role: "admiral" } }, "invalid-request: There is no role 'admiral'."],
    [
      "of what every object has",
      { terms: { role: "constructor" } },
      "invalid-request: There is no role 'constructor'.",
    ],
    [
      "for a model type that nobody knows",
      { terms: { scope: { modelType: "chess" } } },
      "invalid-request: The approval matrix knows no model type 'chess'.",
    ],
    [
      "for a target that nobody knows",
      { terms: { scope: { target: "moon" } } },
      "invalid-request: The approval matrix knows no target 'moon'.",
    ],
    [
      "that ends as it begins",
      { terms: { from: addSeconds(now, 60), until: addSeconds(now, 60) } },
      "invalid-request: The delegation is over before it begins.",
    ],
    ["that is over now", { terms: { until: now } }, "invalid-request: The delegation is over before it begins."],
    [
      "for more than 90 days",
      { terms: { until: addSeconds(now, longestDelegationSeconds + 1) } },
      "invalid-request: A delegation lasts 90 days at most.",
    ],
    [
      "for more than 90 days from a later day",
      { terms: { from: addSeconds(now, 60), until: addSeconds(now, 61 + longestDelegationSeconds) } },
      "invalid-request: A delegation lasts 90 days at most.",
    ],
    [
      "that begins in more than 90 days",
      {
        terms: {
          from: addSeconds(now, delegationBeginsWithinSeconds + 1),
          until: addSeconds(now, delegationBeginsWithinSeconds + 60),
        },
      },
      "invalid-request: A delegation begins within 90 days.",
    ],
    ["to oneself", { terms: { delegate: sam.identity } }, "invalid-request: Nobody stands in their own place."],
    [
      "to oneself under another identity, by an address",
      { rules: { members: [sam, { ...dana, address: sam.address.toUpperCase() }] } },
      "invalid-request: Nobody stands in their own place.",
    ],
    [
      "to oneself under another identity, by people.yaml",
      {
        rules: {
          people: [
            { name: "Sam", addresses: [], accounts: [], identities: [sam.identity, dana.identity], outside: false },
          ],
        },
      },
      "invalid-request: Nobody stands in their own place.",
    ],
    [
      "by a sign-in that the role does not take",
      { rules: { matrix: { ...matrix, roles: { ...matrix.roles, sre: { ...sre, signIn: { acr: ["urn:mfa"] } } } } } },
      "not-entitled: You cannot delegate the role: you signed in with no stated assurance (acr), and the role 'SRE' asks for 'urn:mfa'.",
    ],
    [
      "without the passkey that the role asks for",
      { rules: { matrix: { ...matrix, roles: { ...matrix.roles, sre: { ...sre, secondFactor: "passkey" } } } } },
      "not-entitled: You cannot delegate the role: you signed without a passkey that is confirmed and not revoked, which the role 'SRE' asks for.",
    ],
    [
      "of a role that the sign-in does not name",
      { signer: { groups: cora.groups } },
      "not-entitled: You cannot delegate the role 'SRE': whoever delegates holds it in their own right.",
    ],
    [
      "of a role that the directory does not name",
      { rules: { members: [{ ...sam, groups: [] }, dana] } },
      "not-entitled: You cannot delegate the role 'SRE': whoever delegates holds it in their own right.",
    ],
    [
      "by somebody whose account is disabled",
      { rules: { members: [{ ...sam, enabled: false }, dana] } },
      "not-entitled: You cannot delegate the role 'SRE': whoever delegates holds it in their own right.",
    ],
    [
      "to somebody who is not in the directory",
      { rules: { members: [sam, bo] } },
      "invalid-request: Whoever is to stand in for you is not in the directory, or their account is disabled.",
    ],
    [
      "to somebody whose account is disabled",
      { rules: { members: [sam, { ...dana, enabled: false }] } },
      "invalid-request: Whoever is to stand in for you is not in the directory, or their account is disabled.",
    ],
    ["that nobody gave is not revoked", { deed: "revoke" }, "not-found: There is no such delegation."],
    [
      "that was revoked is not revoked again",
      { deed: "revoke", known: { ...known, revokedAt: now } },
      "already-decided: The delegation was revoked before.",
    ],
    [
      "is not revoked by a third person",
      { deed: "revoke", said: { person: bo.identity }, known },
      "not-entitled: A delegation is revoked by one of the two whom it is about.",
    ],
  ])("%s: refused", (_, asked, refusal) => {
    expect(told(codeOf(() => ask(asked)))).toBe(refusal);
  });
});
