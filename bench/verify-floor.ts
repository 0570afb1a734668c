import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { withPack } from "../cli/pack-file.ts";
import { blobPath } from "../core/archive/pack/pack-layout.ts";
import type { PackSource } from "../core/archive/zip/pack-source.ts";
import { type Envelope, pae } from "../core/attestation/dsse.ts";
import type { Jwks } from "../core/attestation/id-token.ts";
import type { LedgerRecord } from "../core/promotion/fact.ts";

// One thread of the floor: what no verification of a pack can do without. Its part of the files is read and hashed once;
// each record, envelope, statement and token is parsed once; each signature is verified. Nothing is compared. Or less
// than that, to tell what each of these costs.

/** How far it goes: each includes those before it. */
export type FloorLevel = "read" | "hash" | "parse" | "verify";

const levels: readonly FloorLevel[] = ["read", "hash", "parse", "verify"];
const { path, part, parts, level } = workerData as {
  readonly path: string;
  readonly part: number;
  readonly parts: number;
  readonly level: FloorLevel;
};
const does = (what: FloorLevel) => levels.indexOf(what) <= levels.indexOf(level);
const [hashes, parses, verifies] = [does("hash"), does("parse"), does("verify")];
const rowsAtOnce = 4096;

parentPort?.on("message", () => void run().then((held) => parentPort?.postMessage({ held })));
parentPort?.postMessage("ready");

async function run(): Promise<number> {
  return await withPack(path, async (pack) => {
    if (pack.kind === "refused") throw new Error(pack.sentence);
    return await floor(pack.source);
  });
}

async function floor(source: PackSource): Promise<number> {
  const service = createPublicKey(Buffer.from(await bytesOf(source, "keys/attestation.pem")).toString());
  const providers = new Map<string, KeyObject>();
  let held = 0;
  for (let row = 0; row < source.count; row += 1) {
    if (Math.floor(row / rowsAtOnce) % parts !== part) continue;
    const name = source.nameAt(row);
    const bytes = await bytesOf(source, name);
    if (hashes) hash("sha256", bytes, "buffer");
    if (!parses || !name.startsWith("records/")) continue;
    const { attachments } = jsonOf(bytes) as LedgerRecord;
    const named = (wanted: string) => attachments.find((each) => each.name === wanted)?.sha256;
    const statement = named("sign-off.dsse.json") ?? named("verdict.dsse.json");
    if (statement !== undefined) {
      const envelope = jsonOf(await bytesOf(source, blobPath(statement))) as Envelope;
      const payload = Buffer.from(envelope.payload, "base64");
      jsonOf(payload);
      const signature = Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");
      if (verifies && verify("sha256", pae(envelope.payloadType, payload), service, signature)) held += 1;
    }
    const [token, keys] = [named("id-token.jwt"), named("jwks.json")];
    if (token === undefined || keys === undefined) continue;
    const [head = "", claims = "", signed = ""] = textOf(await bytesOf(source, blobPath(token))).split(".");
    for (const each of [head, claims]) jsonOf(Buffer.from(each, "base64url"));
    const known = providers.get(keys);
    const [jwk] = known === undefined ? (jsonOf(await bytesOf(source, blobPath(keys))) as Jwks).keys : [];
    const provider = known ?? createPublicKey({ key: { ...jwk }, format: "jwk" });
    providers.set(keys, provider);
    const signature = Buffer.from(signed, "base64url");
    if (verifies && verify("sha256", Buffer.from(`${head}.${claims}`), provider, signature)) held += 1;
  }
  return held;
}

async function bytesOf(source: PackSource, name: string): Promise<Uint8Array> {
  return (await source.read(name)) ?? new Uint8Array();
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

function jsonOf(bytes: Uint8Array): unknown {
  return JSON.parse(textOf(bytes));
}
