import type { Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { type CheckpointTrust, checkCheckpoint } from "../ledger/checkpoint.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import type { SignedHead } from "../ledger/verify-log.ts";
import type { InspectionContext } from "./inspect-pack.ts";
import type { FileStates } from "./pack/file-states.ts";
import { documentCache, documents, recordsAt } from "./pack/pack-documents.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { keysOfPack, type PackKeys } from "./pack/pack-keys.ts";
import { logPath, manifestPath } from "./pack/pack-layout.ts";
import { documentsLeftOut, isWithoutPersonalData, type PackManifest, readPackManifest } from "./pack/pack-manifest.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import { type InstalledFrom, installationsOf } from "./people/installations.ts";
import { type SignInKey, SignInKeys } from "./people/sign-in-keys.ts";
import type { TrustBeforePeople } from "./people/verify-deeds.ts";
import { type DelegationsVerification, verifyDelegations } from "./people/verify-delegations.ts";
import { type PasskeysVerification, verifyPasskeys } from "./people/verify-passkeys.ts";
import { type TrustedKeys, trustKeys, whyHeadNotInForce } from "./trust-keys.ts";
import { verifiedBefore } from "./verify-continuation.ts";
import { type PackSource, readWhole } from "./zip/pack-source.ts";

/** What a pack says of itself, and whose signatures count in it. */
export interface OpenedPack {
  readonly manifest: PackManifest;
  readonly keys: PackKeys;
  /** What the log tells of the installation, in its order. */
  readonly installations: readonly InstalledFrom[];
  /** As late as the log goes on, by its head. */
  readonly goesTo: Instant | undefined;
  readonly trusted: TrustedKeys;
  /** None where only the log is looked at. */
  readonly passkeys: PasskeysVerification;
  readonly delegations: DelegationsVerification;
  /** By which of the identity provider's keys these were signed. */
  readonly signInKeys: readonly SignInKey[];
}

/** Reads what a pack says of itself; what is wrong where that cannot be read. */
export async function openPack(source: PackSource, options: VerifyPackOptions): Promise<OpenedPack | PackFinding> {
  const read = await readPack(source);
  if ("code" in read) return read;
  const { manifest } = read;
  const told = installationsOf(await recordsAt(manifest.installationRecords, source), manifest.log);
  const { installations } = told;
  const base = attestationBaseIn({ installations, options });
  const keys = await trustKeys(source, manifest, read.keys, base, options);
  const trusted = { ...keys, findings: [...told.findings, ...keys.findings] };
  const goesTo = await headGoesTo(source, logTrustOf(trusted, manifest), options);
  const signInKeys = new SignInKeys();
  const trust = { ...trustIn({ installations, goesTo, trusted, options }), signInKeys };
  const foundations = await foundationsOfPack(source, manifest, trust, options);
  return { ...read, installations, goesTo, trusted, ...foundations, signInKeys: signInKeys.take() };
}

/** When the log, or a witness that was asked for, signed the head last: whoever looks at sign-ins looks at no other checkpoint. */
async function headGoesTo(
  source: PackSource,
  trust: CheckpointTrust,
  { known: { witnessKeys: witnesses = [] }, verifyEd25519 }: VerifyPackOptions,
): Promise<Instant | undefined> {
  const bytes = await readWhole(source, logPath(checkpointPath));
  if (bytes === undefined) return undefined;
  const check = await checkCheckpoint(bytes, { ...trust, witnesses }, verifyEd25519);
  if (check.status === "rejected" || check.at === undefined) return undefined;
  return check.witnesses.reduce((latest, { at }) => (at > latest ? at : latest), check.at);
}

/** Small, and needed by every sign-off that was given with a passkey or in another's place: verified before them, by everybody who verifies some. */
async function foundationsOfPack(
  source: PackSource,
  manifest: PackManifest,
  trust: TrustBeforePeople,
  { mode }: VerifyPackOptions,
): Promise<Pick<OpenedPack, "passkeys" | "delegations">> {
  if (mode === "checkpoint") {
    const nothing = { findings: [], unchecked: [] };
    return {
      passkeys: { passkeys: new Map(), confirmations: [], ...nothing },
      delegations: { delegations: new Map(), ...nothing },
    };
  }
  const leftOut = documentsLeftOut(manifest);
  // What is wrong with a document is told with the other records of the installation.
  const read = documents(source, leftOut, () => {});
  const passkeys = await verifyPasskeys(await recordsAt(manifest.passkeyRecords, source), read, leftOut, trust);
  const knowing = { ...trust, passkeys: passkeys.passkeys };
  const delegations = await verifyDelegations(
    await recordsAt(manifest.delegationRecords, source),
    read,
    leftOut,
    knowing,
  );
  return { passkeys, delegations };
}

/** What begins the type names of all that is signed: it is the same as long as the log lives. */
function attestationBaseIn({
  installations,
  options: { known },
}: Pick<OpenedPack, "installations"> & { readonly options: VerifyPackOptions }): string {
  return known.attestationBase ?? installations[0]?.attestationBase ?? "";
}

function trustIn({
  installations,
  goesTo,
  trusted,
  options,
}: Pick<OpenedPack, "installations" | "goesTo" | "trusted"> & {
  readonly options: VerifyPackOptions;
}): TrustBeforePeople {
  const { known, verifySignature, verifyJws } = options;
  return {
    attestationBase: attestationBaseIn({ installations, options }),
    installations,
    goesTo,
    known,
    keys: trusted.keys,
    keyHistory: trusted.keyHistory,
    ...(known.jwks === undefined ? {} : { jwks: known.jwks }),
    verifySignature,
    verifyJws,
  };
}

async function readPack(source: PackSource): Promise<Pick<OpenedPack, "manifest" | "keys"> | PackFinding> {
  let path: string = manifestPath;
  try {
    const bytes = await readWhole(source, manifestPath);
    if (bytes === undefined) throw new Failure("pack-invalid", "The pack has no manifest.json.");
    const manifest = readPackManifest(bytes);
    const keys = await keysOfPack(source, (name) => {
      path = name;
    });
    return { manifest, keys };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === "newer-version") return { code: error.code, path, sentence: error.message };
    const code = path === manifestPath ? "manifest-malformed" : "key-malformed";
    return { code, path, sentence: error.message };
  }
}

