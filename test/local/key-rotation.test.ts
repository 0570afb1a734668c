import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestationSigner, checkpointSigner } from "../../adapters/kms/signer.ts";
import { type PackSettings, writePack } from "../../core/archive/export/write-pack.ts";
import { readPublicKeys } from "../../core/archive/pack/pack-keys.ts";
import type { VerifyPackOptions } from "../../core/archive/pack-verification.ts";
import { verifierKeyText } from "../../core/archive/people/ledger-keys.ts";
import { keyGeneration } from "../../core/attestation/key-record.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { sha256Bytes } from "../../core/encoding/sha256.ts";
import type { CheckpointSigner } from "../../core/ledger/checkpoint.ts";
import { noteKey } from "../../core/ledger/note-key.ts";
import { republishCheckpoint, sequence } from "../../core/ledger/sequence.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { keyEndInLog, untilItEnds } from "../../functions/keys/checkpoint-signer.ts";
import { publishKeys } from "../../functions/schedules/publish-keys/handler.ts";
import { startKms } from "../../local/kms/kms.ts";
import { attestationBase, cora, dana, House, sam } from "../core/archive/house.ts";
import { collected, type Files, ledgerOf, resealed, settingsOf, verified } from "../core/archive/pack-fixture.ts";
import { attestationKey } from "../core/archive/reviewers.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { credentials, RecordedCalls } from "./recorded-calls.ts";

const origin = "countersign.example/ledger";

const closers: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

