import { describe, expect, it } from "vitest";
import {
  attestationKeyPath,
  attestationsPath,
  blobPath,
  bundlePath,
  csvPath,
  isAttestationKey,
  isTable,
  logPath,
  parquetPath,
  proofPath,
  recordIndex,
  recordPath,
  reportPath,
} from "../../../../core/archive/pack/pack-layout.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { keptFiles, told } from "../told.ts";

describe("where a pack keeps what", () => {
  it("is fixed: packs of before are read by it", () => {
    const [digest, promotion] = [digestOf("x"), told.deployed];
    expect([
      csvPath("records"),
      parquetPath("records"),
      logPath("checkpoint"),
      recordPath(7),
      proofPath(7),
      blobPath(digest),
      attestationsPath(promotion),
      bundlePath(promotion, "verdict"),
      reportPath(promotion),
      attestationKeyPath(undefined),
      attestationKeyPath(digest),
    ]).toEqual([
      "records.csv",
      "parquet/records/records.parquet",
      "log/checkpoint",
      "records/7.json",
      "proofs/7.tlog-proof",
      `blobs/sha256/${digest}`,
      `attestations/${promotion}.intoto.jsonl`,
      `bundles/${promotion}/verdict.sigstore.json`,
      `report/${promotion}.html`,
      "keys/attestation.pem",
      `keys/attestation-${digest}.pem`,
    ]);
    expect([...keptFiles.keys()].filter(isTable).toSorted()).toEqual(
      ["promotions", "records", "sign-offs"].flatMap((table) => [csvPath(table), parquetPath(table)]).toSorted(),
    );
    expect([...keptFiles.keys()].filter(isAttestationKey)).toEqual(["keys/attestation.pem"]);
  });
});

describe("the path of a record", () => {
  it("says its index", () => {
    for (const index of [0, 9, 10, 123_456_789_012_345]) expect(recordIndex(recordPath(index))).toBe(index);
  });

  it.each([
    "records/00.json",
    "records/01.json",
    "records/-1.json",
    "records/.json",
    "records/1234567890123456.json",
    "records/1.json.json",
    "records/1xjson",
    "old/records/1.json",
    "records/1.jsonl",
    "records/a.json",
    "records/1a.json",
  ])("is not %s", (path) => {
    expect(recordIndex(path)).toBeUndefined();
  });
});

it.each([
  "keys/attestation.pem.pem",
  "old/keys/attestation.pem",
  "keys/attestation-.pem",
  `keys/attestation-${"a".repeat(63)}.pem`,
  `keys/attestation-${"g".repeat(64)}.pem`,
  `keys/attestation${"a".repeat(64)}.pem`,
  "keys/attestationxpem",
  "keys/checkpoint.pem",
])("no key of sign-offs is at %s", (path) => {
  expect(isAttestationKey(path)).toBe(false);
});

it("a key of sign-offs that was replaced is under its id", () => {
  expect(isAttestationKey(attestationKeyPath(digestOf("old")))).toBe(true);
});
