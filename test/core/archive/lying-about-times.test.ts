import { describe, expect, it } from "vitest";
import type { Fact } from "../../../core/promotion/fact.ts";
import { cora, House } from "./house.ts";
import { withMoreTime } from "./more-time.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { afterRest, askingForAnHour, packsOfRest } from "./rested.ts";
import { factOf } from "./retelling.ts";

// While nothing happens the log is signed again and again, and no such head is kept. So whoever writes at five that it was nine
// has a log behind them in which no checkpoint says otherwise.

describe("a night in which the log rests", () => {
  it("does not hide that a stage was opened when it was approved, whatever it says", async () => {
    const { lying, honest, place } = await packsOfRest();
    expect((await verified(honest)).findings).toEqual([]);
    expect((await verified(lying)).findings).toEqual([
      expect.objectContaining({
        code: "order",
        path: `records/${place}.json`,
        sentence: expect.stringMatching(
          /and the first checkpoint that has it was signed at .*: that its first approval waited for 1h is not so by the log\.$/,
        ),
      }),
    ]);
  });

  it("has it said of a promotion that all of it was told at its end", async () => {
    const house = askingForAnHour();
    const before = house.facts.length;
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    house.pass(3600);
    await house.sign(id, cora);
    const { findings, unchecked } = await verified(await afterRest(house, before));
    // A service whose stream stood still for these hours has the same log, and what had to wait did.
    expect(findings).toEqual([]);
    expect(unchecked.flatMap(({ promotion, sentence }) => (promotion === id ? [sentence] : []))).toContainEqual(
      expect.stringMatching(
        /\/0', and \d+ others, was as early as it says is told by it alone: .* the first checkpoint that has it was signed at/,
      ),
    );
  });
});

describe("a stage that nobody signed in", () => {
  it.each<["fallen" | "restarted", string, RegExp]>([
    ["fallen", "life-cycle", /\(seat-reopened\) cannot stand where it does: no seat of what was approved fell\.$/],
    [
      "restarted",
      "policy-differs",
      /^Another review began, and the policies in force then come to the same requirements as before\.$/,
    ],
  ])("does not have its time again where it is said to be %s", async (how, code, why) => {
    const { house, id: promotion } = await withMoreTime(how);
    const { findings } = await verified(await packOf({ house }));
    expect(findings).toContainEqual(expect.objectContaining({ code, promotion, sentence: expect.stringMatching(why) }));
  });
});

describe("gates that were judged on another day", () => {
  it("do not stand in for those of a second attempt, in the whole log as little as in a part of it", async () => {
    const house = new House();
    const first = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(first);
    await house.openStage(first);
    await house.sign(first, cora, "reject", { reason: "Not now." });
    house.pass(200 * 86_400);
    const second = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(second);
    const report = ({ attachments }: Fact) => attachments.find(({ name }) => name === "gate-report.json");
    const before = factOf(house, "gates", first);
    const said = factOf(house, "gates", second);
    expect(report(before)?.sha256).not.toBe(report(said)?.sha256);
    const attachments = said.attachments.map((each) => (each === report(said) ? (report(before) ?? each) : each));
    const facts = house.facts.map((fact) => (fact === said ? { ...fact, attachments } : fact));
    for (const scope of [{ kind: "everything" }, { kind: "promotion", promotion: second }] as const) {
      const { findings } = await verified(await packOf({ house }, { facts, scope, goesOn: 0 }), { now: house.now() });
      expect(findings).toEqual([
        expect.objectContaining({
          code: "gates-differ",
          sentence: "The gates, evaluated again, do not come to the report that was recorded.",
        }),
      ]);
    }
  });
});
