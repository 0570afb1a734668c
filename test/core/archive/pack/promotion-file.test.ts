import { describe, expect, it } from "vitest";
import {
  derivedFiles,
  derivedTexts,
  documentJson,
  type PromotionRecord,
} from "../../../../core/archive/pack/promotion-file.ts";
import { base64 } from "../../../../core/encoding/base64.ts";
import { fromUtf8, hex, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { keptFiles, keptManifest, recordsOf, told } from "../told.ts";

const { facts, blobs } = told.house;
const read: Parameters<typeof derivedFiles>[2] = async (sha256) => blobs.get(sha256);
const recordsIn = (promotion: PromotionId) => recordsOf(facts).filter(({ record }) => record.promotion === promotion);
const promotions = [...new Set(facts.flatMap(({ promotion }) => promotion ?? []))];
const of = async (records: readonly PromotionRecord[], from = read, known?: Parameters<typeof derivedTexts>[4]) =>
  new Map((await derivedTexts(told.ratified, records, from, 2, known)).map(({ name, text }) => [name, utf8(text)]));
/** With a document under its name. */
const bringing = (records: readonly PromotionRecord[], name: string, bytes: Uint8Array | undefined): typeof read => {
  const wanted = records.flatMap(({ record }) => record.attachments).find((each) => each.name === name)?.sha256;
  return async (sha256) => (sha256 === wanted ? bytes : blobs.get(sha256));
};

describe("what is put beside the records of a promotion", () => {
  it.each(promotions)("of %s comes out as it was, to the byte", async (promotion) => {
    const files = await derivedFiles(promotion, recordsIn(promotion), read, keptManifest.packVersion);
    const kept = [...keptFiles.keys()].filter(
      (name) => !name.startsWith("records/") && !name.startsWith("log/") && name.includes(promotion),
    );
    expect(files.map(({ name }) => name).toSorted()).toEqual(kept.toSorted());
    for (const { name, bytes } of files) expect(hex(bytes) === hex(keptFiles.get(name) ?? utf8("")), name).toBe(true);
  });

  it("is a bundle of every signed statement: of each sign-off, of loans, and of each verdict in turn", async () => {
    const records = recordsIn(told.ratified);
    const names = [...(await of(records)).keys()].map((name) => name.replace(/[0-9a-f]{64}/, "<id>"));
    expect(names).toEqual([
      `attestations/${told.ratified}.intoto.jsonl`,
      `bundles/${told.ratified}/sign-off-<id>.sigstore.json`,
      `bundles/${told.ratified}/loan-<id>.sigstore.json`,
      `bundles/${told.ratified}/loan-<id>.sigstore.json`,
      `bundles/${told.ratified}/verdict.sigstore.json`,
      `bundles/${told.ratified}/sign-off-<id>.sigstore.json`,
      `bundles/${told.ratified}/sign-off-<id>.sigstore.json`,
      `bundles/${told.ratified}/verdict-2.sigstore.json`,
      `report/${told.ratified}.html`,
    ]);
  });

  it("has each file once, though a record be there twice", async () => {
    const records = recordsIn(told.ratified);
    const signed = records.find(({ record }) => record.type === "sign-off");
    if (signed === undefined) throw new Error("Nobody signed.");
    const names = [...(await of([...records, { ...signed, index: 900 }])).keys()];
    expect(names).toContain(`bundles/${told.ratified}/statement-900.sigstore.json`);
    const strange = { index: 901, record: { ...signed.record, id: "strange" } };
    expect([...(await of([strange])).keys()]).toContain(`bundles/${told.ratified}/sign-off-901.sigstore.json`);
  });

  it("says what fell also where the list of that lies beside its record, and passes over one that cannot be read", async () => {
    const records = recordsIn(told.kept);
    const [fell = expect.unreachable()] = records.filter(({ record }) => record.type === "seat-reopened");
    const { fallen, ...body } = fell.record.body;
    const bytes = canonicalJsonBytes({ signOffsVersion: 1, fallen: fallen ?? [] });
    const lists = { name: "sign-offs.json", mediaType: "application/json", sha256: digestOf("lists") };
    const beside = { ...fell.record, body, attachments: [...fell.record.attachments, lists] };
    const moved = records.map((each) => (each === fell ? { ...each, record: beside } : each));
    const report = async (from: readonly PromotionRecord[], list: Uint8Array) => {
      const files = await derivedTexts(told.kept, from, async (sha) => (sha === lists.sha256 ? list : read(sha)), 2);
      return files.at(-1)?.text;
    };
    expect(await report(records, bytes)).toContain("until it fell");
    expect(await report(moved, bytes)).toBe(await report(records, bytes));
    expect(await report(moved, utf8("{}"))).not.toContain("until it fell");
  });

  it("is the report alone where nobody signed anything that is at hand", async () => {
    const records = recordsIn(told.ratified);
    const none = [...(await of(records, async () => undefined)).keys()];
    expect(none).toEqual([`report/${told.ratified}.html`]);
    for (const strange of ["{}", "no JSON", "null"]) {
      const one = records.filter(({ record }) => record.type === "sign-off").slice(0, 1);
      expect([...(await of(one, bringing(one, "sign-off.dsse.json", utf8(strange)))).keys()]).toEqual([
        `report/${told.ratified}.html`,
      ]);
    }
  });

  it("names whoever signed as their token does, and by their subject without one", async () => {
    const [signed] = recordsIn(told.ratified).filter(({ record }) => record.type === "sign-off");
    if (signed === undefined) throw new Error("Nobody signed.");
    const report = async (from = read) =>
      fromUtf8((await of([signed], from)).get(`report/${told.ratified}.html`) ?? utf8(""));
    expect(await report()).toContain("Cora (sub-cora)");
    expect(await report(bringing([signed], "id-token.jwt", undefined))).not.toContain("Cora (");
    expect(await report(bringing([signed], "id-token.jwt", utf8("no token")))).not.toContain("Cora (");
    expect(await report(bringing([signed], "id-token.jwt", undefined))).toContain("sub-cora");
    const bare = { ...signed, record: { ...signed.record, attachments: signed.record.attachments.slice(0, 1) } };
    expect(fromUtf8((await of([bare])).get(`report/${told.ratified}.html`) ?? utf8(""))).not.toContain("Cora (");
  });

  it("shows what was taken apart already without taking it apart again", async () => {
    const [signed] = recordsIn(told.ratified).filter(({ record }) => record.type === "sign-off");
    if (signed === undefined) throw new Error("Nobody signed.");
    const known = new Map([
      [signed.index, { predicate: { reviewer: { subject: "sub-x" }, result: "reject" }, name: "X" }],
    ]);
    const html = fromUtf8((await of([signed], read, known)).get(`report/${told.ratified}.html`) ?? utf8(""));
    expect(html).toContain("X (sub-x)");
    expect(html).not.toContain("Cora (");
  });

  it("shows a statement that says nothing as one that says nothing", async () => {
    const [signed] = recordsIn(told.ratified).filter(({ record }) => record.type === "sign-off");
    if (signed === undefined) throw new Error("Nobody signed.");
    for (const payload of [base64(utf8("null")), base64(utf8("[]")), base64(utf8("?")), "not base64!"]) {
      const envelope = {
        payloadType: "application/vnd.in-toto+json",
        payload,
        signatures: [{ keyid: "k", sig: "AA==" }],
      };
      const files = await of([signed], bringing([signed], "sign-off.dsse.json", canonicalJsonBytes(envelope)));
      expect([...files.keys()]).toHaveLength(3);
      expect(fromUtf8(files.get(`report/${told.ratified}.html`) ?? utf8(""))).toContain("none (as )");
    }
  });
});

describe("a document", () => {
  it("is JSON where it is at hand and can be taken", async () => {
    expect(await documentJson(digestOf("a"), async () => utf8('{"a":1}'))).toEqual({ a: 1 });
    expect(await documentJson(digestOf("a"), async () => utf8("{"))).toBeUndefined();
    expect(await documentJson(digestOf("a"), async () => undefined)).toBeUndefined();
  });
});
