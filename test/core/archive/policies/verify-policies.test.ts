import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { judgedBy, noPoliciesKnown, verifyPolicies } from "../../../../core/archive/policies/verify-policies.ts";
import { recheckRequirements } from "../../../../core/archive/policies/verify-required.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";
import { stepOf } from "../told-steps.ts";

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const without = (sha256: Sha256): ReadDocument => {
  return async (wanted) => (wanted === sha256 ? undefined : blobs.get(wanted));
};
const deployed = await replayedOf(told.deployed);
const gates = stepOf(deployed.steps, "gates");
// The first came with the deployment; the second was signed off.
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");
const [first, second] = activations;
if (first === undefined || second === undefined) throw new Error("Policies were put in force twice.");
const policyOf = ({ record }: PromotionRecord) => record.body["policy"] as Sha256;
const [one, two] = [policyOf(first), policyOf(second)];
/** What these tests read of policies: each version once. */
const ofTheseTests = noPoliciesKnown();
const problems = async (
  of: readonly PromotionRecord[],
  judged: Parameters<typeof verifyPolicies>[1] = [],
  from = read,
  goesTo?: Instant,
): Promise<readonly string[]> => {
  const found = await verifyPolicies(of, judged, from, { known: ofTheseTests, goesTo });
  return [...found.problems, ...found.behind].map(({ index, sentence }) => `${index}: ${sentence}`);
};
const saying = (
  each: PromotionRecord,
  body: object,
  record: Partial<PromotionRecord["record"]> = {},
): PromotionRecord => ({
  ...each,
  record: { ...each.record, ...record, body: { ...each.record.body, ...body } },
});

describe("by which policies a promotion was judged", () => {
  it("is what its gates brought, if they brought any", () => {
    expect(judgedBy(gates)).toEqual({ index: gates.index, at: gates.record.at, policy: one });
    const bare = { ...gates, record: { ...gates.record, attachments: [] } };
    expect(judgedBy(bare)).toEqual({ index: gates.index, at: gates.record.at });
  });
});

describe("what was asked of a candidate", () => {
  const recheck = (step: Step = gates, from = read, known = ofTheseTests) => recheckRequirements(step, from, known);

  it("is what its policies come to", async () => {
    expect(await recheck()).toEqual([]);
    for (const promotion of [told.reopened, told.policies, told.lent]) {
      const { steps } = await replayedOf(promotion);
      for (const step of steps.filter(({ record }) => record.type === "gates")) expect(await recheck(step)).toEqual([]);
    }
  });

  it("cannot be told where the record brings no policies", async () => {
    expect(await recheck({ ...gates, record: { ...gates.record, attachments: [], body: {} } })).toEqual([
      "The record does not bring the policies that judged.",
    ]);
  });

  it("is by the policies that the record names", async () => {
    const other = { ...gates, record: { ...gates.record, body: { ...gates.record.body, policy: two } } };
    expect(await recheck(other)).toEqual(["The record names other policies than it brings."]);
  });

  it("cannot be told without them", async () => {
    expect(await recheck(gates, without(one))).toEqual(["The policies that judged are not in the pack."]);
  });

  it("is nothing else", async () => {
    const sentence = "The requirements are not those that the policies come to.";
    const otherwise = { ...gates.after, requirements: { sha256: digestOf("other") } };
    expect(await recheck({ ...gates, after: otherwise })).toEqual([sentence]);
    const { manifest } = gates.after;
    const strange = { ...gates.after, manifest: { ...manifest, model: { ...manifest.model, type: "unknown" } } };
    expect(await recheck({ ...gates, after: strange })).toEqual([sentence]);
  });

  it("rests on what the evidence says, where conditions were decided by it", async () => {
    const { requirements } = gates;
    if (requirements?.decided === undefined) throw new Error("Nothing was decided.");
    const { evidence: _, ...facts } = requirements.decided.facts;
    const unknown = { ...gates, requirements: { ...requirements, decided: { ...requirements.decided, facts } } };
    expect(await recheck(unknown)).toEqual(["The requirements are not those that the policies come to."]);
    expect(await recheck({ ...gates, requirements: undefined })).toEqual([
      "The requirements are not those that the policies come to.",
    ]);
  });

  it("is asked by the data's classification too, where one was declared", async () => {
    const known = noPoliciesKnown();
    const { manifest } = gates.after;
    const classification = { dataClass: "confidential" };
    const classified = { ...gates.after, manifest: { ...manifest, classification } };
    await recheck({ ...gates, after: classified }, read, known);
    const [asked = ""] = [...known.versions.values()].flatMap(({ whole }) =>
      whole === undefined ? [] : [...(known.required.get(whole)?.keys() ?? [])],
    );
    expect(JSON.parse(asked).manifest).toEqual({
      model: { name: "credit-scoring", type: "credit-scoring" },
      target: { name: "production" },
      classification,
    });
  });
});

