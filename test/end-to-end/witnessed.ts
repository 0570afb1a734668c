import { KMSClient } from "@aws-sdk/client-kms";
import { checkpointSigner } from "../../adapters/kms/signer.ts";
import { ledgerObjects } from "../../adapters/s3/ledger-objects.ts";
import { logPath } from "../../core/archive/pack/pack-layout.ts";
import { readWhole } from "../../core/archive/zip/pack-source.ts";
import { openZip } from "../../core/archive/zip/read-zip.ts";
import { fromBase64 } from "../../core/encoding/base64.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { parseCheckpoint, signCheckpoint } from "../../core/ledger/checkpoint.ts";
import { formatVerifierKey, noteKey } from "../../core/ledger/note-key.ts";
import { checkpointPath } from "../../core/ledger/tiles.ts";
import { formatAddCheckpoint } from "../../core/ledger/witness-request.ts";
import { outputOf } from "../../examples/credit-scoring/demo/pipeline.ts";
import type { RunningStack } from "../../local/stack.ts";
import { Operator } from "./operator.ts";

const aws = { region: "us-east-1", credentials: { accessKeyId: "OPERATOR", secretAccessKey: "unused" } };

/** The verifier key of a service's log, as its operator would give it to a witness's. */
export async function logKey({ addresses }: RunningStack): Promise<string> {
  const { logOrigin, keys } = (await (await fetch(`${addresses.portal}/v1/service`)).json()) as {
    readonly logOrigin: string;
    readonly keys: { readonly checkpoint: { readonly ed25519: string } };
  };
  return formatVerifierKey(noteKey(logOrigin, "ed25519", fromBase64(keys.checkpoint.ed25519)));
}

/** Who has signed the published checkpoint. */
export async function signers(stack: RunningStack): Promise<readonly string[]> {
  return (await published(stack)).note.signatures.map(({ name }) => name);
}

/** Who has signed the checkpoint of a pack. */
export async function signersIn(pack: Uint8Array): Promise<readonly string[]> {
  const zip = await openZip({ size: pack.length, read: async (at, length) => pack.subarray(at, at + length) });
  if (zip.kind === "refused") throw new Error(zip.sentence);
  const bytes = await readWhole(zip.source, logPath(checkpointPath));
  return parseCheckpoint(bytes ?? new Uint8Array()).note.signatures.map(({ name }) => name);
}

async function published(stack: RunningStack) {
  const objects = ledgerObjects(new Operator(stack).s3(), outputOf(stack, "LedgerBucketName"));
  const alias = await objects.getAlias("checkpoint");
  return parseCheckpoint(alias?.bytes ?? new Uint8Array());
}

/** Whoever may use the log's key shows the witness another tree of the same size; answers the witness's status. */
export async function showFork(stack: RunningStack, url: string): Promise<number> {
  const { checkpoint } = await published(stack);
  const keyId = stack.resources.find(({ logicalId }) => logicalId === "CheckpointKey")?.ref;
  const signer = checkpointSigner(new KMSClient({ ...aws, endpoint: stack.addresses.kms }), String(keyId));
  const other = await signCheckpoint(
    { size: checkpoint.size, root: checkpoint.root.map((byte) => byte ^ 1) },
    { origin: checkpoint.origin, publicKey: await signer.publicKey(), sign: signer.sign },
    instantFromMs(Date.now()),
  );
  const body = formatAddCheckpoint({ oldSize: checkpoint.size, proof: [], checkpoint: other });
  return (await fetch(`${url}/add-checkpoint`, { method: "POST", body: Buffer.from(body) })).status;
}
