import { describe, expect, it } from "vitest";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { byRule, isItsOwn, verifyRemedyRules } from "../../../../core/archive/policies/verify-remedy-rules.ts";
import { recheckIntruders } from "../../../../core/archive/promotion/verify-intruders.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { recordsOf, replayedOf, told } from "../told.ts";

// The rule of the kept pack says `onDrift: stop` and `onIntruder: take-back`.

const { steps } = await replayedOf(told.deployed);
const all = recordsOf(told.house.facts);
const records = all.filter(({ record }) => record.promotion === told.deployed);
const activations = all.filter(({ record }) => record.type === "policy-activated");
const read = async (sha256: Parameters<typeof told.house.blobs.get>[0]) => told.house.blobs.get(sha256);
const recordOf = (type: FactType): PromotionRecord =>
  records.find(({ record }) => record.type === type) ?? expect.unreachable(`There is no ${type}.`);
const deployedAt = recordOf("deployed").record.at;
/** The finding, so many seconds after the deployment. */
const found = (seconds: number, body: LedgerRecord["body"] = {}): PromotionRecord => {
  const { record, index } = recordOf("intruder-found");
  return { index, record: { ...record, at: addSeconds(deployedAt, seconds), body: { ...record.body, ...body } } };
};
const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "other" };

describe("what is done about what runs in the place of something else", () => {
  it("is said by the rule of what should run there, and is nothing where nothing should", () => {
    expect(isItsOwn(found(901), steps)).toBe("by-rule");
    // What was read may be of some minutes before.
    expect(isItsOwn(found(60), steps)).toBe("unsure");
    expect(isItsOwn(found(-60), steps)).toBe("nothing");
    expect(isItsOwn(found(901, { place }), steps)).toBe("nothing");
    expect(isItsOwn(found(901), [])).toBe("nothing");
  });

  it("is nothing that is taken back where nothing that was approved should run", async () => {
    const problems = async (each: PromotionRecord) =>
      (await recheckIntruders([each], steps, read)).map(({ sentence }) => sentence);
    const sentence = "What runs there is said to be taken back, and nothing that was approved should run there.";
    expect(await problems(found(-60))).toEqual([sentence]);
    expect(await problems(found(-60, { action: "report" }))).toEqual([
      "It was found at another time than the document says that somebody looked.",
    ]);
    for (const seconds of [70, 901]) expect(await problems(found(seconds))).toEqual([]);
  });

  it("is what the rule in force asks for", async () => {
    const wrong = async (action: string, of = activations) => {
      const said = byRule(steps, [found(901, { action })]).filter(({ announces }) => announces.kind === "intruder");
      const { problems, unchecked } = await verifyRemedyRules(of, said, read);
      return [...problems, ...unchecked].map(({ sentence }) => sentence);
    };
    expect(await wrong("take-back")).toEqual([]);
    expect(await wrong("report")).toEqual([
      "'report' was announced of what runs in its place: the rule of the policies in force then asks for something else.",
    ]);
    // In a part of the log its own requirements say the same, or it is untold.
    expect(await wrong("take-back", [])).toEqual([]);
    expect(await wrong("report", [])).toEqual([expect.stringMatching(/^Whether what '.*' announces is what/)]);
  });
});

describe("what is done about what drifted", () => {
  it("is told by the first that was recorded of it, and by no promotion that did not drift", async () => {
    const said = byRule(steps, []);
    expect(said).toMatchObject([
      { promotion: told.deployed, announces: { kind: "drift", action: "stop" }, asOwn: true },
    ]);
    expect(await verifyRemedyRules(activations, said, read)).toEqual({ problems: [], unchecked: [] });
    expect(byRule((await replayedOf(told.kept)).steps, [])).toEqual([]);
    expect(byRule([], records)).toEqual([]);
  });
});
