import { describe, expect, it } from "vitest";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { listsName, listsVersion } from "../../../../core/promotion/lists-apart.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { changed, factOf } from "../retelling.ts";
import { findingsIn, told } from "../told.ts";

// Compliance and the SRE had signed, and another review began: what becomes of both is told beside the record, not in it.

const { house } = told;
const wanted =
  house.facts.find(
    ({ promotion, type, body }) => promotion === told.reopened && type === "seat-reopened" && "kept" in body,
  ) ?? expect.unreachable("Nothing was kept.");
const { kept = [], fallen = [], ...rest } = wanted.body;
const superseding = factOf(house, "supersedes", told.kept);

/** What is found where a record names this as its lists. */
async function wrong(
  document: Json | Uint8Array,
  { fact = wanted, body = rest }: { readonly fact?: Fact; readonly body?: Fact["body"] } = {},
): Promise<readonly string[]> {
  const bytes = document instanceof Uint8Array ? document : canonicalJsonBytes(document);
  const sha256 = sha256Hex(bytes);
  const attachments = [...fact.attachments, { name: listsName, mediaType: "application/json", sha256 }];
  const facts = changed(house, fact, (each) => ({ ...each, body, attachments }));
  const findings = await findingsIn({ facts, blobs: new Map(house.blobs).set(sha256, bytes) });
  return findings.map(({ code, sentence }) => `${code}: ${sentence}`);
}

const lists = { [listsVersion]: 1, kept, fallen };

describe("what becomes of sign-offs, beside the record that tells it", () => {
  it("is held as if it stood in it", async () => {
    expect(await wrong(lists)).toEqual([]);
    expect(await wrong({ [listsVersion]: 1, fallen }, { body: { ...rest, kept } })).toEqual([]);
    const { kept: keeps = [], fallen: falls = [], ...promotions } = superseding.body;
    const newer = { [listsVersion]: 1, kept: keeps, fallen: falls };
    expect(await wrong(newer, { fact: superseding, body: promotions })).toEqual([]);
  });

  it("is no less wrong there", async () => {
    expect(await wrong({ ...lists, fallen: [] })).toEqual([
      expect.stringMatching(/^quorum-differs: It does not say what becomes of the sign-off [0-9a-f]{64}\.$/),
    ]);
    const stranger = { signOff: digestOf("nobody"), why: "left" };
    expect(await wrong({ ...lists, fallen: [...(fallen as Json[]), stranger] })).toContainEqual(
      expect.stringMatching(/^quorum-differs: The sign-off [0-9a-f]{64} is said to fall, and no record has it/),
    );
  });

  it("is not said twice", async () => {
    expect(await wrong(lists, { body: { ...rest, fallen } })).toContain(
      `document-changed: '${wanted.id}' says what becomes of sign-offs, and so does its sign-offs.json.`,
    );
  });

  it.each<[string, Json | Uint8Array, string]>([
    [
      "something else as well",
      { ...lists, review: 2 },
      "sign-offs.json is not of the form that is known here (review).",
    ],
    [
      "more of a sign-off",
      { ...lists, fallen: [{ signOff: digestOf("x"), why: "", by: "x" }] },
      "form that is known here",
    ],
    ["another spelling", utf8(` ${JSON.stringify(lists)}`), "sign-offs.json is not written in canonical JSON."],
  ])("is in its form, and not %s", async (_, document, sentence) => {
    expect(await wrong(document)).toContainEqual(expect.stringContaining(sentence));
  });

  it("has a version, and a later one is not checked", async () => {
    expect(await wrong({ ...lists, [listsVersion]: 2 })).toEqual([expect.stringMatching(/^newer-version: /)]);
  });
});
