import { base64, fromBase64 } from "../encoding/base64.ts";
import { utf8 } from "../encoding/bytes.ts";
import { type Sha256, sha256Bytes, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";

/** The media type of an in-toto statement inside a DSSE envelope (in-toto attestation spec v1, envelope). */
export const inTotoPayloadType = "application/vnd.in-toto+json";

/** A DSSE envelope (github.com/secure-systems-lab/dsse, envelope.md): base64 payload and signatures over its PAE. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** A public key that verifies envelopes: SPKI as PEM, found by `keyid`, the hex SHA-256 of that PEM. */
export interface VerifyingKey {
  readonly keyid: Sha256;
  readonly pem: string;
}

/** Signs a 32-byte SHA-256 digest with ECDSA P-256 and answers the signature in DER. */
export type SignDigest = (digest: Uint8Array) => Promise<Uint8Array>;

/** Verifies an ECDSA P-256 signature in DER over `message`, hashed with SHA-256, by an SPKI key in PEM. */
export type VerifySignature = (pem: string, message: Uint8Array, signature: Uint8Array) => boolean;

/** DSSE's pre-authentication encoding (dsse protocol.md): what is signed instead of the payload alone. */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = payloadType === inTotoPayloadType ? inTotoPayloadType.length : utf8(payloadType).length;
  const head = utf8(`DSSEv1 ${type} ${payloadType} ${payload.length} `);
  const whole = new Uint8Array(head.length + payload.length);
  whole.set(head);
  whole.set(payload, head.length);
  return whole;
}

/** Signs an in-toto statement's bytes with one key. */
export async function signEnvelope(payload: Uint8Array, keyid: Sha256, sign: SignDigest): Promise<Envelope> {
  const signature = await sign(sha256Bytes(pae(inTotoPayloadType, payload)));
  return {
    payloadType: inTotoPayloadType,
    payload: base64(payload),
    signatures: [{ keyid, sig: base64(signature) }],
  };
}

/** An envelope taken apart: what is signed, and by which of the trusted keys it says so. Nothing is verified yet. */
export interface ReadEnvelope {
  readonly payload: Uint8Array;
  /** The PAE of the payload. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: VerifyingKey;
}

/**
 * Takes an envelope apart that carries exactly one signature, by one of `keys`, over an in-toto statement. Throws
 * `signature-invalid`, saying what is wrong. A second signature is refused as Sigstore bundles do.
 */
export function readEnvelope(envelope: Envelope, keys: readonly VerifyingKey[]): ReadEnvelope {
  if (envelope.payloadType !== inTotoPayloadType) {
    throw new Failure("signature-invalid", `The envelope holds '${envelope.payloadType}', not an in-toto statement.`);
  }
  const [signature, ...others] = envelope.signatures;
  if (signature === undefined || others.length > 0) {
    throw new Failure(
      "signature-invalid",
      `The envelope carries ${envelope.signatures.length} signatures; exactly one is expected.`,
    );
  }
  const key = keys.find((candidate) => candidate.keyid === signature.keyid);
  if (key === undefined)
    throw new Failure("signature-invalid", "The envelope is signed with a key that is not trusted here.");
  const payload = decoded(envelope.payload, "payload");
  const message = pae(envelope.payloadType, payload);
  return { payload, message, signature: decoded(signature.sig, "signature"), key };
}

/** Throws `signature-invalid` unless an envelope's signature fits its content. */
export function requireSignature({ key, message, signature }: ReadEnvelope, verify: VerifySignature): void {
  if (!verify(key.pem, message, signature)) {
    throw new Failure("signature-invalid", "The envelope's signature does not fit its content.");
  }
}

/** The payload of an envelope whose signature holds. Throws as `readEnvelope` and `requireSignature` do. */
export function openEnvelope(envelope: Envelope, keys: readonly VerifyingKey[], verify: VerifySignature): Uint8Array {
  const read = readEnvelope(envelope, keys);
  requireSignature(read, verify);
  return read.payload;
}

function decoded(text: string, what: "payload" | "signature"): Uint8Array {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw new Failure("signature-invalid", `The envelope's ${what} is not base64 in its one spelling.`, { cause });
  }
}

/** The verifying key of an SPKI in PEM; the key id is the hex SHA-256 of the PEM text, as Sigstore's hint is. */
export function verifyingKey(pem: string): VerifyingKey {
  return { keyid: sha256Hex(utf8(pem)), pem };
}

/** SPKI bytes (DER) as PEM text with lines of 64 characters (RFC 7468). */
export function pemOfSpki(spki: Uint8Array): string {
  const lines = base64(spki).match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
}

/** Reads an envelope from JSON of any origin; throws `signature-invalid` where its shape is not an envelope's. */
export function parseEnvelope(value: unknown): Envelope {
  const envelope = value as Partial<Envelope> | null;
  if (
    typeof envelope !== "object" ||
    envelope === null ||
    typeof envelope.payloadType !== "string" ||
    typeof envelope.payload !== "string" ||
    !Array.isArray(envelope.signatures) ||
    !envelope.signatures.every((each) => typeof each?.keyid === "string" && typeof each?.sig === "string")
  ) {
    throw new Failure("signature-invalid", "This is not a DSSE envelope.");
  }
  return envelope as Envelope;
}

/** As `parseEnvelope`, of one that a record keeps: what else stood in it would be signed by nobody, and handed on beside what is. */
export function parseKeptEnvelope(value: unknown): Envelope {
  const envelope = parseEnvelope(value);
  if (Object.keys(envelope).length !== 3 || envelope.signatures.some((each) => Object.keys(each).length !== 2))
    throw new Failure("signature-invalid", "The envelope has members that nobody signed.");
  return envelope;
}
