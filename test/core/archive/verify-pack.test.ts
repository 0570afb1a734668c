import { describe, expect, it } from "vitest";
import { recordPath } from "../../../core/archive/pack/pack-layout.ts";
import { verifyPack } from "../../../core/archive/verify-pack.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { type Files, resealed, verifyOptions } from "./memory-pack.ts";
import { documentOf, factOf } from "./retelling.ts";
import { headOf, hoursAfter, sinceHead, smallPack, verifiedPack, withManifest, wrongWith } from "./small-pack.ts";
import { attestationKeyOfPack, keptFiles, policyOf, told } from "./told.ts";

const whole = await smallPack();
const part = await smallPack({ scope: { kind: "promotion", promotion: told.rejected } });
const nameless = await smallPack({ withoutPersonalData: true });
const earlier = headOf(whole, 7);
const since = await smallPack({ scope: sinceHead(earlier) });

const { origin, publicKey } = MemoryLedger.signer;
const ours = noteKey(origin, "ed25519", publicKey);
const text = (files: Files, name: string) => fromUtf8(files.get(name) ?? new Uint8Array());
const manifestOf = (files: Files) => JSON.parse(text(files, "manifest.json"));
const said = async (files: Files, over: Parameters<typeof verifiedPack>[1] = {}) =>
  (await verifiedPack(files, over)).unchecked.flatMap(({ promotion, sentence }) =>
    promotion === undefined ? [sentence] : [],
  );

describe("a pack of everything", () => {
  it("holds, and says of each promotion that it passed and how it ended", async () => {
    const result = await verifiedPack(whole);
    expect(result).toMatchObject({ mode: "full", holds: true, findings: [], scope: { kind: "everything" } });
    expect(result.log).toEqual({
      origin,
      size: 15,
      at: expect.any(String),
      keys: [`${ours.name}+${ours.keyId}`],
      witnesses: [],
    });
    const passed = (promotion: string, version: string, status: string, signOffs: number) => ({
      ...{ promotion, outcome: "PASSED", title: `credit-scoring ${version} in production`, status, signOffs },
    });
    expect(result.promotions).toEqual([
      passed(told.rejected, "2.2.0", "rejected", 1),
      passed(told.withdrawn, "2.4.0", "withdrawn", 0),
      passed(told.expired, "2.5.0", "expired", 0),
    ]);
    expect(result).not.toHaveProperty("since");
    expect(result).not.toHaveProperty("withoutPersonalData");
  });

  it("of every kind of record holds", async () => {
    const { findings, promotions } = await verifiedPack(keptFiles);
    expect(findings).toEqual([]);
    expect(new Set(promotions.map(({ outcome }) => outcome))).toEqual(new Set(["PASSED"]));
  });

  it("says what it is that it takes from the pack itself", async () => {
    const witnesses = "Whether others were shown the same log: no witness's key was given.";
    const seen =
      "Whether people saw what they signed: the page that sent them to their identity provider is the service's own.";
    const signedInBy = expect.stringMatching(
      /^Whether the identity provider's keys are its own: people's sign-ins are signed by one key\. Compare with those that it published then\.$/,
    );
    const byKey = expect.stringMatching(
      /^Whether the key with the thumbprint [A-Za-z0-9_-]{43}, which signed sign-ins in the entries \d+ to \d+, is one of the identity provider: it does so by the name '.*' of https:\/\/login\.example\/pool\.$/,
    );
    expect(await said(whole)).toEqual([
      "Taken from the pack itself, and worth as much as it: the checkpoint key, the attestation key, the identity provider's keys (as archived with each sign-off). Compare them with what you know.",
      "Told by the log of itself, in its entry 0: the identity provider (https://login.example/pool), the applications that people sign in to (portal-client), the pages on which passkeys are made (https://sign.example). Whoever runs the service can have told it wrongly from the beginning: compare them with what you know.",
      witnesses,
      seen,
      signedInBy,
      byKey,
    ]);
    const known = {
      checkpointKeys: [ours],
      attestationKeys: [attestationKeyOfPack],
      issuers: ["https://login.example/pool"],
    };
    expect(await said(whole, { known })).toEqual([
      "Taken from the pack itself, and worth as much as it: the identity provider's keys (as archived with each sign-off). Compare them with what you know.",
      "Told by the log of itself, in its entry 0: the applications that people sign in to (portal-client), the pages on which passkeys are made (https://sign.example). Whoever runs the service can have told it wrongly from the beginning: compare them with what you know.",
      witnesses,
      seen,
      signedInBy,
      byKey,
    ]);
    const jwks = JSON.parse(
      fromUtf8(documentOf(told.house, factOf(told.house, "sign-off", told.rejected), "jwks.json")),
    );
    expect(
      await said(whole, { known: { ...known, jwks, witnessKeys: [], audiences: ["portal-client"], origins: [] } }),
    ).toEqual([]);
  });
});

