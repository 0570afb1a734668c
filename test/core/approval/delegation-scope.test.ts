import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { type Delegation, inScopeOf, placesToStandIn } from "../../../core/approval/delegation.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { personText } from "../../../core/approval/explanation.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { directory, given, open } from "./delegated-seat.ts";
import {
  approvalInput,
  delegation,
  identity,
  inPlace,
  member,
  now,
  part,
  roles,
  rule,
  signOff,
  stage,
} from "./people-and-votes.ts";

it("is for what its scope says and nothing else", () => {
  const candidate = {
    model: { name: "scores", type: "credit-scoring", version: "1" },
    target: { name: "production", kind: "sagemaker-endpoint", endpoint: "e", instanceType: "i", instanceCount: 1 },
  } as const;
  const why = (scope: Delegation["scope"]) => inScopeOf([{ ...given, scope }], candidate)[0]?.outOfScope;
  expect(why({})).toBeUndefined();
  expect(why({ model: "scores", modelType: "credit-scoring", target: "production" })).toBeUndefined();
  expect(why({ model: "prices" })).toBe("is for the model 'prices' only");
  expect(why({ modelType: "pricing" })).toBe("is for the model type 'pricing' only");
  expect(why({ target: "staging" })).toBe("is for the target 'staging' only");
});

it("is offered while it holds, and not after", () => {
  const offered = (over: Partial<Delegation>, members = directory) =>
    placesToStandIn({ roles, members, delegations: [{ ...given, ...over }], now }).map(
      ({ delegatorName }) => delegatorName,
    );
  expect(offered({})).toEqual(["Dora"]);
  expect(offered({ until: now })).toEqual([]);
  expect(offered({}, [])).toEqual([]);
});

describe("who could fill a seat", () => {
  const could = (over: Partial<ApprovalInput> = {}) =>
    (part(evaluateApproval(open(over)).explanation, "operations", "SRE").seats ?? []).flatMap((seat) =>
      seat.couldBeFilledBy.map(personText),
    );
  const why = (over: Partial<ApprovalInput> = {}) =>
    part(evaluateApproval(open(over)).explanation, "operations", "SRE").why;
  const away = (...names: string[]) => new Set(names.map((name) => identityKey(identity(name))));

  it("tells delegates with the person in whose place they could", () => {
    expect(could()).toEqual(["Dora", "Emil (in the place of Dora)"]);
  });

  it("tells no delegate of somebody who lost the role, who is excluded, or whose delegation does not hold", () => {
    expect(could({ members: [member("Dora"), member("Emil"), member("Zoe", "sre")] })).toEqual(["Zoe"]);
    expect(could({ excluded: new Map([[identityKey(identity("Emil")), "trained the model"]]) })).toEqual(["Dora"]);
    expect(could({ delegations: [{ ...given, until: now }] })).toEqual(["Dora"]);
    expect(could({ delegations: [{ ...given, role: "compliance" }] })).toEqual(["Dora"]);
    expect(could({ members: [member("Dora", "sre"), { ...member("Emil"), enabled: false }] })).toEqual(["Dora"]);
  });

  it("tells who is away, last, and when everybody is", () => {
    expect(could({ absent: away("Dora") })).toEqual(["Emil (in the place of Dora)", "Dora (away)"]);
    expect(why({ absent: away("Dora") })).toBe("0 of 1 seat is filled.");
    expect(why({ absent: away("Dora", "Emil") })).toBe("0 of 1 seat is filled. Everybody who could is away.");
  });

  it("changes no outcome by who is away", () => {
    const absent = away("Dora", "Emil");
    expect(evaluateApproval(open({ absent })).outcome).toEqual(evaluateApproval(open()).outcome);
    const signOffs = [signOff("Dora", ["sre"], 0)];
    expect(evaluateApproval(open({ absent, signOffs })).outcome.kind).toBe("reached");
  });
});

describe("whatever people delegate and sign", () => {
  const name = fc.constantFrom("p0", "p1", "p2", "p3", "p4");
  const role = fc.constantFrom("a", "b");
  const delegations = fc
    .uniqueArray(fc.tuple(name, name, role), { maxLength: 6, selector: ([from, to, what]) => `${from} ${to} ${what}` })
    .map((all) => all.filter(([from, to]) => from !== to).map(([from, to, what]) => delegation(from, to, what)));
  const scene = delegations.chain((known) =>
    fc.record({
      known: fc.constant(known),
      signOffs: fc.uniqueArray(
        fc.tuple(name, role, fc.nat({ max: 20 }), fc.nat({ max: 7 })).map(([who, what, minute, pick]) => {
          const place = known[pick];
          return place === undefined ? signOff(who, [what], minute) : inPlace(place, minute);
        }),
        { maxLength: 8, selector: ({ id }) => id },
      ),
      order: fc.infiniteStream(fc.nat()),
    }),
  );
  const wanted = rule(
    stage("one", {
      all: [
        { role: "a", count: 2 },
        { role: "b", count: 1 },
      ],
    }),
  );

  it("nobody fills two seats, themselves or through others, and the order of arrival changes nothing", () => {
    fc.assert(
      fc.property(scene, ({ known, signOffs, order }) => {
        const input = approvalInput({ rule: wanted, signOffs, delegations: known });
        const { outcome } = evaluateApproval(input);
        const shuffled = signOffs
          .map((each) => [order.next().value, each] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, each]) => each);
        expect(evaluateApproval({ ...input, signOffs: shuffled }).outcome).toEqual(outcome);
        if (outcome.kind !== "reached") return;
        const hands = outcome.settled.seats.flatMap(({ person, signOff: id }) => {
          const place = signOffs.find((each) => each.id === id)?.onBehalfOf?.person;
          return place === undefined ? [person] : [person, place];
        });
        expect(new Set(hands.map(identityKey)).size).toBe(hands.length);
      }),
      { numRuns: 500 },
    );
  });
});
