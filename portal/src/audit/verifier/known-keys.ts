import { readJson } from "../../../../core/archive/documents/json-document.ts";
import { readPublicKeys, readVerifierKeys } from "../../../../core/archive/pack/pack-keys.ts";
import type { VerifyPackOptions } from "../../../../core/archive/pack-verification.ts";
import { readJwks } from "../../../../core/archive/people/verify-sign-offs.ts";
import type { IssuerClaim } from "../../../../core/attestation/installation-record.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";

/** What the reader knows from elsewhere than the pack, as typed; empty where they know nothing. */
export interface KnownText {
  /** Public keys in PEM and note verifier keys, those of witnesses too, one after the other. */
  readonly keys: string;
  /** The identity provider's key set, as JSON. */
  readonly jwks: string;
  // Several are apart by spaces or commas.
  readonly issuers: string;
  /** Client ids of the applications that reviewers sign in to. */
  readonly audiences: string;
  /** The pages on which passkeys may have been made. */
  readonly origins: string;
  /** Which claim names the people of an issuer: there is nothing to type, what was kept says it. Of issuers in the field it counts. */
  readonly subjectClaims: readonly IssuerClaim[];
}

const block = /-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g;

/** Reads what somebody pasted; throws `pack-invalid` where a part of it is not what it should be. */
export function knownFrom(typed: KnownText): VerifyPackOptions["known"] {
  const text = typed.keys.replaceAll("\r\n", "\n");
  const jwks = typed.jwks.trim();
  const [issuers, audiences, origins] = [typed.issuers, typed.audiences, typed.origins].map((several) =>
    several.split(/[\s,]+/u).filter((each) => each !== ""),
  );
  const subjectClaims = typed.subjectClaims.filter(({ issuer }) => issuers?.includes(issuer));
  const pem = (text.match(block) ?? []).map(tidy).join("");
  const lines = text.replaceAll(block, "").trim();
  const noteKeys = lines === "" ? [] : readVerifierKeys(lines);
  // A log signs plainly; a witness never does.
  const checkpointKeys = noteKeys.filter(({ algorithm }) => algorithm === "ed25519");
  const witnessKeys = noteKeys.filter(({ algorithm }) => algorithm === "cosignature/v1");
  return {
    ...(pem === "" ? {} : { attestationKeys: readPublicKeys(pem) }),
    ...(checkpointKeys.length === 0 ? {} : { checkpointKeys }),
    ...(witnessKeys.length === 0 ? {} : { witnessKeys }),
    ...(jwks === "" ? {} : { jwks: readJwks(readJson("The key set", utf8(jwks))) }),
    ...(subjectClaims.length === 0 ? {} : { subjectClaims }),
    ...(issuers?.length ? { issuers } : {}),
    ...(audiences?.length ? { audiences } : {}),
    ...(origins?.length ? { origins } : {}),
  };
}

/** A mail or a chat may have indented the lines. */
function tidy(pem: string): string {
  return `${pem
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n")}\n`;
}
