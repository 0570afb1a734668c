import { describe, expect, it } from "vitest";
import type { PackFinding, PackFindingCode } from "../../../core/archive/pack/pack-findings.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { type Fact, type FactType, factTypes } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { changed, documentOf, factOf, factWith, type Retold, saying, withChanged, withDocument } from "./retelling.ts";
import { conditionLies } from "./tampering/condition-lies.ts";
import { tamperedDocuments } from "./tampering/documents.ts";
import { type Lie, lies } from "./tampering/lies.ts";
import { loanLies } from "./tampering/loan-lies.ts";
import { reviewLies } from "./tampering/review-lies.ts";
import { findingsIn, resultOf, told } from "./told.ts";

// What tampering/ does to whole packs, done to the records and documents alone: which of them do not add up.

async function expectNoticed(
  retold: Retold,
  { code, sentence }: { readonly code: PackFindingCode; readonly sentence: RegExp },
): Promise<readonly PackFinding[]> {
  const findings = await findingsIn(retold);
  expect(findings).toContainEqual(expect.objectContaining({ code, sentence: expect.stringMatching(sentence) }));
  return findings;
}

describe("what was recorded", () => {
  const promotions = [...new Set(told.house.facts.flatMap(({ promotion }) => promotion ?? []))];

  it.each(promotions)("of %s adds up", async (promotion) => {
    expect((await resultOf(promotion)).findings).toEqual([]);
  });
});

describe("what verification of a promotion tells", () => {
  it("is what others rest on: how it ended, who signed, by which policies, and its place among the others", async () => {
    const { end, signOffs, told: said, judgedBy, besides, findings, ...rest } = await resultOf(told.deployed);
    expect(findings).toEqual([]);
    expect([end?.id, end?.status, signOffs]).toEqual([told.deployed, "restricted", 3]);
    const given = told.house.facts.flatMap(({ type, promotion }, index) =>
      (type === "sign-off" || type === "verdict") && promotion === told.deployed ? [index] : [],
    );
    expect([...said.keys()]).toEqual(given);
    // Of the verdict there is no signer: the service signs it.
    expect([...said.values()].map(({ name }) => name)).toEqual(["Cora", "Sam", "Emil", undefined]);
    expect(judgedBy.map(({ index }) => index)).toEqual(
      (["gates", "verdict"] as const).map((type) => told.house.facts.indexOf(factOf(told.house, type, told.deployed))),
    );
    expect(besides.place).toMatchObject({ promotion: told.deployed, lane: "credit-scoring in production" });
    expect(rest.unchecked.map(({ sentence }) => sentence.slice(0, 23))).toEqual([
      "Who started the CI run ",
      "Whether whoever confirm",
    ]);
    expect(besides).not.toHaveProperty("budgeted");
    expect(besides).not.toHaveProperty("running");
  });

  it("tells of a loan its place in the budget, and that it runs where it neither ended nor was ratified", async () => {
    const lent = await resultOf(told.lent);
    expect(lent.besides.budgeted).toMatchObject({ promotion: told.lent, number: 1 });
    expect(lent.besides).not.toHaveProperty("running");
    const ended = told.house.facts.indexOf(factOf(told.house, "loan-ended", told.lent));
    const running = await resultOf(told.lent, { facts: told.house.facts.slice(0, ended) });
    expect(running.besides.running).toMatchObject({ promotion: told.lent });
    expect(running.findings).toEqual([]);
  });

  it("is no place among others, and no end, where nothing can be read", async () => {
    const nothing = await resultOf(told.withdrawn, { facts: [] });
    expect(nothing).toEqual({
      findings: [
        {
          code: "life-cycle",
          path: "records/0.json",
          promotion: told.withdrawn,
          sentence: "The promotion's own history is missing.",
        },
      ],
      unchecked: [],
      signOffs: 0,
      told: new Map(),
      judgedBy: [],
      besides: { keptFrom: [] },
      done: [],
      calendar: [],
    });
    expect((await resultOf(told.policies)).besides).not.toHaveProperty("place");
  });

  it("is no more than that a newer version wrote it, where one did: all else would be for that reason", async () => {
    const freeze = factOf(told.house, "freeze", told.deployed);
    const retold = withChanged(told.house, freeze, "freeze.json", (document) => ({ ...document, manifestVersion: 99 }));
    const { findings, ...rest } = await resultOf(told.deployed, retold);
    expect(findings.map(({ code }) => code)).toEqual(["newer-version"]);
    expect(rest).toEqual({
      unchecked: [],
      signOffs: 3,
      told: new Map(),
      judgedBy: [],
      besides: { keptFrom: [] },
      done: [],
      calendar: [],
    });
  });

  it("names the record at which a life cannot go on", async () => {
    const second = factOf(told.house, "stage-decided", told.deployed);
    const facts = changed(told.house, second, (fact) => ({ ...fact, body: { ...fact.body, stage: 1 } }));
    const { findings } = await resultOf(told.deployed, { facts });
    expect(findings).toContainEqual({
      code: "life-cycle",
      path: `records/${told.house.facts.indexOf(second)}.json`,
      promotion: told.deployed,
      sentence: expect.stringMatching(/that stage is not open\.$/),
    });
  });

  it("goes on where a record does not say what is kept: that is a finding, as everything that cannot be read", async () => {
    const fact = factOf(told.house, "supersedes", told.kept);
    const { findings } = await resultOf(told.kept, saying(told.house, fact, { kept: "everything" }));
    expect(findings).toContainEqual({
      code: "life-cycle",
      path: `records/${told.house.facts.indexOf(fact)}.json`,
      promotion: told.kept,
      sentence: expect.stringMatching(/does not say what a 'supersedes' says \(kept\)/),
    });
  });

  it("names what is said to be kept, and nothing proves", async () => {
    const fact = factOf(told.house, "sign-off-kept", told.kept);
    const facts = told.house.facts.filter((each) => each !== fact);
    const { findings } = await resultOf(told.kept, { facts });
    const said = facts.indexOf(factOf({ ...told.house, facts }, "supersedes", told.kept));
    expect(findings).toContainEqual({
      code: "sign-off-invalid",
      path: `records/${said}.json`,
      promotion: told.kept,
      sentence: `The sign-off ${fact.body["signOff"]} is said to be kept, and nothing proves it.`,
    });
    expect(findings.filter(({ sentence }) => sentence.includes("nothing proves it"))).toHaveLength(1);
  });

  it("is nothing of a sign-off that was written down to be kept, where nobody says that it is", async () => {
    const fact = factOf(told.house, "sign-off-kept", told.kept);
    const facts = changed(told.house, fact, (each) => ({ ...each, promotion: told.withdrawn }));
    const { findings } = await resultOf(told.withdrawn, {
      facts: facts.map((each) =>
        each.id === fact.id ? { ...each, id: each.id.replace(told.kept, told.withdrawn) } : each,
      ),
    });
    expect(findings).toEqual([]);
  });

  it("needs what was frozen, or the gates cannot be evaluated again", async () => {
    const freeze = factOf(told.house, "freeze", told.deployed);
    const gates = told.house.facts.indexOf(factOf(told.house, "gates", told.deployed));
    const { findings } = await resultOf(told.deployed, withDocument(told.house, freeze, "freeze.json", utf8("{}")));
    expect(findings).toContainEqual({
      code: "gates-differ",
      path: `records/${gates}.json`,
      promotion: told.deployed,
      sentence: "What was frozen cannot be read, so the gates cannot be evaluated again.",
    });
  });
});

