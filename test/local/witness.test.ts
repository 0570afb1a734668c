import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { witnessedHeads } from "../../adapters/dynamodb/witnessed-heads.ts";
import { checkpointSigner } from "../../adapters/kms/signer.ts";
import { verifyEd25519 } from "../../adapters/node-crypto/signatures.ts";
import { blobStore } from "../../adapters/s3/blobs.ts";
import { ledgerObjects } from "../../adapters/s3/ledger-objects.ts";
import { ledgerReader } from "../../adapters/s3/ledger-reader.ts";
import { checkpointSender } from "../../adapters/witness/send-checkpoint.ts";
import { writePack } from "../../core/archive/export/write-pack.ts";
import { instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";
import { parseCheckpoint } from "../../core/ledger/checkpoint.ts";
import { cosignPublished, type Witness } from "../../core/ledger/cosign.ts";
import { cosignatureTime, type NoteKey, noteKey } from "../../core/ledger/note-key.ts";
import { republishCheckpoint, sequence } from "../../core/ledger/sequence.ts";
import type { SequencerPorts } from "../../core/ledger/sequencer-ports.ts";
import { addCheckpoint as witness } from "../../core/ledger/witness.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import { addCheckpoint } from "../../functions/api/add-checkpoint/handler.ts";
import { answering } from "../../functions/api/http.ts";
import { cosignCheckpoint } from "../../functions/schedules/cosign-checkpoint/handler.ts";
import { startDynamoDb } from "../../local/dynamodb/dynamodb.ts";
import { startKms } from "../../local/kms/kms.ts";
import { listenOnLoopback, readBody } from "../../local/loopback-server.ts";
import { startS3 } from "../../local/s3/s3.ts";
import {
  collected,
  type Files,
  type Recorded,
  recordStories,
  settingsOf,
  verified,
} from "../core/archive/pack-fixture.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { credentials, RecordedCalls } from "./recorded-calls.ts";

const closers: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

/** A log in the local S3, as the sequencer writes it. */
class LocalLog {
  readonly ports: SequencerPorts;
  readonly memory = new MemoryLedger();
  readonly bucket: string;
  readonly s3: S3Client;

  constructor(s3: S3Client, bucket: string) {
    this.s3 = s3;
    this.bucket = bucket;
    this.ports = { ...this.memory.ports(), objects: ledgerObjects(s3, bucket) };
  }

  async append(facts: readonly Fact[]): Promise<void> {
    // No checkpoint is of before what it has.
    const latest = Math.max(...facts.map(({ at }) => msOfInstant(at)));
    this.memory.now = Math.max(this.memory.now, latest) + 60_000;
    await sequence(
      facts.map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) })),
      this.ports,
    );
  }

  async cosign(...witnesses: readonly Witness[]) {
    return await cosignPublished({
      objects: this.ports.objects,
      witnesses,
      verify: verifyEd25519,
      clock: () => instantFromMs(this.memory.now),
    });
  }

  async signers(): Promise<readonly string[]> {
    const alias = await this.ports.objects.getAlias("checkpoint");
    return parseCheckpoint(alias?.bytes ?? new Uint8Array()).note.signatures.map(({ name }) => name);
  }

  async pack(recorded: Recorded): Promise<Files> {
    const files = new Map<string, Uint8Array>();
    for await (const { name, content } of writePack(ledgerReader(this.s3, this.bucket), settingsOf(recorded))) {
      files.set(name, content instanceof Uint8Array ? content : await collected(content));
    }
    return files;
  }
}

let recorded: Recorded;
let s3: S3Client;
let log: LocalLog;
let key: NoteKey;
let reached: Witness;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-witness-"));
  closers.push(() => rmSync(directory, { recursive: true, force: true }));
  const calls = new RecordedCalls();
  const started = async <Service extends { close(): Promise<void> }>(service: Promise<Service>): Promise<Service> => {
    const running = await service;
    closers.push(() => running.close());
    return running;
  };
  const storage = await started(startS3({ directory: join(directory, "s3"), log: calls }));
  const kms = await started(startKms({ directory: join(directory, "kms"), log: calls }));
  const dynamodb = await started(startDynamoDb({ directory: join(directory, "dynamodb"), log: calls }));
  const common = { region: "us-east-1", credentials, maxAttempts: 1 };
  s3 = new S3Client({ ...common, endpoint: storage.url, forcePathStyle: true });
  for (const name of ["ledger", "fork"]) storage.createBucket({ name, versioning: true });
  await dynamodb.createTable({
    TableName: "heads",
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  const arn = kms.createKey({ logicalId: "WitnessKey", keySpec: "ECC_NIST_EDWARDS25519", keyUsage: "SIGN_VERIFY" }).arn;
  const signer = checkpointSigner(new KMSClient({ ...common, endpoint: kms.url }), arn);
  key = noteKey("witness.example/w1", "cosignature/v1", await signer.publicKey());
  const heads = witnessedHeads(new DynamoDBClient({ ...common, endpoint: dynamodb.url }), "heads");

  const { origin, publicKey } = MemoryLedger.signer;
  const handler = answering(
    addCheckpoint({
      log: () => undefined,
      witness: (body) =>
        witness(body, {
          logs: new Map([[origin, [publicKey]]]),
          heads,
          key,
          sign: signer.sign,
          verify: verifyEd25519,
          clock: () => instantFromMs(log.memory.now),
        }),
    }),
    () => undefined,
  );
  const server = await started(
    listenOnLoopback(async (incoming, response) => {
      const body = await readBody(incoming, 100_000);
      const event = { httpMethod: incoming.method, resource: incoming.url, body: body?.toString("utf8") ?? "" };
      const answer = await handler({ ...event, requestContext: { requestId: "r" } } as APIGatewayProxyEvent);
      response.writeHead(answer.statusCode, answer.headers as Record<string, string>).end(answer.body);
    }),
  );
  reached = { key, send: checkpointSender(server.url) };

  recorded = await recordStories();
  const blobs = blobStore(s3, "ledger", { days: 3653, now: () => instantFromMs(Date.now()) });
  for (const bytes of recorded.house.blobs.values()) await blobs.put(bytes, "application/json");
  log = new LocalLog(s3, "ledger");
}, 60_000);

