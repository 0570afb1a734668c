import { describe, expect } from "vitest";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { loadPolicies } from "../../core/policy/load-policies.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped } from "../core/archive/house.ts";
import { lentAfterWithdrawal } from "../core/archive/lent-after-withdrawal.ts";
import { packOf, recordStories, verified } from "../core/archive/pack-fixture.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { member } from "../core/promotion/promotion-in-review.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

describe("the second verifier, of sign-offs that are kept for a newer candidate,", () => {
  withTool(
    python,
    "accepts those that judge what is the same, misses one whose record is gone, and finds one that did not stand",
    async () => {
      const house = new House();
      const older = await house.submit("candidate", "2.0.0");
      await house.freezeAndJudge(older);
      await house.openStage(older);
      await house.sign(older, cora);
      const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
      await house.freezeAndJudge(newer);
      await house.openStage(newer);
      await house.decide(newer);
      const scope = { kind: "promotion", promotion: newer } as const;
      const kept = { house, deployed: newer, rejected: older, blocked: older };
      const sound = await verdictOn(await packOf(kept, { scope }));
      expect([sound.status, sound.output]).toEqual([
        0,
        expect.stringContaining(`${newer}: PASSED, in-review, 1 sign-offs`),
      ]);
      // Whatever else a record says is for people.
      const more = house.facts.map((fact) =>
        fact.type === "sign-off-kept"
          ? { ...fact, body: { ...fact.body, kept: { ...Object(fact.body["kept"]), more: 1 } } }
          : fact,
      );
      const saying = await packOf(kept, { scope, facts: more });
      expect([(await verified(saying)).holds, (await verdictOn(saying)).status]).toEqual([true, 0]);
      const without = house.facts.filter(({ type }) => type !== "sign-off-kept");
      const lacking = await verdictOn(await packOf(kept, { scope, facts: without }));
      expect([lacking.status, lacking.output]).toEqual([
        1,
        expect.stringContaining("a sign-off is kept otherwise than is told"),
      ]);
      const elsewhere = house.facts.map((fact) =>
        fact.type === "superseded" ? { ...fact, body: { ...fact.body, by: older } } : fact,
      );
      const lying = await verdictOn(await packOf(kept, { facts: elsewhere }));
      expect([lying.status, lying.output]).toEqual([
        1,
        expect.stringContaining("a sign-off is kept from a promotion whose place was not taken"),
      ]);
    },
    async () => requireOnThePage(await packOf(await recordStories())),
  );
});

describe("the second verifier, of loans,", () => {
  withTool(
    python,
    "finds what ran on loan where that is left out and its end is told, as ours does",
    async () => {
      const of = (fact: Fact) => fact.promotion === told.lent && /^p-[^/]+\/\d+$/.test(fact.id);
      const ran = ["verdict", "deployment-started", "loan-running"];
      const left = told.house.facts.filter((fact) => !of(fact) || !ran.includes(fact.type));
      const history = left.filter(of);
      const facts = left.map((fact) => (of(fact) ? { ...fact, id: `${told.lent}/${history.indexOf(fact)}` } : fact));
      const pack = await packOf({ house: { ...told.house, attestation: { key: attestationKeyOfPack } } }, { facts });
      const { findings } = await verified(pack);
      expect(findings.map(({ sentence }) => sentence)).toContainEqual(
        expect.stringMatching(/\(loan-taken-back\) cannot stand where it does: nothing was deployed\.$/),
      );
      const { status, output } = await verdictOn(pack);
      expect([status, output]).toEqual([1, expect.stringContaining("a loan is taken back, and nothing was deployed")]);
    },
    async () => requireOnThePage(await packOf(await recordStories())),
  );

  withTool(
    python,
    "accepts one whose lender took an approval back a second before",
    async () => {
      const house = await lentAfterWithdrawal(1);
      const { status, output } = await verdictOn(await packOf({ house }, { goesOn: 60 }));
      expect([status, output]).toEqual([0, expect.stringContaining(": PASSED, loaned, 2 sign-offs")]);
    },
    async () => requireOnThePage(await packOf(await recordStories())),
  );
});

