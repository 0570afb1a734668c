import { expect, it } from "vitest";
import { delegatesFor } from "../../../core/approval/delegates.ts";
import { personOf } from "../../../core/approval/entitlement.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { approvalInput, delegation, identity, member, now, one, rule, stage } from "./people-and-votes.ts";

const members = [member("Dora", "sre"), member("Emil"), member("Fay"), member("Anna")];
const keyOf = personOf(members, []);
const given = [delegation("Dora", "Fay", "sre"), delegation("Dora", "Emil", "sre"), delegation("Anna", "Emil", "sre")];
const input = approvalInput({ rule: rule(stage("operations", one("sre"))), members, delegations: given });
const named = (over: Partial<typeof input> = {}, role = "sre") =>
  delegatesFor(role, { ...input, ...over }, keyOf).map((each) => `${each.named.name} for ${each.named.inPlaceOf}`);

it("those who could sign in another's place are told by name, each once for a delegator, in whatever order it was given", () => {
  const all = ["Emil for Anna", "Emil for Dora", "Fay for Dora"];
  expect(named()).toEqual(all);
  expect(named({ delegations: given.toReversed() })).toEqual(all);
  expect(named({ delegations: [...given, ...given] })).toEqual(all);
  const [first] = delegatesFor("sre", input, keyOf);
  expect(first).toMatchObject({
    delegate: keyOf(identity("Emil")),
    delegator: keyOf(identity("Anna")),
    named: { identity: identity("Emil") },
  });
});

it("of two delegations by one person to another, the same one names the delegator in whatever order they come", () => {
  const [plain, renamed] = [delegation("Dora", "Emil", "sre"), delegation("Dora", "Emil", "sre")];
  const both = [plain, { ...renamed, id: digestOf("later"), delegatorName: "Dora Doe" }];
  const [first] = both.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const told = [`Emil for ${first?.delegatorName}`];
  expect(named({ delegations: both })).toEqual(told);
  expect(named({ delegations: both.toReversed() })).toEqual(told);
});

it("nobody is told of another role, whose time is over, who is excluded, or whose account is gone or disabled", () => {
  expect(named({}, "data")).toEqual([]);
  expect(named({ now: given[0]?.until ?? addSeconds(now, 0) })).toEqual([]);
  expect(named({ excluded: new Map([[identityKey(identity("Emil")), "trained the model"]]) })).toEqual([
    "Fay for Dora",
  ]);
  expect(named({ members: members.filter(({ name }) => name !== "Fay") })).toEqual(["Emil for Anna", "Emil for Dora"]);
  expect(named({ members: members.map((each) => ({ ...each, enabled: each.name !== "Emil" })) })).toEqual([
    "Fay for Dora",
  ]);
});