describe("policies that are known", () => {
  it("are not read a second time, and what they come to is not derived a second time", async () => {
    const known = noPoliciesKnown();
    expect(await recheckRequirements(gates, read, known)).toEqual([]);
    const policies = known.versions.get(one)?.whole;
    const required = policies === undefined ? undefined : known.required.get(policies);
    if (policies === undefined || required === undefined) throw new Error("Nothing is known.");
    expect([...known.versions.keys()]).toEqual([one]);
    expect([...required.values()]).toMatchObject([{ sha256: gates.after.requirements.sha256 }]);
    // No policies any more; the digest says that they are the same.
    expect(await recheckRequirements(gates, async () => utf8("no"), known)).toEqual([]);
    expect(known.versions.get(one)?.whole).toBe(policies);
    expect(known.required.get(policies)).toBe(required);
    // Missing is missing, whatever is known.
    expect(await recheckRequirements(gates, without(one), known)).toHaveLength(1);
    for (const key of required.keys()) required.set(key, { sha256: digestOf("other"), expiresAfterSeconds: 1 });
    expect(await recheckRequirements(gates, read, known)).toHaveLength(1);
  });

  it("are forgotten once they are many, and not before", async () => {
    await recheckRequirements(gates, read, ofTheseTests);
    const policies = ofTheseTests.versions.get(one)?.whole;
    if (policies === undefined) throw new Error("Nothing is known.");
    const filled = async (versions: number, asked: number) => {
      const known = noPoliciesKnown();
      const required = new Map<string, undefined>();
      for (let at = 0; at < asked; at += 1) required.set(`${at}`, undefined);
      known.required.set(policies, required);
      const version = { apart: policies.apart, whole: policies };
      known.versions.set(one, version);
      for (let at = 1; at < versions; at += 1) known.versions.set(digestOf(`${at}`), version);
      expect(await recheckRequirements(gates, read, known)).toEqual([]);
      // This version is a new one; what cannot be read is not remembered.
      await verifyPolicies([second], [], read, { known });
      await verifyPolicies([first], [], async () => utf8("no"), { known });
      return [known.versions.size, required.size];
    };
    expect(await filled(15, 999)).toEqual([16, 1000]);
    expect(await filled(16, 1000)).toEqual([1, 1]);
  });
});

