import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { DeleteItemCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, it, onTestFinished } from "vitest";
import { installationStore } from "../../adapters/dynamodb/installation-store.ts";
import { sequencerStore } from "../../adapters/dynamodb/sequencer-store.ts";
import { ledgerObjects } from "../../adapters/s3/ledger-objects.ts";
import { verifierKeyText } from "../../core/archive/people/ledger-keys.ts";
import { installationFact } from "../../core/attestation/installation-record.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { noteKey } from "../../core/ledger/note-key.ts";
import { sequence } from "../../core/ledger/sequence.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import { startDynamoDb } from "../../local/dynamodb/dynamodb.ts";
import { startS3 } from "../../local/s3/s3.ts";
import { installation } from "../core/attestation/given-installation.ts";
import { testSigner } from "../core/ledger/ed25519.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { id, linkOpenedFact, now } from "../core/promotion/promotion-in-review.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../local/recorded-calls.ts";

const script = fileURLToPath(new URL("../../scripts/rebuild-ledger-table.ts", import.meta.url));
const table = "Ledger";
const bucket = "ledger";
const { signer } = MemoryLedger;

const told = installationFact(installation, 1, now);
const opened = linkOpenedFact();
const entryOf = (fact: Fact) => ({ id: fact.id, bytes: ledgerEntry(fact) });

/** A ledger of two facts in the stand-ins for S3 and DynamoDB, read by whoever has this key. */
async function ledger({ publicKey } = signer) {
  const directory = scratchDirectory();
  const log = new RecordedCalls();
  const s3 = await startS3({ directory: join(directory, "s3"), log });
  const dynamodb = await startDynamoDb({ directory: join(directory, "dynamodb"), log, scan: true });
  onTestFinished(async () => {
    await Promise.all([s3.close(), dynamodb.close()]);
  });
  s3.createBucket({ name: bucket, versioning: true });
  await dynamodb.createTable({
    TableName: table,
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    BillingMode: "PAY_PER_REQUEST",
  });
  const region = "us-east-1";
  const client = new DynamoDBClient({ endpoint: dynamodb.url, region, credentials });
  const objects = ledgerObjects(new S3Client({ endpoint: s3.url, region, credentials, forcePathStyle: true }), bucket);
  const store = sequencerStore(client, table);
  const ports = { ...new MemoryLedger().ports(), store, objects };
  await sequence([told, opened].map(entryOf), ports);
  const keys = join(directory, "checkpoint.vkey");
  writeFileSync(keys, verifierKeyText(noteKey(signer.origin, "ed25519", publicKey)));
  const run = async (over: { readonly bucket?: string; readonly table?: string; readonly keys?: string } = {}) => {
    const given = Object.entries({ bucket, table, keys, ...over }).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(process.execPath, [script, ...given], {
      env: {
        ...process.env,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL_S3: s3.url,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      },
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number]>,
    ]);
    return { status, stdout, stderr };
  };
  const lose = async () => {
    const { Items: items = [] } = await client.send(new ScanCommand({ TableName: table }));
    for (const { pk, sk } of items)
      await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: pk ?? { S: "" }, sk: sk ?? { S: "" } } }));
  };
  return { run, lose, ports, installations: installationStore(client, table) };
}

it("writes anew what a table knew that was lost, and the log goes on", async () => {
  const { run, lose, ports, installations } = await ledger();
  await lose();
  // Whoever appends may have begun to tell the installation anew meanwhile.
  await installations.add([], installationFact(installation, 1, addSeconds(now, 60)));
  expect(await run()).toEqual({
    status: 0,
    stdout: "The table knew 0 entries of the log, and knows all 2 now; 2 markers were missing.\n",
    stderr: "",
  });
  expect(await installations.load()).toEqual([told]);
  const next = { ...opened, id: `${id}/link-opened/2` };
  const { already, appended } = await sequence([told, opened, next].map(entryOf), ports);
  expect([already.map(({ index }) => index), appended.map(({ index }) => index)]).toEqual([[0, 1], [2]]);
  expect((await run()).stdout).toContain("The table knew 3 entries of the log, and knows all 3 now; 0 markers");
});

it("changes nothing where the log does not hold by the keys that are given", async () => {
  const { run, lose, ports, installations } = await ledger(testSigner(signer.origin, 9));
  await lose();
  const { status, stdout, stderr } = await run();
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^error: The log does not hold: .+\n$/);
  expect(await installations.load()).toEqual([]);
  expect(await ports.store.loadState()).toBeUndefined();
});

it("says which of the names it was given is none, without the code in which that was found", async () => {
  const { run } = await ledger();
  const look = "Are name, account and region the right ones, and may you?";
  const said = async (over: Parameters<typeof run>[0]) => {
    const { status, stderr } = await run(over);
    expect(status).toBe(1);
    return stderr;
  };
  expect(await said({ bucket: "another" })).toBe(`error: S3 answers NoSuchBucket of the bucket 'another'. ${look}\n`);
  expect(await said({ table: "Another" })).toBe(
    `error: DynamoDB answers ResourceNotFoundException of the table 'Another'. ${look}\n`,
  );
  expect(await said({ keys: "no/such.vkey" })).toBe("error: no/such.vkey cannot be used: it is not there (ENOENT).\n");
});
