import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { FileStates } from "./file-states.ts";
import type { InspectionContext } from "./inspect-pack.ts";
import { documentCache } from "./pack-documents.ts";
import type { PackFinding } from "./pack-findings.ts";
import { keysOfPack, type PackKeys } from "./pack-keys.ts";
import { checkpointKeyPath, manifestPath } from "./pack-layout.ts";
import { type PackManifest, readPackManifest } from "./pack-manifest.ts";
import { type PackSource, readWhole } from "./pack-source.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import { isPersonalDocument } from "./personal-data.ts";
import { type TrustedKeys, trustKeys } from "./trust-keys.ts";

/** What a pack says of itself, and whose signatures count in it. */
export interface OpenedPack {
  readonly manifest: PackManifest;
  readonly keys: PackKeys;
  readonly trusted: TrustedKeys;
}

/** Reads what a pack says of itself; what is wrong where that cannot be read. */
export async function openPack(source: PackSource, options: VerifyPackOptions): Promise<OpenedPack | PackFinding> {
  const read = await readPack(source);
  if ("code" in read) return read;
  return { ...read, trusted: await trustKeys(source, read.manifest, read.keys, options) };
}

async function readPack(source: PackSource): Promise<Omit<OpenedPack, "trusted"> | PackFinding> {
  let path = manifestPath;
  try {
    const bytes = await readWhole(source, manifestPath);
    if (bytes === undefined) throw new Failure("pack-invalid", "The pack has no manifest.json.");
    const manifest = readPackManifest(bytes);
    path = checkpointKeyPath;
    return { manifest, keys: await keysOfPack(source) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const code = path === manifestPath ? "manifest-malformed" : "key-malformed";
    return { code, path, sentence: error.message };
  }
}

/** What parts of the work are done with; the same for everybody who does some. */
export function inspectionOf({
  source,
  states,
  opened: { manifest, trusted },
  options,
}: {
  readonly source: PackSource;
  readonly states: FileStates;
  readonly opened: OpenedPack;
  readonly options: VerifyPackOptions;
}): InspectionContext {
  const { known, mode, startSha256 } = options;
  const common = { source, states, startSha256 };
  if (mode === "checkpoint") return common;
  const trust = {
    attestationBase: known.attestationBase ?? manifest.attestationBase,
    issuer: known.issuer ?? manifest.issuer,
    audiences: known.audiences ?? manifest.audiences,
    keys: trusted.keys,
    keyHistory: trusted.keyHistory,
    ...(known.jwks === undefined ? {} : { jwks: known.jwks }),
    verifySignature: options.verifySignature,
    verifyJws: options.verifyJws,
  };
  const leftOut = new Set<Sha256>(
    manifest.documentsLeftOut.filter(({ name }) => isPersonalDocument(name)).map(({ sha256 }) => sha256),
  );
  return {
    ...common,
    promotions: { source, trust, leftOut, policyOf: options.policyOf, cache: documentCache(), judged: new Map() },
  };
}
