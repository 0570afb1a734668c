import { describe, expect, it } from "vitest";
import { attempt, type Found, peopleOf, promotionHistory } from "../../../../core/archive/history/promotion-history.ts";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { Failure } from "../../../../core/failure.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../../core/promotion/freeze-manifest.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, told } from "../told.ts";

const { blobs } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const recordsIn = (promotion: PromotionId) =>
  recordsOf(told.house.facts).filter(({ record }) => record.promotion === promotion);
const records = recordsIn(told.deployed);
const recordOf = (type: FactType, of = records): PromotionRecord => {
  const found = of.find(({ record }) => record.type === type);
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
};
const replaced = (wanted: PromotionRecord, record: Partial<PromotionRecord["record"]>) =>
  records.map((each) => (each === wanted ? { ...each, record: { ...each.record, ...record } } : each));

/** What is found wrong, and what the history is then. */
async function historyOf(of: readonly PromotionRecord[], from: ReadDocument = read, promotion = told.deployed) {
  const findings: string[] = [];
  const found: Found = (code, path, sentence) => void findings.push(`${code} ${path}: ${sentence}`);
  const result = await promotionHistory(promotion, of, from, found);
  return { ...result, findings };
}
const bringing = (sha256: Sha256 | undefined, bytes: Uint8Array | undefined): ReadDocument => {
  return async (wanted) => (wanted === sha256 ? bytes : blobs.get(wanted));
};
const digestIn = (type: FactType, name: string) =>
  recordOf(type).record.attachments.find((each) => each.name === name)?.sha256;

describe("the history of a promotion", () => {
  it("is its numbered records, in the order of the log", async () => {
    const { history, findings, steps, stopped } = await historyOf(records);
    expect(findings).toEqual([]);
    expect(stopped).toBeUndefined();
    expect(history.map(({ record }) => record.id)).toEqual(history.map((_, at) => `${told.deployed}/${at}`));
    expect(history).toHaveLength(13);
    expect(steps).toHaveLength(13);
  });

  it("is no longer than a promotion can be", async () => {
    const [first = expect.unreachable()] = records;
    const many = Array.from({ length: 5002 }, (_, at) => ({
      index: at,
      record: { ...first.record, type: "staged" as const, id: `${told.deployed}/${at}` },
    }));
    const { history, findings } = await historyOf(many);
    expect(history).toHaveLength(5000);
    expect(findings).toEqual([
      "life-cycle records/5000.json: It has more than 5000 records, which no promotion can have.",
    ]);
  });

  it("has no record of another promotion", async () => {
    const gates = recordOf("gates");
    const other = replaced(gates, { id: `${told.lent}/2` });
    expect((await historyOf(other)).findings[0]).toBe(
      `life-cycle records/${gates.index}.json: '${told.lent}/2' is no record of ${told.deployed}.`,
    );
  });

  it("has each record once", async () => {
    const letter = recordOf("link-opened");
    const twice = [...records, { ...letter, index: 500 }];
    expect((await historyOf(twice)).findings).toEqual([
      `record-repeated records/500.json: The ledger holds the record '${letter.record.id}' twice.`,
    ]);
    const gates = recordOf("gates");
    const { findings, history } = await historyOf([...records, { ...gates, index: 501 }]);
    expect(findings).toEqual([
      `record-repeated records/501.json: The ledger holds the record '${gates.record.id}' twice.`,
    ]);
    expect(history).toHaveLength(13);
  });

  it("goes as far as no record is missing", async () => {
    const gates = recordOf("gates");
    const { findings, history } = await historyOf(records.filter((each) => each !== gates));
    const next = recordOf("stage-opened");
    expect(findings).toEqual([
      `life-cycle records/${next.index}.json: '${told.deployed}/3' stands where '${told.deployed}/2' belongs: a record is missing or out of order.`,
    ]);
    expect(history).toHaveLength(2);
  });

  it("is missing where there are letters alone", async () => {
    const letters = records.filter(({ record }) => record.type.startsWith("notification"));
    expect((await historyOf(letters)).findings).toEqual([
      `life-cycle records/${letters[0]?.index}.json: The promotion's own history is missing.`,
    ]);
    expect((await historyOf([])).findings).toEqual([
      "life-cycle records/0.json: The promotion's own history is missing.",
    ]);
  });
});

describe("what was frozen", () => {
  const { index } = recordOf("freeze");
  const freeze = digestIn("freeze", "freeze.json");

  it("is the manifest, with its files in the order of the request", async () => {
    const { manifest } = await historyOf(records);
    if (manifest === undefined) throw new Error("Nothing was frozen.");
    const { frozen } = recordOf("freeze").record.body as unknown as {
      readonly frozen: readonly { readonly name: string }[];
    };
    expect(manifest.artifacts.map(({ name }) => name)).toEqual(frozen.map(({ name }) => name));
    const told = recordOf("freeze").record.attachments.map(({ name }) => name);
    expect(manifest.evidence.map(({ name }) => name)).toEqual(told.filter((name) => name !== "freeze.json"));
    expect(manifest.evidence).toHaveLength(7);
    expect(freezeDigest(manifest)).toBe(recordOf("request").record.body["freezeDigest"]);
  });

  it("is nothing before the freezing", async () => {
    const early = records.slice(0, 1);
    expect(await historyOf(early)).toMatchObject({ manifest: undefined, findings: [] });
  });

  it("is in the pack, and can be read", async () => {
    expect((await historyOf(records, bringing(freeze, undefined))).findings[0]).toBe(
      `freeze-differs records/${index}.json: freeze.json is not in the pack.`,
    );
    const { manifest, findings } = await historyOf(records, bringing(freeze, utf8("{}")));
    expect(manifest).toBeUndefined();
    expect(findings[0]).toMatch(
      /^freeze-differs records\/\d+\.json: freeze\.json is not of the form that is known here/,
    );
  });

  it("is named by its digest, in the request and in the record of the freezing", async () => {
    const bytes = blobs.get(freeze ?? digestOf(""));
    const digest = recordOf("request").record.body["freezeDigest"];
    expect(bytes).toBeDefined();
    for (const type of ["request", "freeze"] as const) {
      const of = recordOf(type);
      const { findings } = await historyOf(
        replaced(of, { body: { ...of.record.body, freezeDigest: digestOf("other") } }),
      );
      expect(findings).toContain(
        `freeze-differs records/${index}.json: freeze.json has the digest ${digest}; '${of.record.id}' names another.`,
      );
    }
  });

  it("has the evidence that was kept", async () => {
    const of = recordOf("freeze");
    const attachments = of.record.attachments.map((each) =>
      each.name === "bias.json" ? { ...each, sha256: digestOf("other") } : each,
    );
    expect((await historyOf(replaced(of, { attachments }))).findings).toContain(
      `freeze-differs records/${index}.json: The evidence 'bias.json' that was kept is not the one that was frozen.`,
    );
  });
});

