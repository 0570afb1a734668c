import { base64url, fromBase64url } from "../encoding/base64.ts";
import { fromUtf8, utf8 } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { type Instant, instantFromMs, msOfInstant } from "../encoding/instant.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { IdentityKey } from "../promotion/identity.ts";
import { isPromotionId, type PromotionId } from "../promotion/promotion-id.ts";

/** What a review link locates. It never authorises: deciding needs a login and the ceremony (design 3.9). */
export interface LinkTarget {
  readonly promotion: PromotionId;
  readonly stage: number;
  /** Base64url SHA-256 of the reviewer's identity key: a link tells a stranger nothing about whom it was for. */
  readonly reviewer: string;
}

/** Makes or checks the HMAC-SHA-256 (32 bytes) of a link's text; the key never leaves KMS. */
export type GenerateMac = (message: Uint8Array) => Promise<Uint8Array>;
export type VerifyMac = (message: Uint8Array, mac: Uint8Array) => Promise<boolean>;

/** How a reviewer's identity is written in a link. */
export function reviewerMark(key: IdentityKey): string {
  return base64url(sha256Bytes(utf8(key)));
}

/** `linkId.exp.mac`: link id is base64url of the target's canonical JSON, exp is in seconds, mac is base64url. */
export async function reviewLink(target: LinkTarget, expiresAt: Instant, mac: GenerateMac): Promise<string> {
  const signed = `${base64url(utf8(canonicalJson(target)))}.${Math.floor(msOfInstant(expiresAt) / 1000)}`;
  return `${signed}.${base64url(await mac(macInput(signed)))}`;
}

/** What a link locates. Throws `link-invalid` for one that was altered, `link-expired` at its end. */
export async function followReviewLink(
  link: string,
  now: Instant,
  verify: VerifyMac,
): Promise<LinkTarget & { readonly expiresAt: Instant }> {
  const target = await locatedBy(link, verify);
  if (now < target.expiresAt) return target;
  throw new Failure(
    "link-expired",
    "This review link has expired, and you need no other. Sign in to the portal to see how what it was about stands, and what still waits for you.",
  );
}

/** What a link locates, also once its time is over. Throws `link-invalid` for one that was altered. */
export async function locatedBy(
  link: string,
  verify: VerifyMac,
): Promise<LinkTarget & { readonly expiresAt: Instant }> {
  const parts = link.length <= 1024 ? /^([A-Za-z0-9_-]{1,600})\.([0-9]{1,11})\.([A-Za-z0-9_-]{43})$/.exec(link) : null;
  const [, id, expiry, mac] = parts ?? [];
  if (id === undefined || expiry === undefined || mac === undefined) throw invalid();
  if (!(await verify(macInput(`${id}.${expiry}`), decode(mac)))) throw invalid();
  return { ...targetOf(id), expiresAt: instantFromMs(Number(expiry) * 1000) };
}

// The purpose is part of what is authenticated, so that no other use of the key makes a link.
function macInput(signed: string): Uint8Array {
  return utf8(`countersign review link v1\n${signed}`);
}

function targetOf(id: string): LinkTarget {
  let value: Partial<LinkTarget> | null;
  try {
    value = JSON.parse(fromUtf8(decode(id))) as Partial<LinkTarget> | null;
  } catch (cause) {
    throw new Failure("link-invalid", "This review link cannot be read.", { cause });
  }
  if (!isPromotionId(value?.promotion) || typeof value.stage !== "number" || typeof value.reviewer !== "string")
    throw invalid();
  return { promotion: value.promotion, stage: value.stage, reviewer: value.reviewer };
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch (cause) {
    throw new Failure("link-invalid", "This review link cannot be read.", { cause });
  }
}

function invalid(): Failure {
  return new Failure("link-invalid", "This review link is not one of ours, or was altered on its way.");
}