describe("what cannot be read is told as what it would have proved", () => {
  const { house } = told;
  /** With words in a record of the type that nobody foresaw, and who is to be verified then. */
  const garbled = (type: FactType, body: Fact["body"], promotion = factOf(house, type).promotion) => {
    if (promotion === undefined) throw new Error("It is told of no promotion.");
    return { promotion, retold: saying(house, factOf(house, type, promotion), body) };
  };
  const indexOf = (type: FactType, promotion?: PromotionId) => house.facts.indexOf(factOf(house, type, promotion));
  const rollout = factOf(house, "passport-issued").promotion;

  it.each<[string, ReturnType<typeof garbled>, readonly string[]]>([
    [
      "how it was deployed",
      garbled("deployment-started", { conditions: "none" }, told.deployed),
      [
        `deployment-unapproved ${indexOf("deployment-started", told.deployed)}`,
        `deployment-differs ${indexOf("deployed", told.deployed)}`,
        `deployment-differs ${indexOf("request", told.deployed)}`,
      ],
    ],
    [
      "a passport",
      garbled("passport-issued", { audience: 7 }),
      [`deployment-unapproved ${indexOf("request", rollout)}`],
    ],
    [
      "what a receiver reported",
      garbled("deployment-reported", { outcome: 7 }),
      [`deployment-differs ${indexOf("request", rollout)}`],
    ],
    [
      "who ran in its place",
      garbled("intruder-found", { place: "here" }),
      [`deployment-differs ${indexOf("request", told.deployed)}`],
    ],
    [
      "what serves after a loan",
      garbled("loan-taken-back", { serves: 7 }, told.lent),
      [`loan-invalid ${indexOf("request", told.lent)}`],
    ],
  ])("%s", async (_, { promotion, retold }, wrong) => {
    const { findings } = await resultOf(promotion, retold);
    expect(findings.map(({ code, path }) => `${code} ${path.replace(/\D/g, "")}`)).toEqual(wrong);
  });

  it("the policies that judged", async () => {
    const gates = factOf(house, "gates", told.deployed);
    const bytes = utf8("{}");
    const { facts = [], blobs } = withDocument(house, gates, "policies.json", bytes);
    const renamed = facts.map((fact) =>
      fact.id === gates.id ? { ...fact, body: { ...fact.body, policy: sha256Hex(bytes) } } : fact,
    );
    const { findings } = await resultOf(told.deployed, { facts: renamed, ...(blobs === undefined ? {} : { blobs }) });
    expect(findings).toEqual([
      {
        code: "policy-differs",
        path: `records/${house.facts.indexOf(gates)}.json`,
        promotion: told.deployed,
        sentence: "The policies have no 'apart'.",
      },
    ]);
  });
});

const kinds = new Set(told.house.facts.map(({ type }) => type));

it("the kept pack tells of every kind of record: else it is to be made again (packs-of-before/)", () => {
  expect(factTypes.filter((type) => !kinds.has(type))).toEqual([]);
});

// What is told of no promotion at all is told twice in the log alone.
const ofPromotions = factTypes.filter((type) => kinds.has(type) && type !== "export" && type !== "export-requested");
describe.each(ofPromotions.map((type) => ({ type, ...lies[type] })))("a record of type $type", ({ what, ...lie }) => {
  it(`told otherwise: ${what}`, async () => {
    await expectNoticed(lie.tell(told), lie);
  });
});

describe.each(Object.entries(tamperedDocuments))(
  "a document %s",
  (name, { of, change = () => utf8("{}"), ...said }) => {
    it("put in place of the true one", async () => {
      const fact = factWith(told.house, of, name);
      await expectNoticed(withDocument(told.house, fact, name, change(documentOf(told.house, fact, name), told)), said);
    });
  },
);

it.each<Lie>([...conditionLies, ...reviewLies, ...loanLies])("$what", async (lie) => {
  await expectNoticed(lie.tell(told), lie);
});