/** Whose checkpoints count. */
export function logTrustOf({ checkpoint }: TrustedKeys, manifest: PackManifest): CheckpointTrust {
  return {
    origin: checkpoint[0]?.name ?? manifest.log.origin,
    keys: checkpoint.filter(({ algorithm }) => algorithm === "ed25519").map(({ publicKey }) => publicKey),
  };
}

/** What parts of the work are done with; the same for everybody who does some. */
export function inspectionOf({
  pack,
  source,
  states,
  opened: { manifest, installations, goesTo, trusted, passkeys, delegations },
  options,
}: {
  readonly pack: PackSource;
  readonly source: PackSource;
  readonly states: FileStates;
  readonly opened: OpenedPack;
  readonly options: VerifyPackOptions;
}): InspectionContext {
  const { mode, startSha256 } = options;
  // Whatever a pack of what came since then brings of before has to be looked at for what came.
  const since = manifest.scope.kind === "since" ? undefined : verifiedBefore(options.since);
  const log = {
    trust: logTrustOf(trusted, manifest),
    verify: options.verifyEd25519,
    whyNotInForce: (signed: SignedHead) => whyHeadNotInForce(trusted.checkpointHistory, signed),
  };
  const common = { pack, source, states, startSha256, log, ...(since === undefined ? {} : { since }) };
  if (mode === "checkpoint") return common;
  const people = { passkeys: passkeys.passkeys, delegations: delegations.delegations };
  const signInKeys = new SignInKeys();
  const trust = { ...trustIn({ installations, goesTo, trusted, options }), ...people, signInKeys };
  return {
    ...common,
    promotions: {
      source,
      trust,
      scope: manifest.scope,
      packVersion: manifest.packVersion,
      left: { leftOut: documentsLeftOut(manifest), withoutPersonalData: isWithoutPersonalData(manifest) },
      policyOf: options.policyOf,
      cache: documentCache(),
      judged: new Map(),
    },
  };
}
