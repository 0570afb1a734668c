import { describe, expect, it } from "vitest";
import {
  documentsLeftOut,
  holdsWholeLog,
  packManifestBytes,
  readPackManifest,
} from "../../../../core/archive/pack/pack-manifest.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";
import { keptManifest, told } from "../told.ts";

const reading = (change: object) => codeOf(() => readPackManifest(canonicalJsonBytes({ ...keptManifest, ...change })));

describe("the manifest of a pack", () => {
  it("is read back as it was written, with any scope", () => {
    const at = keptManifest.createdAt;
    for (const scope of [
      { kind: "everything" },
      { kind: "promotion", promotion: told.deployed },
      { kind: "model", model: "credit-scoring" },
      { kind: "time", from: at, to: at },
      { kind: "since", size: 7, root: digestOf("root") },
    ] as const) {
      const manifest = { ...keptManifest, scope };
      expect(readPackManifest(packManifestBytes(manifest))).toEqual(manifest);
    }
  });

  it("is refused with the place that is not as it should be", () => {
    expect(reading({ records: -1 })).toEqual({
      code: "pack-invalid",
      sentence: "manifest.json cannot be read: records is not as in packs of version 1 or 2.",
    });
    for (const [change, place] of [
      [{ createdAt: "yesterday" }, "createdAt"],
      [{ records: 0.5 }, "records"],
      [{ promotions: ["p-1"] }, "promotions.0"],
      [{ issuer: "" }, "issuer"],
      [{ issuer: "i".repeat(2001) }, "issuer"],
      [{ log: { ...keptManifest.log, root: "root" } }, "log.root"],
      [{ more: 1 }, "more"],
      [{ scope: { kind: "everything", model: "x" } }, "scope.model"],
    ] as const)
      expect(reading(change).sentence).toBe(
        `manifest.json cannot be read: ${place} is not as in packs of version 1 or 2.`,
      );
    expect(codeOf(() => readPackManifest(utf8("7"))).sentence).toMatch(/^manifest\.json cannot be read: /);
    expect(codeOf(() => readPackManifest(utf8("{"))).sentence).toMatch(/^manifest\.json cannot be read: /);
    const spaced = utf8(JSON.stringify(keptManifest, undefined, 1));
    expect(codeOf(() => readPackManifest(spaced)).sentence).toBe(
      "manifest.json cannot be read: it is not written in canonical JSON.",
    );
  });

  it("of a later version is told as such, and not as wrong", () => {
    expect(reading({ packVersion: 3 })).toMatchObject({
      code: "newer-version",
      sentence: expect.stringMatching(/^The pack/),
    });
  });
});

it("a pack holds the whole log where it is of everything, and nothing about people was left out", () => {
  const scope = { kind: "everything" } as const;
  const personalRecordsLeftOut = [{ index: 3, type: "passkey-enrolled", leafHash: digestOf("leaf") }];
  expect(holdsWholeLog({ ...keptManifest, scope })).toBe(true);
  expect(holdsWholeLog({ ...keptManifest, scope, personalRecordsLeftOut })).toBe(false);
  expect(holdsWholeLog({ ...keptManifest, scope, personalRecordsLeftOut: [] })).toBe(false);
  expect(holdsWholeLog({ ...keptManifest, scope: { kind: "model", model: "m" } })).toBe(false);
});

it("what a manifest says is left out is left out on purpose only where it is about people", () => {
  const [token, evidence] = [digestOf("token"), digestOf("evidence")];
  const left = documentsLeftOut({
    documentsLeftOut: [
      { sha256: token, name: "id-token.jwt", why: "personal data" },
      { sha256: evidence, name: "model-quality.json", why: "personal data" },
    ],
  });
  expect([...left]).toEqual([token]);
});
