import { describe, expect, it } from "vitest";
import { msOfInstant } from "../../../core/encoding/instant.ts";
import { planReportFact } from "../../../core/promotion/plan-report.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { MemoryTarget } from "../../functions/memory-target.ts";
import { withTool } from "../../interop/programs.ts";
import { python, verdictOn } from "../../interop/second-verifier.ts";
import { others } from "./honest/people.ts";
import { firstRules, policiesOf } from "./honest/rules.ts";
import { dana, House } from "./house.ts";
import { approved, reviewed } from "./left-under-way.ts";
import { packOf, verified } from "./pack-fixture.ts";

// What a deployment waits for may take longer than a verdict is good for, and the requirements may change meanwhile: then the
// sign-offs are verified again, and nobody signs again who need not.

const rules = { ...firstRules, policyChange: false } as const;

async function toDeploy() {
  const house = new House(undefined, policiesOf(rules), others);
  const id = await house.submit("candidate", "2.0.0");
  await approved(house, id);
  return { house, id };
}

const deploying = (house: House, id: PromotionId) => house.startDeployment(id, new MemoryTarget());
const told = (house: House, id: PromotionId) => house.promotions.stored(id).history.map(({ type }) => type);

/** Time goes by as it does: others submit, and what is under way is told. */
async function goOn(house: House, seconds: number) {
  house.pass(seconds);
  await house.submit("weak", "9.0.0");
}

async function late() {
  const { house, id } = await toDeploy();
  house.pass(3700);
  expect(await deploying(house, id)).toEqual({ outcome: "unverified", seconds: 5 });
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  expect(told(house, id).slice(-4)).toEqual(["verdict", "verdict", "deployment-started", "deployed"]);
  await goOn(house, 60);
  return { house, id };
}

async function underOthers() {
  const { house, id } = await toDeploy();
  await house.deployPolicies(policiesOf({ ...rules, auc: "0.74" }));
  expect(await deploying(house, id)).toEqual({ outcome: "unverified", seconds: 5 });
  expect(await house.verify(id)).toBe("requirements-changed");
  await house.judge(id);
  await reviewed(house, id);
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  expect(told(house, id).filter((type) => type === "verdict" || type === "seat-reopened")).toContain("seat-reopened");
  expect(house.promotions.stored(id).status).toBe("deployed");
  await goOn(house, 3600);
  return { house, id };
}

/** A freeze window begins between the look of `deploy` and that of `verify-sign-offs`, and somebody rejects in it. */
async function rejectedInWindow() {
  const noon = Date.UTC(2026, 10, 24, 12);
  const house = new House(undefined, policiesOf({ ...rules, frozen: "once" }), others, undefined, {
    begins: noon - 3 * 3_600_000,
  });
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await reviewed(house, id);
  expect(await house.verify(id)).toBe("passed");
  house.pass((noon - msOfInstant(house.clock)) / 1000 - 10);
  expect(await deploying(house, id)).toMatchObject({ outcome: "unverified" });
  house.pass(20);
  expect(await house.verify(id)).toBe("held");
  house.pass(60);
  await house.sign(id, dana, "reject", { reason: "The quarter has ended." });
  expect(house.promotions.stored(id).status).toBe("rejected");
  await goOn(house, 60);
  return { house, id };
}

/** A freeze window begins while the deployment waits; the verdict is minutes old. */
async function overWindow() {
  const noon = Date.UTC(2026, 10, 24, 12);
  const house = new House(undefined, policiesOf({ ...rules, frozen: "once" }), others, undefined, {
    begins: noon - 3600_000,
  });
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await reviewed(house, id);
  house.pass((noon - msOfInstant(house.clock)) / 1000 - 300);
  expect(await house.verify(id)).toBe("passed");
  house.pass(310);
  expect(await deploying(house, id)).toMatchObject({ outcome: "unverified" });
  expect(await house.verify(id)).toBe("held");
  house.pass(25 * 3600);
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  expect(told(house, id).slice(-5)).toEqual(["verdict", "held", "verdict", "deployment-started", "deployed"]);
  await goOn(house, 60);
  return { house, id };
}

/** The plan is awaited for a day, and applied under a verdict of that afternoon. */
async function whileAwaited() {
  const house = new House(undefined, policiesOf({ ...rules, applied: true }), others);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await reviewed(house, id);
  expect(await house.verify(id)).toBe("passed");
  for (let hour = 1; hour <= 24; hour += 1) {
    house.pass(3600);
    if ((await deploying(house, id)).outcome === "unverified") expect(await house.verify(id)).toBe("passed");
  }
  expect(told(house, id).filter((type) => type === "verdict")).toHaveLength(15);
  const [plan] = house.promotions.stored(id).manifest.evidence.filter(({ kind }) => kind === "iac-plan");
  if (plan === undefined) throw new Error("It came with no plan.");
  const said = { plan: plan.sha256, outcome: "applied", detail: "By hand." } as const;
  const report = planReportFact(id, plan, said, house.clock);
  await house.promotions.recordFact(report);
  house.tellOf(report);
  expect(await deploying(house, id)).toMatchObject({ outcome: "unverified" });
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  await goOn(house, 60);
  return { house, id };
}