describe("the requirements", () => {
  it("are read once, and where they cannot be, that is said at the record", async () => {
    const sha256 = digestIn("gates", "requirements.json");
    const { index } = recordOf("gates");
    const { findings, steps } = await historyOf(records, bringing(sha256, utf8("{}")));
    expect(findings[0]).toMatch(
      new RegExp(
        `^document-changed records/${index}\\.json: requirements\\.json is not of the form that is known here`,
      ),
    );
    expect(steps).toHaveLength(2);
    const missing = await historyOf(records, bringing(sha256, undefined));
    expect(missing.findings).toEqual([]);
    expect(missing.stopped?.sentence).toMatch(/its requirements cannot be read\.$/);
    let reads = 0;
    const { history } = await historyOf(
      recordsIn(told.reopened),
      async (wanted) => {
        if (wanted === sha256) reads += 1;
        return blobs.get(wanted);
      },
      told.reopened,
    );
    const named = history.flatMap(({ record }) => record.attachments.filter((each) => each.sha256 === sha256));
    expect([named.length > 0, reads]).toEqual([true, 1]);
  });
});

describe("what the directory told", () => {
  const nothing: Found = (_, __, sentence) => {
    throw new Error(sentence);
  };

  it("is kept with the verdict of the quorum, and with that of a loan", async () => {
    const people = await peopleOf(recordsIn(told.ratified), read, nothing);
    const ofLoan = await peopleOf(recordsIn(told.ratified), read, nothing, "loan");
    const subjects = (of: typeof people) => of?.members.map(({ identity }) => identity.subject).toSorted();
    expect(subjects(people)).toEqual(expect.arrayContaining(["sub-cora", "sub-dana", "sub-sam"]));
    expect(subjects(ofLoan)).toEqual(expect.arrayContaining(["sub-ida", "sub-olaf"]));
    expect(await peopleOf(recordsIn(told.lent), read, nothing)).toBeUndefined();
    expect(await peopleOf(records, read, nothing, "loan")).toBeUndefined();
    expect(await peopleOf(recordsIn(told.rejected), read, nothing)).toBeUndefined();
  });

  it("is not known where it was not kept, and said to be changed where it cannot be read", async () => {
    const sha256 = digestIn("verdict", "people.json");
    expect(await peopleOf(records, bringing(sha256, undefined), nothing)).toBeUndefined();
    const without = records.map(({ index, record }) => ({
      index,
      record: { ...record, attachments: record.attachments.filter(({ name }) => name !== "people.json") },
    }));
    expect(await peopleOf(without, read, nothing)).toBeUndefined();
    const findings: string[] = [];
    await peopleOf(records, bringing(sha256, utf8("{}")), (code, path) => void findings.push(`${code} ${path}`));
    expect(findings).toEqual([`document-changed records/${recordOf("verdict").index}.json`]);
    const people = JSON.parse(fromUtf8(blobs.get(sha256 ?? digestOf("")) ?? utf8("{}")));
    const newer = canonicalJsonBytes({ ...people, peopleVersion: 2 });
    await peopleOf(records, bringing(sha256, newer), (code, path) => void findings.push(`${code} ${path}`));
    expect(findings[1]).toBe(`newer-version records/${recordOf("verdict").index}.json`);
  });
});

describe("an attempt", () => {
  const told: string[] = [];
  const found: Found = (code, path, sentence) => void told.push(`${code} ${path}: ${sentence}`);
  const fails = async (error: unknown): Promise<readonly string[]> => {
    told.length = 0;
    const value = await attempt("gates-differ", "records/7.json", found, async () => {
      throw error;
    });
    expect(value).toBeUndefined();
    return [...told];
  };

  it("answers what it comes to", async () => {
    expect(await attempt("gates-differ", "records/7.json", found, async () => 7)).toBe(7);
    expect(told).toEqual([]);
  });

  it("that fails is the finding, with what failed", async () => {
    expect(await fails(new Failure("pack-invalid", "It is broken."))).toEqual([
      "gates-differ records/7.json: It is broken.",
    ]);
    expect(await fails(new TypeError("no such member"))).toEqual([
      "gates-differ records/7.json: It cannot be read (TypeError: no such member).",
    ]);
  });

  it("that meets a newer version is no verdict", async () => {
    expect(await fails(new Failure("newer-version", "It is newer."))).toEqual([
      "newer-version records/7.json: It is newer.",
    ]);
  });
});