describe("the log alone", () => {
  const mode = "checkpoint";

  it("is looked at without a word on any promotion", async () => {
    const { holds, promotions, unchecked } = await verifiedPack(whole, { mode });
    expect(holds).toBe(true);
    expect(promotions).toEqual(
      [told.rejected, told.withdrawn, told.expired].map((promotion) => ({ promotion, outcome: "NOT CHECKED" })),
    );
    expect(unchecked.map(({ sentence }) => sentence)).toEqual([
      "Taken from the pack itself, and worth as much as it: the checkpoint key. Compare it with what you know.",
      "Whether others were shown the same log: no witness's key was given.",
      "No person's signature, no gate and no quorum was checked: this mode looks at the log only.",
    ]);
  });

  it("does not hold where a record of it was changed", async () => {
    const changed = resealed(whole, { [recordPath(4)]: utf8("{}") });
    expect((await verifiedPack(changed, { mode })).holds).toBe(false);
  });
});

describe("the age of a checkpoint", () => {
  it("is what is allowed, in seconds", async () => {
    const { log } = await verifiedPack(whole, { mode: "checkpoint" });
    if (log?.at === undefined) throw new Error("The checkpoint does not say when it was signed.");
    const { at } = log;
    const aged = (seconds: number) =>
      wrongWith(whole, { mode: "checkpoint", maxAgeSeconds: 60, now: addSeconds(at, seconds) });
    expect(await aged(60)).toEqual([]);
    expect(await aged(61)).toEqual([
      "checkpoint-too-old log/checkpoint: The checkpoint is 61 seconds old; 60 seconds are allowed. A newer one may say more.",
    ]);
  });

  it("is nobody's question where it could not be read", async () => {
    const broken = resealed(whole, { "log/checkpoint": utf8("no note\n") });
    const wrong = await wrongWith(broken, { mode: "checkpoint", maxAgeSeconds: 60 });
    expect(wrong.filter((each) => / log\/checkpoint: /.test(each))).toEqual([
      expect.stringMatching(/^checkpoint-rejected /),
    ]);
  });
});

describe("the manifest", () => {
  const differs = (sentence: string) => `manifest-differs manifest.json: The manifest ${sentence}`;

  it.each<[string, object, string]>([
    [
      "size",
      { log: { ...manifestOf(whole).log, size: 14 } },
      "says that the log has 14 entries; its checkpoint says 15.",
    ],
    [
      "root",
      { log: { ...manifestOf(whole).log, root: "0".repeat(64) } },
      "names another log, or another root, than the checkpoint.",
    ],
    ["records", { records: 14 }, "counts 14 records; there are 15."],
    ["records left out", { recordsLeftOut: 1 }, "miscounts the records that were left out."],
    [
      "records of the installation",
      { installationRecords: [] },
      "names other records of the installation than there are.",
    ],
    ["records of passkeys", { passkeyRecords: [3] }, "names other records of passkeys than there are."],
    ["records of delegations", { delegationRecords: [3] }, "names other records of delegations than there are."],
    ["promotions", { promotions: [told.rejected, told.expired] }, "names other promotions than the records."],
    [
      "promotions that are others",
      { promotions: [told.rejected, told.expired, told.lent] },
      "names other promotions than the records.",
    ],
    [
      "one promotion",
      { scope: { kind: "promotion", promotion: told.rejected } },
      "is about one promotion, and the pack is not.",
    ],
    [
      "what is personal",
      { personalRecordsLeftOut: [{ index: 4, type: "rejected", leafHash: "0".repeat(64) }] },
      "calls records personal that decisions rest on.",
    ],
  ])("says what the records say: %s", async (_, change, sentence) => {
    expect(await wrongWith(withManifest(whole, (manifest) => ({ ...manifest, ...change })))).toContain(
      differs(sentence),
    );
  });

  it.each([[[1]], [[2, 1]], [[1, 3]], [[1, 2, 3]]])("names the records of keys: not %j", async (keyRecords) => {
    expect(await wrongWith(withManifest(whole, (manifest) => ({ ...manifest, keyRecords })))).toContain(
      differs("names other records of keys than there are."),
    );
  });

  it("that cannot be read ends everything but the digests", async () => {
    const result = await verifiedPack(resealed(whole, { "manifest.json": utf8("{") }));
    expect(result).toEqual({
      mode: "full",
      holds: false,
      findings: [
        {
          code: "manifest-malformed",
          path: "manifest.json",
          sentence: expect.stringMatching(/^manifest\.json cannot be read: /),
        },
      ],
      promotions: [],
      unchecked: [],
    });
    const careless = new Map(whole).set("manifest.json", utf8("{"));
    expect(await wrongWith(careless)).toEqual([
      expect.stringMatching(/^file-changed manifest\.json: /),
      expect.stringMatching(/^manifest-malformed manifest\.json: /),
    ]);
  });
});

