import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { startSha256 } from "../adapters/node-crypto/running-sha256.ts";
import { readPolicyFolder } from "../adapters/policies/policy-folder.ts";
import { type LedgerReader, type PackSettings, writePack } from "../core/archive/export/write-pack.ts";
import { blobPath } from "../core/archive/pack/pack-layout.ts";
import { writeZip } from "../core/archive/zip/write-zip.ts";
import { type Envelope, openEnvelope, signEnvelope } from "../core/attestation/dsse.ts";
import { readToken } from "../core/attestation/id-token.ts";
import { blobsOf, envelopeDigest, type RecordedSignOff, signOffFact } from "../core/attestation/recorded-sign-off.ts";
import {
  challengeOf,
  type SignOffStatement,
  signOffId,
  statementBytes,
} from "../core/attestation/sign-off-statement.ts";
import { fromUtf8 } from "../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../core/encoding/canonical-json.ts";
import { type Instant, instantFromMs, msOfInstant } from "../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../core/encoding/sha256.ts";
import { sequence } from "../core/ledger/sequence.ts";
import { loadPolicies } from "../core/policy/load-policies.ts";
import type { Fact } from "../core/promotion/fact.ts";
import { ledgerEntry } from "../core/promotion/ledger-record.ts";
import { type PromotionId, promotionId } from "../core/promotion/promotion-id.ts";
import { House } from "../test/core/archive/house.ts";
import { member, salt } from "../test/core/archive/reviewers.ts";
import { MemoryLedger } from "../test/core/ledger/memory-ledger.ts";

/** A committee of eight, in two stages. */
const committee = `
matrixVersion: 1
roles:
  compliance-officer: { title: Compliance officer, groups: [compliance-officers], judges: [model, data] }
  lead-data-scientist: { title: Lead data scientist, groups: [lead-data-scientists], judges: [model, data] }
  sre: { title: Site reliability engineer, groups: [sre], judges: [infrastructure] }
rules:
  - modelType: credit-scoring
    target: production
    expiresAfter: 10d
    excludes: [requester, started-the-run, trained-the-model, wrote-the-code]
    stages:
      - name: compliance
        requires: { role: compliance-officer, count: 2 }
      - name: model and operations
        requires: { all: [{ role: lead-data-scientist, count: 3 }, { role: sre, count: 3 }] }
`;
const signers = [
  ...[1, 2].map((n) => member(`Officer${n}`, "compliance-officers")),
  ...[1, 2, 3].map((n) => member(`Scientist${n}`, "lead-data-scientists")),
  ...[1, 2, 3].map((n) => member(`Engineer${n}`, "sre")),
];
/** Sign-offs of one promotion in these packs. */
export const signOffsEach = signers.length;

/**
 * A service whose promotions are all signed by its committee, and deployed: 18 records, eight ID tokens, eight sign-offs
 * and a verdict each, all signed anew. Evidence, policy, requirements and key sets are those of the first: a pipeline
 * that submits a candidate again sends the same reports, and a pack holds each document once.
 */
export class BusyHouse {
  readonly log = new MemoryLedger();
  readonly #house: House;
  readonly #told: readonly Fact[];
  readonly #first: PromotionId;
  readonly #blobs: Map<Sha256, Uint8Array>;
  #attempts = 0;
  #pending: Fact[] = [];

  private constructor(house: House, first: PromotionId) {
    this.#house = house;
    this.#told = house.facts.filter(({ promotion }) => promotion !== undefined);
    // Every log begins with it.
    this.#pending = house.facts.filter(({ promotion }) => promotion === undefined);
    this.#first = first;
    this.#blobs = new Map(house.blobs);
  }

  /** Leads one promotion through the product's own functions; the others are made in its image. */
  static async open(): Promise<BusyHouse> {
    const { bundle } = readPolicyFolder(new URL("../policies/", import.meta.url));
    const policy = loadPolicies({ ...bundle, texts: { ...bundle.texts, "matrix.yaml": committee } });
    const house = new House(undefined, policy, signers);
    // All attempts are told as of one moment, and whoever comes through its gates takes the place of the one before it: each is
    // on its way to production before anybody could have taken its own.
    house.tick = 100;
    house.pass = () => {};
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    for (const who of signers.slice(0, 2)) await house.sign(id, who);
    await house.openStage(id);
    for (const who of signers.slice(2)) await house.sign(id, who);
    if ((await house.verify(id)) !== "passed") throw new Error("The committee did not decide.");
    await house.deploy(id);
    return new BusyHouse(house, id);
  }

