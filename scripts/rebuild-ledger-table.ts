import { readFileSync } from "node:fs";
import { DynamoDBClient, DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { Command } from "commander";
import { installationStore } from "../adapters/dynamodb/installation-store.ts";
import { sequencerStore } from "../adapters/dynamodb/sequencer-store.ts";
import { verifyEd25519 } from "../adapters/node-crypto/signatures.ts";
import { ledgerReader } from "../adapters/s3/ledger-reader.ts";
import { fileFailure } from "../cli/file-failure.ts";
import { readRecord } from "../core/archive/documents/read-record.ts";
import { sameJson } from "../core/encoding/canonical-json.ts";
import { Failure } from "../core/failure.ts";
import { parseVerifierKey } from "../core/ledger/note-key.ts";
import { rebuildTable } from "../core/ledger/rebuild-table.ts";
import type { Fact } from "../core/promotion/fact.ts";

const program = new Command("node scripts/rebuild-ledger-table.ts")
  .description(
    "Writes into LedgerTable what it lacks of the published log in LedgerBucket, after it was restored to an earlier time or lost (docs/runbook.md). Verifies the whole log first, and changes nothing where anything contradicts it.",
  )
  .requiredOption("--bucket <name>", "the ledger's bucket")
  .requiredOption("--table <name>", "the ledger's table")
  .requiredOption("--keys <file>", "the log's verifier keys, one a line, as keys/checkpoint.vkey of a pack has them")
  .allowExcessArguments(false)
  .parse();
const {
  bucket,
  table,
  keys: file,
} = program.opts<{
  readonly bucket: string;
  readonly table: string;
  readonly keys: string;
}>();

try {
  await main();
} catch (error) {
  const said = error instanceof Failure ? error.message : (fileFailure(error)?.message ?? ofAws(error));
  if (said === undefined) throw error;
  program.error(`error: ${said}`);
}

/** What AWS says to a wrong name, account or region, and to whoever may not. */
function ofAws(error: unknown): string | undefined {
  const look = "Are name, account and region the right ones, and may you?";
  if (error instanceof S3ServiceException) return `S3 answers ${error.name} of the bucket '${bucket}'. ${look}`;
  if (error instanceof DynamoDBServiceException)
    return `DynamoDB answers ${error.name} of the table '${table}'. ${look}`;
  if (!(error instanceof Error)) return undefined;
  // Where the shell has no settings: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
  return error.name === "CredentialsProviderError" || /^Region is missing/.test(error.message)
    ? `The AWS settings of this shell do not do: ${error.message}`
    : undefined;
}

async function main(): Promise<void> {
  const keys = readFileSync(file, "utf8").trim().split("\n").map(parseVerifierKey);
  const origin = keys[0]?.name ?? "";
  const reader = ledgerReader(new S3Client({}), bucket);
  const dynamodb = new DynamoDBClient({});
  const told = new Map<string, Fact>();
  const { before, size, markers } = await rebuildTable(
    { paths: ofTheLog(reader.list("")), read: reader.get },
    { trust: { origin, keys: keys.map(({ publicKey }) => publicKey) }, verify: verifyEd25519 },
    {
      store: sequencerStore(dynamodb, table),
      idOf: (entry) => {
        const { recordVersion: _, ...fact } = readRecord(entry);
        if (fact.type === "installation") told.set(fact.id, fact);
        return fact.id;
      },
    },
  );
  await restoreInstallation(dynamodb, [...told.values()]);
  console.log(
    `The table knew ${before} entries of the log, and knows all ${size} now; ${markers} markers were missing.`,
  );
}

/** The installation as the log tells it; what a deployment tells beyond it is its own to tell. */
async function restoreInstallation(dynamodb: DynamoDBClient, told: readonly Fact[]): Promise<void> {
  const store = installationStore(dynamodb, table);
  const known = await store.load();
  if (sameJson(known.slice(0, told.length), told)) return;
  if ((await store.replace(known, told)) === "lost")
    throw new Failure("conflict", "What is told of the installation was changed by somebody else: run it once more.");
}

/** Documents lie beside the log. */
async function* ofTheLog(paths: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const path of paths) if (!path.startsWith("blobs/")) yield path;
}