/** Compliance approved a candidate and `signed` was given; then the policies asked something else of the infrastructure. */
async function underOtherPolicies(
  signed: (house: House, id: PromotionId) => Promise<void>,
  before?: ConstructorParameters<typeof House>[1],
) {
  const commanders = ["Noor", "Kofi"].map((name) => member(name, "incident-commanders"));
  const house = new House(undefined, before, commanders);
  await house.adoptPolicy();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await signed(house, id);
  const { "thresholds.yaml": thresholds } = house.policyTexts();
  const policies = await house.proposePolicy(sam, {
    "thresholds.yaml": thresholds.replace("instances: 4", "instances: 3"),
  });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  await house.activatePolicy(policies);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.decide(id);
  return { house, deployed: id, rejected: id, blocked: id };
}

describe("the second verifier, of a review that began anew under other policies,", () => {
  withTool(
    python,
    "accepts a rejection that still stands, and refuses that it is said to fall",
    async () => {
      // One rejection does not end it, neither before the policies changed nor after.
      const stage = "- name: model and operations\n";
      const matrix = shipped.bundle.texts["matrix.yaml"].replace(stage, `${stage}        rejectionsToStop: 2\n`);
      const before = loadPolicies({
        ...shipped.bundle,
        texts: { ...shipped.bundle.texts, "matrix.yaml": matrix },
      });
      const stories = await underOtherPolicies(
        (house, id) => house.sign(id, sam, "reject", { reason: "It needs more than we have." }),
        before,
      );
      const { house, rejected: promotion } = stories;
      const scope = { kind: "promotion", promotion } as const;
      const sound = await verdictOn(await packOf(stories, { scope }));
      expect([sound.status, sound.output]).toEqual([0, expect.stringContaining(`${promotion}: PASSED, in-review`)]);
      const lie = house.facts.map((fact) => {
        if (!("kept" in fact.body) || fact.promotion !== promotion) return fact;
        const [approval, rejection] = fact.body["kept"] as readonly { readonly [name: string]: Json }[];
        const fallen = [{ signOff: rejection?.["signOff"] ?? "", why: "no longer holds the role" }];
        return { ...fact, body: { ...fact.body, kept: [approval ?? ""], fallen } };
      });
      const lying = await verdictOn(await packOf(stories, { scope, facts: lie }));
      expect([lying.status, lying.output]).toEqual([1, expect.stringContaining("a rejection is said to fall")]);
      const quiet = await verdictOn(
        await packOf(stories, { scope, facts: house.facts.map((fact) => untold(fact, promotion)) }),
      );
      expect([quiet.status, quiet.output]).toEqual([
        1,
        expect.stringContaining("nothing says what becomes of what stood"),
      ]);
    },
    async () => requireOnThePage(await packOf(await recordStories())),
  );

  withTool(
    python,
    "accepts what judges nothing that changed, and refuses what was kept although it does",
    async () => {
      const stories = await underOtherPolicies((given, candidate) => given.sign(candidate, sam));
      const { house, deployed: id } = stories;
      const scope = { kind: "promotion", promotion: id } as const;
      const sound = await verdictOn(await packOf(stories, { scope }));
      expect([sound.status, sound.output]).toEqual([0, expect.stringContaining(`${id}: PASSED, in-review`)]);
      const [fallen] = house.promotions.stored(id).invalidated;
      const also = { signOff: fallen?.signOff ?? "", stage: 1, roles: ["sre"], review: 2 };
      const lie = house.facts.map((fact) => {
        if (!("kept" in fact.body) || fact.promotion !== id) return fact;
        const kept = [...(fact.body["kept"] as readonly Json[]), also];
        return { ...fact, body: { ...fact.body, kept, fallen: [] } };
      });
      const lying = await verdictOn(await packOf(stories, { scope, facts: lie }));
      expect([lying.status, lying.output]).toEqual([
        1,
        expect.stringContaining("a sign-off was kept although what it judges has changed"),
      ]);
    },
    async () => requireOnThePage(await packOf(await recordStories())),
  );
});

/** What is kept of a review, told as something that says nothing of it. */
function untold(fact: Fact, promotion: PromotionId): Fact {
  return "kept" in fact.body && fact.promotion === promotion ? { ...fact, type: "held", body: {} } : fact;
}