  /** The same candidate, so many times again: each attempt signed anew by everybody. */
  async promote(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      this.#attempts += 1;
      for (const fact of await this.#attempt(this.#attempts)) this.#pending.push(fact);
      if (this.#pending.length >= 5_000) await this.#append();
    }
    await this.#append();
  }

  /** Gives the log so many entries before whatever else comes: the smallest records that there are. */
  async age(entries: number): Promise<void> {
    for (let made = 0; made < entries; made += 1) {
      const at = instantFromMs(this.log.now);
      this.#pending.push({ id: `export/old-${made}`, type: "export", at, summary: "", body: {}, attachments: [] });
      if (this.#pending.length >= 5_000) await this.#append();
    }
    await this.#append();
  }

  /** The pack of it all, as an export writes it. */
  async export(path: string, over: Partial<PackSettings> = {}): Promise<void> {
    const file = createWriteStream(path, { highWaterMark: 4 * 1024 * 1024 });
    const parts: Uint8Array[] = [];
    let waiting = 0;
    const flush = async () => {
      if (!file.write(Buffer.concat(parts))) await once(file, "drain");
      parts.length = 0;
      waiting = 0;
    };
    for await (const chunk of writeZip(writePack(this.#reader(), { ...this.#settings(), ...over }))) {
      parts.push(chunk);
      waiting += chunk.length;
      if (waiting > 4 * 1024 * 1024) await flush();
    }
    await flush();
    file.end();
    await once(file, "close");
  }

  get head(): Uint8Array {
    return this.log.alias?.bytes ?? new Uint8Array();
  }

  async #append(): Promise<void> {
    // No checkpoint is of before what it has, nor so long after it that its records would have come late.
    this.log.now = Math.max(this.log.now, msOfInstant(this.#pending.at(-1)?.at ?? instantFromMs(0))) + 1_000;
    const entries = this.#pending.map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) }));
    this.#pending = [];
    await sequence(entries, this.log.ports());
    // What the sequencer keeps for its own restarts is not needed here, and large.
    this.log.batches.clear();
    this.log.markers.clear();
  }

  /** The first promotion's story as another attempt's: other ids, and every signature made anew. */
  async #attempt(number: number): Promise<readonly Fact[]> {
    const { freezeDigest } = this.#house.promotions.stored(this.#first);
    const id = promotionId(freezeDigest, number);
    const renamed = new Map<string, string>([[this.#first, id]]);
    const inImage = <Value>(value: Value): Value =>
      JSON.parse(
        JSON.stringify(value).replaceAll(/p-[0-9a-f]{32}-\d+|[0-9a-f]{64}/g, (name) => renamed.get(name) ?? name),
      ) as Value;
    const facts: Fact[] = [];
    for (const fact of this.#told) {
      if (fact.type === "sign-off") {
        const old = this.#house.promotions
          .recordedSignOffs()
          .find(({ signOff }) => fact.id.endsWith(signOff.id)) as RecordedSignOff;
        const recorded = await this.#signedAgain(old, id);
        renamed.set(old.signOff.id, recorded.signOff.id);
        renamed.set(envelopeDigest(old.envelope), envelopeDigest(recorded.envelope));
        for (const { bytes } of blobsOf(recorded)) this.#blobs.set(sha256Hex(bytes), bytes);
        facts.push(signOffFact(recorded));
        continue;
      }
      if (fact.type === "verdict") {
        const [attachment] = fact.attachments;
        const old = JSON.parse(fromUtf8(this.#blobs.get(attachment?.sha256 as Sha256) ?? new Uint8Array())) as Envelope;
        const bytes = canonicalJsonBytes(await this.#sign(inImage(this.#payload(old))));
        renamed.set(attachment?.sha256 ?? "", sha256Hex(bytes));
        this.#blobs.set(sha256Hex(bytes), bytes);
      }
      facts.push(inImage(fact));
    }
    return facts;
  }

  async #signedAgain(old: RecordedSignOff, promotion: PromotionId): Promise<RecordedSignOff> {
    const before = this.#payload(old.envelope) as SignOffStatement;
    const statement: SignOffStatement = { ...before, predicate: { ...before.predicate, promotion, salt: salt() } };
    const who = signers.find(({ identity }) => identity.subject === old.signOff.reviewer.subject);
    if (who === undefined) throw new Error("Somebody else signed.");
    const at = instantFromMs(Number(readToken(old.idToken).claims["auth_time"]) * 1000);
    return {
      ...old,
      signOff: { ...old.signOff, id: signOffId(statement), promotion },
      envelope: await this.#sign(statement),
      idToken: this.#house.provider.token(who, challengeOf(statement), at),
    };
  }

  #payload(envelope: Envelope): unknown {
    return JSON.parse(fromUtf8(openEnvelope(envelope, [this.#house.attestation.key], () => true)));
  }

  async #sign(statement: unknown): Promise<Envelope> {
    const { key, sign } = this.#house.attestation;
    return await signEnvelope(statementBytes(statement as SignOffStatement), key.keyid, sign);
  }

  #reader(): LedgerReader {
    const { log } = this;
    const blobs = this.#blobs;
    const blobAt = (path: string) => blobs.get(path.slice(blobPath("" as Sha256).length) as Sha256);
    return {
      get: async (path) =>
        path === "checkpoint" ? log.alias?.bytes : path.startsWith("blobs/") ? blobAt(path) : log.objects.get(path),
      list: async function* (prefix) {
        for (const path of log.objects.keys()) if (path.startsWith(prefix)) yield path;
      },
    };
  }

  #settings(): PackSettings {
    return {
      now: "2026-11-24T00:00:00.000Z" as Instant,
      scope: { kind: "everything" },
      logOrigin: MemoryLedger.signer.origin,
      attestationKeys: [this.#house.attestation.key],
      checkpointKeys: [MemoryLedger.signer.publicKey],
      startSha256,
    };
  }
}