describe("the policies in force", () => {
  it("took each other's place as they were signed off", async () => {
    expect(await problems(activations)).toEqual([]);
    expect(await problems([])).toEqual([]);
  });

  it("are counted", async () => {
    const wrong = "It is counted as another version than it is.";
    expect(await problems([saying(first, { number: 2 }), second])).toEqual([`${first.index}: ${wrong}`]);
    expect(await problems([first, saying(second, { number: 3 })])).toEqual([`${second.index}: ${wrong}`]);
  });

  it("took the place of those before", async () => {
    const wrong = "The policies took the place of others than those that were in force.";
    expect(await problems([first, saying(second, { former: digestOf("other") })])).toEqual([
      `${second.index}: ${wrong}`,
    ]);
  });

  it("do not come with a deployment once people have to sign for a change", async () => {
    const { promotion: _, ...record } = second.record;
    expect(await problems([first, { ...second, record }])).toEqual([
      `${second.index}: A deployment put policies in force although the ones before say who has to sign for a change.`,
    ]);
  });

  it("bring the compiled gates that their own manifest names, where people signed for them", async () => {
    const other = digestOf("other gates");
    const text = fromUtf8(blobs.get(two) ?? utf8("")).replace(/(\\"wasm\\": ?\\")[0-9a-f]{64}/, `$1${other}`);
    expect(text).toContain(other);
    const lying: ReadDocument = async (sha256) => (sha256 === two ? utf8(text) : blobs.get(sha256));
    const found = await verifyPolicies([first, second], [], lying, { known: noPoliciesKnown() });
    expect(found.problems).toEqual([
      {
        index: second.index,
        sentence: "The compiled gates that it put in force are not those that their own manifest names.",
      },
    ]);
  });

  it("can be read", async () => {
    const wrong = "The policies that it put in force cannot be read.";
    expect(await problems(activations, [], without(two))).toEqual([`${second.index}: ${wrong}`]);
    expect(await problems([saying(first, {}, { attachments: [] })])).toEqual([`${first.index}: ${wrong}`]);
    const strange: ReadDocument = async () => utf8("{}");
    expect(
      await problems(
        [
          saying(
            first,
            { policy: digestOf("x") },
            {
              attachments: [{ name: "policies.json", mediaType: "application/json", sha256: digestOf("x") }],
            },
          ),
        ],
        [],
        strange,
      ),
    ).toEqual([`${first.index}: ${wrong}`]);
    expect(await problems([{ ...first, record: { ...first.record, body: {} } }, second])).toEqual([
      `${first.index}: The record '${first.record.id}' does not say what a 'policy-activated' says (policy).`,
      `${second.index}: It is counted as another version than it is.`,
      `${second.index}: The policies took the place of others than those that were in force.`,
    ]);
    // Nobody knows then who had to sign for the next change.
    const { promotion: _, ...record } = second.record;
    expect(await problems([saying(first, {}, { attachments: [] }), { ...second, record }])).toContain(
      `${second.index}: A deployment put policies in force although the ones before say who has to sign for a change.`,
    );
  });
});

describe("versions between which one is missing", () => {
  const third = saying(second, { number: 3, former: digestOf("other") });
  const later = (seconds: number) => addSeconds(second.record.at, seconds);

  it("are no reason to refuse while its record may be on its way to the log", async () => {
    expect(await problems([first, third], [], read, later(904))).toEqual([
      `${second.index}: Which policies records/${second.index}.json took the place of: the log does not tell yet of the version before them, which may be on the way to it.`,
    ]);
    const fifth = saying(second, { number: 5 });
    expect(await problems([first, fifth], [], read, later(904))).toEqual([
      expect.stringContaining("does not tell yet of the 3 versions before them"),
    ]);
  });

  it("are one once that would be in the log", async () => {
    const wrong = [
      `${second.index}: It is counted as another version than it is.`,
      `${second.index}: The policies took the place of others than those that were in force.`,
    ];
    expect(await problems([first, third], [], read, later(905))).toEqual(wrong);
    // Nor where nobody knows how far the log goes.
    expect(await problems([first, third])).toEqual(wrong);
  });

  it("are counted on from there", async () => {
    const fourth = (body: object) => {
      const { record, index } = saying(second, { number: 4, former: two, ...body });
      return { index: index + 1, record };
    };
    const path = `${second.index + 1}`;
    expect(await problems([first, third, fourth({})], [], read, later(0))).toHaveLength(1);
    expect(await problems([first, third, fourth({ former: one })], [], read, later(0))).toEqual([
      `${path}: The policies took the place of others than those that were in force.`,
      expect.any(String),
    ]);
  });
});

describe("the policies that judged", () => {
  const wrong = "7: The gates were judged by policies that were not in force then.";
  const judged = (policy: Sha256 | undefined, seconds: number, from = second) => [
    { index: 7, at: addSeconds(from.record.at, seconds), ...(policy === undefined ? {} : { policy }) },
  ];

  it("were in force then, but for what clocks may differ by", async () => {
    expect(await problems(activations, judged(two, 0))).toEqual([]);
    expect(await problems(activations, judged(two, -5))).toEqual([]);
    expect(await problems(activations, judged(two, -6))).toEqual([wrong]);
  });

  it("may have been asked for a quarter of an hour before", async () => {
    expect(await problems(activations, judged(one, 900))).toEqual([]);
    expect(await problems(activations, judged(one, 901))).toEqual([wrong]);
  });

  it("of the beginning were written down after they came in force", async () => {
    expect(await problems(activations, judged(one, -3600, first))).toEqual([]);
    expect(await problems([first], judged(one, 99_999))).toEqual([]);
  });

  it("are known", async () => {
    expect(await problems(activations, judged(digestOf("other"), 0))).toEqual([wrong]);
    // That none are named is said of the record by itself.
    expect(await problems(activations, judged(undefined, 0))).toEqual([]);
  });

  it("cannot be told where nothing says which were in force", async () => {
    expect(await problems([], judged(digestOf("other"), 0))).toEqual([]);
  });
});