describe("a log and its witness", () => {
  it("a checkpoint that nobody has cosigned is found wanting by whoever asks for the witness", async () => {
    await log.append(recorded.house.facts.slice(0, 9));
    const { findings } = await verified(await log.pack(recorded), {
      mode: "checkpoint",
      known: { witnessKeys: [key] },
    });
    expect(findings).toEqual([
      expect.objectContaining({
        code: "checkpoint-not-witnessed",
        sentence: expect.stringContaining(`The witness witness.example/w1+${key.keyId} has not cosigned`),
      }),
    ]);
  });

  it("the published checkpoint is shown to the witness and carries its cosignature from then on", async () => {
    expect(await log.cosign(reached)).toEqual([{ witness: "witness.example/w1", outcome: "cosigned" }]);
    expect(await log.cosign(reached)).toEqual([{ witness: "witness.example/w1", outcome: "cosigned-before" }]);
    expect(await log.signers()).toEqual([MemoryLedger.signer.origin, MemoryLedger.signer.origin, "witness.example/w1"]);
  });

  it("the same tree, signed again, keeps its cosignature until it is cosigned again", async () => {
    const cosignedAt = async (): Promise<readonly number[]> => {
      const alias = await log.ports.objects.getAlias("checkpoint");
      const { signatures } = parseCheckpoint(alias?.bytes ?? new Uint8Array()).note;
      return signatures.flatMap(({ name, signature }) =>
        name === "witness.example/w1" ? [cosignatureTime(signature) ?? 0] : [],
      );
    };
    const [before = 0] = await cosignedAt();
    log.memory.now += 600_000;
    await republishCheckpoint(log.ports);
    expect(await cosignedAt()).toEqual([before]);
    expect(await log.cosign(reached)).toMatchObject([{ outcome: "cosigned" }]);
    expect(await cosignedAt()).toEqual([before + 600]);
  });

  it("a larger tree is cosigned by its proof from the tiles, and its pack holds for who knows the witness", async () => {
    await log.append(recorded.house.facts.slice(9));
    expect(await log.cosign(reached)).toMatchObject([{ outcome: "cosigned" }]);
    const result = await verified(await log.pack(recorded), { known: { witnessKeys: [key] } });
    expect(result.findings).toEqual([]);
    expect(result.log?.witnesses).toEqual([
      { key: `witness.example/w1+${key.keyId}`, at: instantFromMs(log.memory.now) },
    ]);
  });

  it("two who show the same checkpoint at once get one head", async () => {
    log.memory.now += 600_000;
    await republishCheckpoint(log.ports);
    const [first, second] = await Promise.all([log.cosign(reached), log.cosign(reached)]);
    expect([...first, ...second].map(({ outcome }) => outcome)).toContain("cosigned");
    expect(await log.signers()).toContain("witness.example/w1");
  });
});

describe("the witness", () => {
  it("refuses a fork of the log, and the function that asked fails with the code of a fork", async () => {
    const fork = new LocalLog(s3, "fork");
    const told = recorded.house.facts.map((fact, at) => (at === 3 ? { ...fact, summary: "It was otherwise." } : fact));
    await fork.append([...told, { ...(told[0] as Fact), id: "one-more" }]);
    const lines: unknown[] = [];
    const ring = cosignCheckpoint({
      log: (_, message, fields) => void lines.push({ message, ...fields }),
      cosign: () => fork.cosign(reached),
    });
    await expect(ring()).rejects.toThrow("1 of 1 witnesses did not cosign.");
    const why = "It answered 422.";
    expect(lines).toEqual([
      { message: "asked a witness", witness: "witness.example/w1", outcome: "refused", why, code: "ledger-fork" },
    ]);
    expect(await fork.signers()).not.toContain("witness.example/w1");
  });

  it("that has seen more than the log has published is told of, too", async () => {
    const fork = new LocalLog(s3, "fork");
    const shorter = { ...fork.ports.objects, getAlias: async () => ({ bytes: await short(), version: "1" }) };
    const outcome = await cosignPublished({
      objects: shorter,
      witnesses: [reached],
      verify: verifyEd25519,
      clock: () => instantFromMs(log.memory.now),
    });
    expect(outcome).toMatchObject([
      { outcome: "refused", why: expect.stringContaining("and the log has published 3") },
    ]);
  });

  it("that is down is named, and the log goes on", async () => {
    const down = {
      key: noteKey("witness.example/w2", "cosignature/v1", key.publicKey),
      send: checkpointSender("http://127.0.0.1:1"),
    };
    const outcomes = await log.cosign(down, reached);
    expect(outcomes.map(({ witness: name, outcome }) => [name, outcome])).toEqual([
      ["witness.example/w2", "silent"],
      ["witness.example/w1", "cosigned-before"],
    ]);
    await log.append([{ ...(recorded.house.facts[0] as Fact), id: "after" }]);
  });
});

/** The head of a log of three entries. */
async function short(): Promise<Uint8Array> {
  const small = new MemoryLedger();
  const facts = recorded.house.facts.slice(0, 3);
  await sequence(
    facts.map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) })),
    small.ports(),
  );
  return small.alias?.bytes ?? new Uint8Array();
}
