import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { deployedPolicy, deployedPolicyFact, policyAttachments } from "../../../core/policy/activated-policy.ts";
import type { Policies } from "../../../core/policy/load-policies.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { adoptPolicy } from "../../../functions/policies/adopt-policy.ts";
import { formerOf, tellInForce } from "../../../functions/policies/policies-told.ts";
import { shipped, shippedWith } from "../../core/archive/house.ts";
import { digestOf, id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { codeOf, refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const matrix = shipped.bundle.texts["matrix.yaml"];
const signedOff = shippedWith(`${matrix}\n# Signed off by three.\n`);
/** Of a matrix that says nothing of who signs for a change. */
const withoutChange = shippedWith(matrix.replace(/^policyChange:\n(?:[ #].*\n|\n)*/m, ""));
const pinOf = ({ digest, bundle }: Policies): PolicyInForce => ({
  ...{ digest, documents: policyAttachments(bundle), since: addSeconds(now, -60), number: 2 },
});
const proposed = { former: digestOf("former") };
const proposal = (over: Partial<Promotion> = {}) =>
  promotionInReview({
    status: "approved",
    history: [
      ...[{ type: "request", body: { former: "none" } } as const],
      ...[{ type: "policy-proposed", body: { former: proposed.former } } as const],
    ].map((fact, at) => ({ ...fact, id: `${id}/${at}`, at: now, promotion: id, summary: "", attachments: [] })),
    ...over,
  });

/** A deployment of the shipped policies, what is in force before it, and what it does in its order. */
function scene(
  pinned: PolicyInForce | undefined,
  { given = shipped, lostTo }: { readonly given?: Policies; readonly lostTo?: PolicyInForce } = {},
) {
  const done: string[] = [];
  const promotions = new MemoryPromotions([proposal()]);
  let inForce = pinned;
  const adopt = () =>
    adoptPolicy({
      now: () => now,
      deployed: shipped,
      policies: {
        inForce: async () => inForce,
        get: async () => given.bundle,
        keep: async () => {
          done.push("kept");
          return shipped.digest;
        },
        replace: async (former, next) => {
          done.push(`${next.number} in the place of ${former === inForce?.digest ? (inForce?.number ?? "none") : "?"}`);
          if (lostTo !== undefined && inForce !== lostTo) {
            inForce = lostTo;
            return "lost";
          }
          inForce = next;
          return "replaced";
        },
      },
      blobs: {
        put: async () => {
          if (done.at(-1) !== "archived") done.push("archived");
          return shipped.digest;
        },
      },
      recordFact: async (fact) => {
        done.push(fact.id);
        return promotions.recordFact(fact);
      },
      promotions,
    });
  return { done, promotions, adopt };
}

describe("the policies of a deployment", () => {
  it("come in force where there are none, kept and archived before, and told of at the end", async () => {
    const { done, promotions, adopt } = scene(undefined);
    const next = deployedPolicy(shipped, undefined, now);
    expect(await adopt()).toEqual(next);
    expect(done).toEqual(["kept", "archived", "1 in the place of none", "installation/policy/1"]);
    expect(promotions.recordedFacts()).toEqual([deployedPolicyFact(next)]);
  });

  it("come in the place of those that do not say who signs for a change, of which is told before", async () => {
    const { done, adopt } = scene(pinOf(withoutChange), { given: withoutChange });
    expect(await adopt()).toMatchObject({ digest: shipped.digest, number: 3, since: now });
    expect(done).toEqual(["installation/policy/2", "kept", "archived", "3 in the place of 2", "installation/policy/3"]);
  });

  it.each<[string, Policies]>([
    ["those that are in force already", shipped],
    ["those that say who signs for a change", signedOff],
  ])("change nothing of %s, of which is told again", async (_, given) => {
    const { done, adopt } = scene(pinOf(given), { given });
    expect(await adopt()).toEqual(pinOf(given));
    expect(done).toEqual(["installation/policy/2"]);
  });

  it("give way to what another run put there meanwhile", async () => {
    const { done, adopt } = scene(undefined, { lostTo: pinOf(signedOff), given: signedOff });
    expect(await adopt()).toEqual(pinOf(signedOff));
    expect(done).toEqual(["kept", "archived", "1 in the place of none", "installation/policy/2"]);
  });

  it("tell of those that a promotion put in force among its own records", async () => {
    const pinned = { ...pinOf(signedOff), promotion: id };
    const { done, promotions, adopt } = scene(pinned, { given: signedOff });
    expect(await adopt()).toEqual(pinned);
    expect(done).toEqual([]);
    expect(promotions.stored(id).status).toBe("deployed");
  });
});

describe("that a promotion's policies are in force", () => {
  const inForce = { ...pinOf(signedOff), promotion: id };
  const told = async (over: Partial<Promotion>) => {
    const promotions = new MemoryPromotions([proposal(over)]);
    const after = await tellInForce(promotions, inForce, () => now);
    return { after, moves: promotions.moves.map(({ history }) => history.at(-1)) };
  };

  it("is told as of when they came, and that it is deployed as of now", async () => {
    const { after, moves } = await told({});
    expect(after.status).toBe("deployed");
    expect(moves).toMatchObject([
      {
        type: "policy-activated",
        at: inForce.since,
        summary: "The policies that were signed off come in force, version 2.",
        body: { policy: inForce.digest, number: 2, former: proposed.former },
        attachments: inForce.documents,
      },
      { type: "deployed", at: now, summary: "The policies are in force." },
    ]);
  });

  it("is told no further than it was not told yet", async () => {
    expect((await told({ status: "deploying" })).moves).toMatchObject([{ type: "deployed" }]);
    for (const status of ["deployed", "withdrawn"] as const)
      expect(await told({ status })).toMatchObject({ after: { status }, moves: [] });
  });

  it("is not told where the proposal does not say what it changes", async () => {
    expect(formerOf(proposal())).toBe(proposed.former);
    const refusal = {
      code: "deployment-refused",
      sentence: "The proposal does not say which policies it changes.",
    };
    expect(codeOf(() => formerOf({ history: [] }))).toEqual(refusal);
    expect(codeOf(() => formerOf({ history: proposal().history.slice(0, 1) }))).toEqual(refusal);
    expect(await refused(told({ history: [] }))).toEqual(refusal);
  });
});