/** Its execution began when nothing was verified again. */
async function begunBefore() {
  const { house, id } = await toDeploy();
  house.pass(3700);
  expect(await house.startDeployment(id, new MemoryTarget(), [])).toEqual({ outcome: "refused" });
  expect(house.promotions.stored(id).reason).toMatch(
    /^Its verdict is older than an hour, and this promotion began under/,
  );
  await goOn(house, 60);
  return { house, id };
}

describe("sign-offs that are verified again", () => {
  it("are none of an execution that began before there were any, and the log holds", async () => {
    const { house, id } = await begunBefore();
    const { findings, promotions } = await verified(await packOf({ house }));
    expect(findings).toEqual([]);
    expect(promotions.find(({ promotion }) => promotion === id)).toMatchObject({ status: "blocked" });
  });

  it("may be rejected in a freeze window that took their verdict away", async () => {
    const { house, id } = await rejectedInWindow();
    const { findings, promotions } = await verified(await packOf({ house }));
    expect(findings).toEqual([]);
    expect(promotions.find(({ promotion }) => promotion === id)).toMatchObject({ status: "rejected" });
  });

  it.each([
    ["since the verdict was too old to begin under", late],
    ["under requirements that changed after the verdict", underOthers],
    ["after a freeze window that began while it waited", overWindow],
    ["while a plan is awaited, by whoever applies it", whileAwaited],
  ])("%s end in a deployment, and the log holds", async (_, story) => {
    const { house, id } = await story();
    const { findings, promotions } = await verified(await packOf({ house }));
    expect(findings).toEqual([]);
    expect(promotions.find(({ promotion }) => promotion === id)).toMatchObject({
      outcome: "PASSED",
      status: "deployed",
    });
  });

  it("rest on what is told of people then, and not on what was told for an earlier verdict", async () => {
    const { house, id } = await late();
    const [first, second] = house.facts.filter(({ promotion, type }) => promotion === id && type === "verdict");
    const told = first?.attachments.find(({ name }) => name === "people.json");
    if (told === undefined) throw new Error("Nothing was told of people.");
    const facts = house.facts.map((fact) =>
      fact === second
        ? { ...fact, attachments: fact.attachments.map((each) => (each.name === told.name ? told : each)) }
        : fact,
    );
    const { findings } = await verified(await packOf({ house }, { facts }));
    expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
      "verdict-differs: It brings what was told of people for an earlier verdict, and nothing of its own.",
    ]);
  });

  it("are told to wait for nothing once it was withdrawn while that was asked about", async () => {
    const house = new House(undefined, policiesOf({ ...rules, applied: true }), others);
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await reviewed(house, id);
    expect(await house.verify(id)).toBe("passed");
    const { facts } = house.promotions;
    let asked = false;
    Object.assign(house.promotions, {
      facts: async (of: PromotionId) => {
        if (!asked) await house.withdraw(id);
        asked = true;
        return facts(of);
      },
    });
    expect(await deploying(house, id)).toMatchObject({ outcome: "waiting" });
    expect(told(house, id).at(-1)).toBe("withdrawn");
    expect(await deploying(house, id)).toEqual({ outcome: "refused" });
  });

  it("are no way to begin under a verdict that is too old", async () => {
    const { house, id } = await late();
    const verdicts = house.facts.filter(({ promotion, type }) => promotion === id && type === "verdict");
    // The second one is not told: what began later rests on the first.
    const places = new Map(house.facts.filter(({ promotion }) => promotion === id).map((fact) => [fact.id, fact]));
    const number = (factId: string) => Number(factId.slice(id.length + 1));
    const gone = number(verdicts[1]?.id ?? "");
    const facts = house.facts.flatMap((fact) => {
      if (!places.has(fact.id) || !/\/\d+$/.test(fact.id) || number(fact.id) < gone) return [fact];
      if (number(fact.id) === gone) return [];
      const moved = { ...fact, id: `${id}/${number(fact.id) - 1}` };
      if (fact.type !== "deployment-started") return [moved];
      const first = verdicts[0]?.attachments.find(({ name }) => name === "verdict.dsse.json")?.sha256 ?? "";
      return [{ ...moved, body: { ...fact.body, verdict: first } }];
    });
    const { findings } = await verified(await packOf({ house }, { facts }));
    expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toContain(
      "deployment-unapproved: The deployment began when the verdict was too old to allow it.",
    );
  });
});

withTool(
  python,
  "one that brings what was told of people for an earlier verdict is refused by the second verifier as well",
  async () => {
    const { house, id } = await late();
    const [first, second] = house.facts.filter(({ promotion, type }) => promotion === id && type === "verdict");
    const facts = house.facts.map((fact) =>
      fact === second
        ? {
            ...fact,
            attachments: fact.attachments.map(
              (each) => first?.attachments.find(({ name }) => name === "people.json" && name === each.name) ?? each,
            ),
          }
        : fact,
    );
    const { status, output } = await verdictOn(await packOf({ house }, { facts }));
    expect([status, output]).toEqual([
      1,
      expect.stringContaining("a verdict brings what was told of people for an earlier one"),
    ]);
  },
  async () => {},
);

withTool(
  python,
  "sign-offs that are verified again hold by the second verifier as well",
  async () => {
    for (const story of [late, underOthers, overWindow, whileAwaited, rejectedInWindow, begunBefore]) {
      const { status, output } = await verdictOn(await packOf(await story()));
      expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
    }
  },
  async () => {},
);
