import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { sequencerStore } from "../adapters/dynamodb/sequencer-store.ts";
import { ledgerObjects } from "../adapters/s3/ledger-objects.ts";
import { utf8 } from "../core/encoding/bytes.ts";
import { instantFromMs } from "../core/encoding/instant.ts";
import { type NewEntry, sequence } from "../core/ledger/sequence.ts";
import type { SequencerPorts } from "../core/ledger/sequencer-ports.ts";
import { startDynamoDb } from "../local/dynamodb/dynamodb.ts";
import { startS3 } from "../local/s3/s3.ts";
import type { Figure } from "./figure.ts";

/** As long as a usual record. */
const recordBytes = 900;
/** What one run of `archive` is given: on a quiet day, by a stream that is never empty, and to make up for an outage. */
const loads = {
  quiet: { runs: 20, records: 100 },
  full: { runs: 5, records: 1000 },
  backlog: { runs: 1, records: 5120 },
} as const;
const table = {
  TableName: "ledger",
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
  ],
  BillingMode: "PAY_PER_REQUEST",
};

/**
 * `append`: the sequencer with the adapters of `archive`, against the stand-ins for S3 and DynamoDB over HTTP. The
 * checkpoints are signed in this process, not by the stand-in for KMS.
 */
export async function appendBench(): Promise<readonly Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  let puts = 0;
  const s3 = await startS3({
    directory: join(directory, "s3"),
    log: {
      record: ({ action }) => {
        if (action === "s3:PutObject") puts += 1;
      },
    },
  });
  const dynamodb = await startDynamoDb({
    directory: join(directory, "dynamodb"),
    log: { record: () => undefined },
  });
  s3.createBucket({ name: "ledger", versioning: true });
  await dynamodb.createTable(table);
  const shared = { region: "us-east-1", credentials: { accessKeyId: "BENCH", secretAccessKey: "unused" } };
  const objects = new S3Client({ ...shared, endpoint: s3.url, forcePathStyle: true });
  const items = new DynamoDBClient({ ...shared, endpoint: dynamodb.url });
  const ports: SequencerPorts = {
    store: sequencerStore(items, "ledger"),
    objects: ledgerObjects(objects, "ledger"),
    signer: benchSigner(),
    clock: () => instantFromMs(Date.now()),
  };
  try {
    await sequence(records("warm-up", 200), ports);
    const measured = async (load: keyof typeof loads): Promise<Measured> => {
      const { runs, records: each } = loads[load];
      const given = Array.from({ length: runs }, (_, run) => records(`${load}-${run}`, each));
      puts = 0;
      const began = performance.now();
      for (const entries of given) await sequence(entries, ports);
      return { seconds: (performance.now() - began) / 1000, records: runs * each, puts };
    };
    const quiet = await measured("quiet");
    const full = await measured("full");
    const backlog = await measured("backlog");
    return [
      rate(`records in runs of ${loads.quiet.records}`, quiet),
      rate(`records in runs of ${loads.full.records}, what the stream gives under load`, full),
      rate(`a backlog of ${loads.backlog.records} in one run`, backlog),
      putsPerRecord(`PUTs per record in runs of ${loads.full.records}`, full),
      putsPerRecord("PUTs per record of a backlog", backlog),
    ];
  } finally {
    objects.destroy();
    items.destroy();
    await s3.close();
    await dynamodb.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Measured {
  readonly seconds: number;
  readonly records: number;
  readonly puts: number;
}

function rate(metric: string, { seconds, records: count }: Measured): Figure {
  const ours = count / seconds;
  return {
    name: "append",
    metric,
    unit: "records/s",
    ours,
    reference: 500,
    referenceName: "limit",
    ratio: ours / 500,
    goal: "ours at least 500 records/s",
    met: ours >= 500,
  };
}

function putsPerRecord(metric: string, { puts, records: count }: Measured): Figure {
  const ours = puts / count;
  return {
    name: "append",
    metric,
    unit: "PUTs/record",
    ours,
    reference: 1 / 50,
    referenceName: "limit",
    ratio: ours * 50,
    goal: "ours at most 0.02",
    met: ours <= 1 / 50,
  };
}

function records(run: string, count: number): readonly NewEntry[] {
  return Array.from({ length: count }, (_, number) => {
    const id = `${run}/${number}`;
    return { id, bytes: utf8(JSON.stringify({ id, filler: "x".repeat(recordBytes - id.length - 20) })) };
  });
}

function benchSigner(): SequencerPorts["signer"] {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    origin: "bench.example/ledger",
    publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32)),
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}