/** The service with keys of the local KMS, over as many generations as were made. */
async function open() {
  const directory = mkdtempSync(join(tmpdir(), "countersign-rotation-"));
  const local = await startKms({ directory, log: new RecordedCalls() });
  const kms = new KMSClient({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
  closers.push(
    () => kms.destroy(),
    () => local.close(),
    () => rmSync(directory, { recursive: true, force: true }),
  );
  const attestations: {
    key: Awaited<ReturnType<typeof attestationOf>>;
    sign: (digest: Uint8Array) => Promise<Uint8Array>;
  }[] = [];
  const checkpoints: CheckpointSigner[] = [];
  const attestationOf = async (arn: string) => attestationSigner(kms, arn).verifyingKey();

  const make = async (generation: number) => {
    const suffix = generation === 1 ? "" : String(generation);
    const made = (logicalId: string, keySpec: string) =>
      local.createKey({ logicalId: `${logicalId}${suffix}`, keySpec, keyUsage: "SIGN_VERIFY" }).arn;
    const attestation = made("AttestationKey", "ECC_NIST_P256");
    attestations.push({ key: await attestationOf(attestation), sign: attestationSigner(kms, attestation).sign });
    const checkpoint = checkpointSigner(kms, made("CheckpointKey", "ECC_NIST_EDWARDS25519"));
    checkpoints.push({ origin, publicKey: await checkpoint.publicKey(), sign: checkpoint.sign });
  };
  await make(1);
  const [first] = attestations;
  const [log] = checkpoints;
  if (first === undefined || log === undefined) throw new Error("no key");
  const house = new House(first, undefined, undefined, log);

  /** What the schedule does after a deployment with these keys. */
  const publish = async (inUse: number) => {
    const sign = attestations[inUse - 1]?.sign ?? first.sign;
    const answer = await publishKeys({
      now: house.now,
      log: () => undefined,
      attestationBase,
      facts: house.promotions,
      roles: [
        {
          role: "attestation",
          inUse,
          generations: async () => attestations.map(({ key }, at) => keyGeneration("attestation", at + 1, key.pem)),
          sign: (message) => sign(sha256Bytes(message)),
        },
        {
          role: "checkpoint",
          inUse,
          generations: async () =>
            checkpoints.map(({ publicKey }, at) =>
              keyGeneration("checkpoint", at + 1, verifierKeyText(noteKey(origin, "ed25519", publicKey))),
            ),
          sign: (message) => (checkpoints[inUse - 1] as CheckpointSigner).sign(message),
        },
      ],
    })();
    await house.tellOfKeys();
    return answer;
  };
  return { house, attestations, checkpoints, make, publish };
}

async function reviewed(house: House): Promise<PromotionId> {
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  return id;
}

interface Story {
  /** Exported before the rotation, and after it. */
  readonly before: Files;
  readonly after: Files;
  readonly facts: readonly Fact[];
  /** What an export makes of a ledger with these facts; from entry `signedFrom` on the second key signs it. */
  readonly pack: (facts: readonly Fact[], over?: Partial<PackSettings>, signedFrom?: number) => Promise<Files>;
  readonly first: VerifyPackOptions["known"];
  readonly second: VerifyPackOptions["known"];
  readonly newest: PromotionId;
  readonly rotatedAt: number;
}

// Signed, rotated, signed again: the one story that all of these look at.
let story: Story;
beforeAll(async () => {
  story = await rotate();
}, 60_000);

async function rotate(): Promise<Story> {
  const { house, attestations, checkpoints, make, publish } = await open();
  let rotatedAt = Number.POSITIVE_INFINITY;
  const pack: Story["pack"] = async (facts, over = {}, signedFrom = rotatedAt) => {
    const signerOf = (lastIndex: number) => checkpoints[lastIndex >= signedFrom ? 1 : 0] as CheckpointSigner;
    const { reader } = await ledgerOf(facts, house.blobs, signerOf);
    const stories = { house, deployed: newest, rejected: newest, blocked: newest };
    const settings = settingsOf(stories, {
      attestationKeys: attestations.map(({ key }) => key).toReversed(),
      checkpointKeys: checkpoints.map(({ publicKey }) => publicKey).toReversed(),
      ...over,
    });
    const files = new Map<string, Uint8Array>();
    for await (const { name, content } of writePack(reader, settings)) {
      files.set(name, content instanceof Uint8Array ? content : await collected(content));
    }
    return files;
  };
  await publish(1);
  let newest = await reviewed(house);
  const before = await pack([...house.facts]);

  await make(2);
  const second = attestations[1];
  if (second === undefined) throw new Error("no second key");
  house.hold(second.key);
  expect((await publish(1)).keys.map(({ role, generation, inUse }) => [role, generation, inUse])).toEqual([
    ["attestation", 1, true],
    ["attestation", 2, false],
    ["checkpoint", 1, true],
    ["checkpoint", 2, false],
  ]);
  house.attestation = second;
  // Whatever is recorded from here on, that the first keys are retired too, is signed for by the second.
  rotatedAt = house.facts.length;
  await publish(2);
  house.pass(7200);
  newest = await reviewed(house);

  const known = (at: number): VerifyPackOptions["known"] => ({
    attestationKeys: readPublicKeys(attestations[at]?.key.pem ?? ""),
    checkpointKeys: [noteKey(origin, "ed25519", checkpoints[at]?.publicKey ?? new Uint8Array())],
  });
  const facts = [...house.facts];
  return { before, after: await pack(facts), facts, pack, first: known(0), second: known(1), newest, rotatedAt };
}

async function codes(files: Files, known: VerifyPackOptions["known"] = {}): Promise<readonly string[]> {
  const { findings } = await verified(files, { known });
  return [...new Set(findings.map(({ code }) => code))].toSorted();
}

const keyFact = (id: string) => story.facts.find((fact) => fact.id === `installation/key/${id}`) as Fact;

/** The facts with one of them changed, or taken out. */
const changed = (wanted: Fact, change: (fact: Fact) => readonly Fact[]) =>
  story.facts.flatMap((fact) => (fact === wanted ? change(fact) : [fact]));

it("keeps no head by a checkpoint key that has ended, which a deployment that rolled back put in use again", async () => {
  const { house, checkpoints, make, publish } = await open();
  const [first] = checkpoints;
  if (first === undefined) throw new Error("no key");
  await publish(1);
  await make(2);
  await publish(1);
  await publish(2);
  const ledger = new MemoryLedger();
  const keyFacts = () => house.promotions.keyFacts();
  const heads = () => [...ledger.objects.keys()].filter((path) => path.startsWith("checkpoints/"));
  const entries = house.facts.map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) }));
  const ports = { ...ledger.ports(), signer: first, clock: house.now };
  await sequence(entries, ports);
  const kept = heads();
  house.pass(7200);
  // What the archive appended, and could not sign any more, is left for whoever may.
  const archives = { ...ports, signer: { ...first, sign: untilItEnds(first.sign, 1, { now: house.now, keyFacts }) } };
  const next = [{ id: "next", bytes: new Uint8Array(4) }];
  await expect(sequence(next, archives)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("The checkpoint key 1 is in use and has ended"),
  });
  const keyHasEnded = keyEndInLog({ ids: ["key-1", "key-2"], inUse: 1 }, ports.store);
  expect(await republishCheckpoint({ ...ports, keyHasEnded })).toEqual({ size: entries.length, signedAgain: false });
  expect(heads()).toEqual(kept);
  const [, second] = checkpoints;
  if (second === undefined) throw new Error("no second key");
  const again = keyEndInLog({ ids: ["key-1", "key-2"], inUse: 2 }, ports.store);
  expect(await republishCheckpoint({ ...ports, signer: second, keyHasEnded: again })).toMatchObject({
    size: entries.length + 1,
  });
  expect(heads()).toEqual([...kept, `checkpoints/${entries.length + 1}`]);
});