describe("a pack of a part", () => {
  it("holds, and says that the log may say more", async () => {
    const { holds, promotions } = await verifiedPack(part);
    expect([holds, promotions.map(({ promotion }) => promotion)]).toEqual([true, [told.rejected]]);
    expect(await said(part)).toEqual(
      expect.arrayContaining([
        "Whether the policies that judged were in force then: the whole log tells of every change of them.",
        "Whether the log holds more about these promotions than the pack, or about the installation, the keys, passkeys and delegations that they rest on, such as that one was revoked: the other records are here by their hash alone.",
      ]),
    );
  });

  it("without personal data says so, and what it is that nobody can tell", async () => {
    expect(await verifiedPack(nameless)).toMatchObject({ holds: true, withoutPersonalData: true });
    // No record was left out of it, so that it says nothing of those that were.
    for (const sentence of await said(nameless)) expect(sentence).not.toMatch(/by their hash alone/);
    expect(await said(nameless)).toContain(
      "Whether two accounts that signed are one person's: who is whom was left out (people.yaml, people.json and the addresses in the ID tokens).",
    );
    expect((await said(nameless)).join()).not.toContain("Whether people saw what they signed");
  });
});

describe("a pack of what came since a checkpoint", () => {
  it("holds, with that checkpoint", async () => {
    const result = await verifiedPack(since, { since: earlier });
    expect(result).toMatchObject({ holds: true, since: 7, scope: { kind: "since", size: 7 } });
    expect(result.promotions.map(({ promotion, outcome }) => [promotion, outcome])).toEqual([
      [told.rejected, "PASSED"],
      [told.withdrawn, "PASSED"],
      [told.expired, "PASSED"],
    ]);
    expect(await said(since, { since: earlier })).toContain(
      "What was recorded before entry 7, but for promotions of which something was recorded since, and those that were ever lent, drifted or left something to be told: it was taken as verified with the checkpoint that was given.",
    );
  });

  it("says what is missing without it", async () => {
    expect(await said(since)).toContain(
      "Whether entry 7 follows on what you have verified before: give the checkpoint of that time (--since).",
    );
  });

  it("and a whole pack are verified from there on alone", async () => {
    const { promotions, holds } = await verifiedPack(whole, { since: await hoursAfter(headOf(whole, 15)) });
    expect(holds).toBe(true);
    expect(promotions.map(({ outcome }) => outcome)).toEqual(["NOT CHECKED", "NOT CHECKED", "NOT CHECKED"]);
  });
});

describe("what a finding takes down", () => {
  const outcomes = async (files: Files) => (await verifiedPack(files)).promotions.map(({ outcome }) => outcome);

  it("is its own promotion", async () => {
    const report = `report/${told.withdrawn}.html`;
    expect(await outcomes(resealed(whole, { [report]: utf8("<p>") }))).toEqual(["PASSED", "FAILED", "PASSED"]);
  });

  it("is all of them where it is the log's", async () => {
    expect(await outcomes(resealed(whole, { "log/checkpoint": utf8("no note\n") }))).toEqual([
      "FAILED",
      "FAILED",
      "FAILED",
    ]);
  });

  it("is none of them where it is the container's", async () => {
    expect(await outcomes(new Map(whole).set("more.txt", utf8("more")))).toEqual(["PASSED", "PASSED", "PASSED"]);
  });

  it("is what a newer version made: it was not checked", async () => {
    const newer = withManifest(whole, (manifest) => ({ ...manifest, packVersion: 3 }));
    expect(await wrongWith(newer)).toEqual([
      "newer-version manifest.json: The pack is of version 3: it could not be checked, since a newer Countersign made it.",
    ]);
  });
});

describe("others who do parts of the work", () => {
  it("are dismissed, also where something cannot be read", async () => {
    let dismissed = 0;
    const helpers = () => ({
      inspect: async () => {
        throw new Error("gone");
      },
      dismiss: async () => {
        dismissed += 1;
      },
    });
    const options = verifyOptions({ policyOf, helpers });
    await expect(verifyPack(memorySource(whole), options)).rejects.toThrow("gone");
    expect(dismissed).toBe(1);
  });
});
