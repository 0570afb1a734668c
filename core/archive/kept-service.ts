import * as v from "valibot";
import type { IssuerClaim } from "../attestation/installation-record.ts";
import { fromBase64 } from "../encoding/base64.ts";
import { Failure } from "../failure.ts";
import { formatVerifierKey, noteKey } from "../ledger/note-key.ts";
import { readJson } from "./documents/json-document.ts";
import { readPublicKeys, readVerifierKeys } from "./pack/pack-keys.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";

/** What a deployment publishes of itself at GET /v1/service, as far as a pack is held against it. */
export interface PublishedService extends IssuerClaim {
  readonly audiences: readonly string[];
  readonly passkeys: { readonly origins: readonly string[] };
  readonly logOrigin: string;
  readonly keys: {
    /** In PEM. */
    readonly attestation: { readonly pem: string; readonly others: readonly { readonly pem: string }[] };
    /** In base64. */
    readonly checkpoint: { readonly ed25519: string; readonly others: readonly { readonly ed25519: string }[] };
  };
}

/** The same as texts: how somebody compares it, pastes it, or hands it to a verifier. */
export interface PublishedTexts {
  readonly pems: readonly string[];
  /** Note verifier keys, `<name>+<id>+<base64>`. */
  readonly verifierKeys: readonly string[];
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly origins: readonly string[];
}

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2000));
const some = v.pipe(v.array(text), v.nonEmpty());
const pem = v.object({ pem: text });
const key = v.object({ ed25519: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/)) });
const form = v.object({
  issuer: text,
  audiences: some,
  // Answers of before there was another do not say it.
  subjectClaim: v.optional(v.picklist(["sub", "oid"]), "sub"),
  passkeys: v.object({ origins: some }),
  logOrigin: text,
  keys: v.object({
    attestation: v.object({ ...pem.entries, others: v.array(pem) }),
    checkpoint: v.object({ ...key.entries, others: v.array(key) }),
  }),
});

/** Reads an answer of GET /v1/service that somebody kept. Throws `pack-invalid` naming it. */
export function readKeptService(name: string, bytes: Uint8Array): PublishedService {
  const result = v.safeParse(form, readJson(name, bytes));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "as a whole";
  throw new Failure("pack-invalid", `${name} is no answer of GET /v1/service of this version (${where}).`);
}

/**
 * What answers of one deployment tell together, each once: kept over the years, they name the applications and pages of
 * before beside those of now. Throws `pack-invalid` where they are of several.
 */
export function publishedTexts(services: readonly PublishedService[]): PublishedTexts {
  const [log, other] = [...new Set(services.map(({ logOrigin }) => logOrigin))];
  if (other !== undefined)
    throw new Failure("pack-invalid", `The answers are of two deployments, with the logs '${log}' and '${other}'.`);
  const each = (what: (service: PublishedService) => readonly string[]) => [...new Set(services.flatMap(what))];
  return {
    pems: each(({ keys: { attestation } }) => [attestation.pem, ...attestation.others.map((one) => one.pem)]),
    verifierKeys: each(({ keys: { checkpoint }, logOrigin }) =>
      [checkpoint, ...checkpoint.others].map(({ ed25519 }) =>
        formatVerifierKey(noteKey(logOrigin, "ed25519", fromBase64(ed25519))),
      ),
    ),
    issuers: each(({ issuer }) => [issuer]),
    audiences: each(({ audiences }) => audiences),
    origins: each(({ passkeys }) => passkeys.origins),
  };
}

/** What is known by such answers; of none, nothing. Throws `pack-invalid`. */
export function knownByServices(services: readonly PublishedService[]): VerifyPackOptions["known"] {
  if (services.length === 0) return {};
  const { pems, verifierKeys, ...others } = publishedTexts(services);
  return {
    subjectClaims: services.map(({ issuer, subjectClaim }) => ({ issuer, subjectClaim })),
    attestationKeys: readPublicKeys(pems.join("")),
    checkpointKeys: readVerifierKeys(verifierKeys.join("\n")),
    ...others,
  };
}