describe("after a rotation", () => {
  it("what both keys signed holds, for somebody who knows nothing beforehand", async () => {
    const result = await verified(story.after);
    expect(result.findings).toEqual([]);
    expect(result.promotions.map(({ outcome }) => outcome)).toEqual(["PASSED", "PASSED"]);
  });

  it("it holds for somebody who knows the first keys alone: each new one is vouched for by the one before", async () => {
    expect(await codes(story.after, story.first)).toEqual([]);
  });

  it("it holds for somebody who knows the newest keys alone: they vouch for those that they replaced", async () => {
    expect(await codes(story.after, story.second)).toEqual([]);
  });

  it("the pack of before still holds", async () => {
    expect(await codes(story.before, story.first)).toEqual([]);
  });

  it("a pack of one promotion brings the records of the keys, each with its proof", async () => {
    const files = await story.pack(story.facts, { scope: { kind: "promotion", promotion: story.newest } });
    expect(await codes(files, story.first)).toEqual([]);
    expect(JSON.parse(fromUtf8(files.get("manifest.json") ?? new Uint8Array())).keyRecords).toHaveLength(6);
  });

  it("nothing holds for somebody who knows other keys", async () => {
    const known = { ...story.first, attestationKeys: [attestationKey().key] };
    expect(await codes(story.after, known)).toContain("key-foreign");
  });
});

describe("a key that nobody can follow is found", () => {
  it("where the one before it did not sign for it", async () => {
    const facts = changed(keyFact("attestation/2/published"), (fact) => [
      { ...fact, body: { ...fact.body, voucher: null } },
    ]);
    expect(await codes(await story.pack(facts))).toContain("key-record-invalid");
  });

  it("where the ledger never published it: the pack alone brings it", async () => {
    const without = story.facts.filter(({ id }) => !/\/attestation\/(2|1\/retired)/.test(id));
    const [name] = [...story.after.keys()].filter((each) => /^keys\/attestation-[0-9a-f]{64}\.pem$/.test(each));
    // An export brings none that the log did not publish: whoever makes the pack puts it in.
    const own = Object.fromEntries(
      [...story.after].filter(([each]) => each === name || each === "keys/attestation.pem"),
    );
    const result = await verified(resealed(await story.pack(without), own));
    expect(result.findings).toContainEqual(expect.objectContaining({ code: "key-unpublished" }));
    expect(result.promotions.map(({ outcome }) => outcome)).toEqual(["PASSED", "FAILED"]);
  });

  it("where it signed before it was published", async () => {
    const late = keyFact("attestation/2/published");
    const retired = keyFact("attestation/1/retired");
    const facts = [...story.facts.filter((fact) => fact !== late && fact !== retired), late, retired];
    const { findings } = await verified(await story.pack(facts));
    expect(findings).toContainEqual(
      expect.objectContaining({ code: "sign-off-invalid", sentence: expect.stringContaining("was not published yet") }),
    );
  });

  it("where the log goes on with a key that was retired", async () => {
    const files = await story.pack(story.facts, {}, Number.POSITIVE_INFINITY);
    expect((await verified(files)).findings).toContainEqual(
      expect.objectContaining({
        code: "key-not-in-force",
        sentence: expect.stringMatching(/the checkpoint key 1, which was retired/),
      }),
    );
  });

  it.each([
    [
      "retired by then, although the newest is not",
      Number.POSITIVE_INFINITY,
      /the checkpoint key 1, which was retired/,
    ],
    ["not published yet", 0, /the checkpoint key 2, which was not published yet/],
  ])("where one signed an earlier head of the log and was %s", async (_, signedFrom, sentence) => {
    // The newest head is signed as it should be: what was kept before it tells.
    const files = await story.pack(story.facts, {}, Math.min(signedFrom, story.facts.length - 1));
    const { findings } = await verified(files);
    expect(findings[0]).toMatchObject({
      code: "kept-checkpoint-rejected",
      path: expect.stringMatching(/^log\/checkpoints\//),
      sentence: expect.stringMatching(sentence),
    });
    expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(["kept-checkpoint-rejected"]));
  });

  it("where the manifest keeps quiet about the records of keys", async () => {
    const manifest = JSON.parse(fromUtf8(story.after.get("manifest.json") ?? new Uint8Array()));
    const files = resealed(story.after, { "manifest.json": canonicalJsonBytes({ ...manifest, keyRecords: [] }) });
    expect(await codes(files)).toContain("manifest-differs");
  });
});

it("a log whose keys nobody recorded is refused: each tells of them from its beginning", async () => {
  const facts = story.facts.slice(0, story.rotatedAt).filter(({ type }) => type !== "key");
  const result = await verified(await story.pack(facts, { attestationKeys: story.first.attestationKeys ?? [] }));
  expect(result.findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
    "key-unpublished: The ledger does not name its checkpoint keys, which it does from its beginning.",
    "key-unpublished: The ledger does not name its attestation keys, which it does from its beginning.",
  ]);
});
