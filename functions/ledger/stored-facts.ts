import type { Absence } from "../../core/approval/absence.ts";
import type { ExportJob } from "../../core/archive/export/export-job.ts";
import type { Envelope } from "../../core/attestation/dsse.ts";
import {
  delegationBlobs,
  delegationFact,
  type RecordedDelegationDeed,
} from "../../core/attestation/recorded-delegation.ts";
import { loanBlobs, loanFact, type RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import { passkeyBlobs, passkeyFact, type RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import { type Blob, blobsOf, type RecordedSignOff, signOffFact } from "../../core/attestation/recorded-sign-off.ts";
import { fromBase64 } from "../../core/encoding/base64.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { sameJson } from "../../core/encoding/canonical-json.ts";
import { isInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { PolicyInForce } from "../../core/policy/policy-in-force.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { newFacts } from "../../core/promotion/ledger-record.ts";
import { listsApart } from "../../core/promotion/lists-apart.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { leafOf } from "./told-otherwise.ts";

/** What an item of the promotions table is (docs/architecture.md). */
export type Stored =
  | { readonly kind: "promotion"; readonly promotion: Promotion }
  | { readonly kind: "sign-off"; readonly recorded: RecordedSignOff }
  | { readonly kind: "loan"; readonly recorded: RecordedLoan }
  | { readonly kind: "fact"; readonly fact: Fact }
  | { readonly kind: "lane" }
  | { readonly kind: "loan-book" | "turn-book" }
  /** Of a version that is newer than this one. */
  | { readonly kind: "unknown" }
  /** By its key: of a look at the whole table, which it holds up no more than that. */
  | { readonly kind: "unreadable"; readonly item: string }
  | { readonly kind: "export"; readonly job: ExportJob }
  | { readonly kind: "passkey"; readonly deed: RecordedPasskeyDeed }
  | { readonly kind: "delegation"; readonly deed: RecordedDelegationDeed }
  | { readonly kind: "absence"; readonly absence: Absence }
  | { readonly kind: "exports-of" | "passkey-use" | "passkey-place" | "delegation-end" | "policy" }
  | { readonly kind: "policy-in-force"; readonly inForce: PolicyInForce };

/** The facts that an item holds; where it was another before, those that are new. */
export function factsIn(stored: Stored, before?: Stored): readonly Fact[] {
  switch (stored.kind) {
    case "promotion":
      return newFacts(before?.kind === "promotion" ? before.promotion : undefined, stored.promotion);
    case "sign-off":
      return [signOffFact(stored.recorded)];
    case "fact":
      return [stored.fact];
    case "loan":
      return [loanFact(stored.recorded)];
    case "lane":
    case "loan-book":
    case "turn-book":
      return [];
    case "export":
      return newFacts(before?.kind === "export" ? before.job : undefined, stored.job);
    case "passkey":
      return [passkeyFact(stored.deed)];
    case "delegation":
      return [delegationFact(stored.deed)];
    case "absence":
    case "exports-of":
    case "passkey-use":
    case "passkey-place":
    case "delegation-end":
    case "policy":
    case "policy-in-force":
    case "unknown":
    case "unreadable":
      return [];
    default:
      return stored satisfies never;
  }
}

/**
 * Whether an item says of a delegation or a passkey what was signed. Its fact tells a part of that alone, and the envelope's digest:
 * what the service reads beside it has to be what the envelope holds. The facts of the other items tell all of them.
 */
export function isAsSigned(stored: Stored): boolean {
  switch (stored.kind) {
    case "delegation":
      return isSigned(stored.deed.envelope, "delegation", stored.deed.delegation);
    case "passkey":
      return isSigned(stored.deed.envelope, "passkey", stored.deed.passkey);
    default:
      return true;
  }
}

function isSigned({ payload }: Envelope, member: string, stored: unknown): boolean {
  try {
    const { predicate } = JSON.parse(fromUtf8(fromBase64(payload))) as { readonly predicate: object };
    return sameJson(Reflect.get(predicate, member), stored);
  } catch {
    // Whoever changed the envelope as well is found by its digest.
    return false;
  }
}

/** The documents that an item's facts rest on, where nobody kept them when it was written. */
export function documentsIn(stored: Stored): readonly Blob[] {
  switch (stored.kind) {
    case "sign-off":
      return blobsOf(stored.recorded);
    case "loan":
      return loanBlobs(stored.recorded);
    case "passkey":
      return passkeyBlobs(stored.deed);
    case "delegation":
      return delegationBlobs(stored.deed);
    case "promotion":
      return stored.promotion.history.flatMap((fact) => listsApart(fact).document ?? []);
    case "fact":
      return [listsApart(stored.fact).document ?? []].flat();
    case "lane":
    case "loan-book":
    case "turn-book":
    case "export":
    case "absence":
    case "exports-of":
    case "passkey-use":
    case "passkey-place":
    case "delegation-end":
    case "policy":
    case "policy-in-force":
    case "unknown":
    case "unreadable":
      return [];
    default:
      return stored satisfies never;
  }
}

/** Throws where an item is not what its kind says. */
export function requireReadable(stored: Stored): void {
  const read = factsIn(stored).every((fact) => {
    leafOf(fact);
    return typeof fact.id === "string" && isInstant(fact.at);
  });
  if (!read || (stored.kind === "policy-in-force" && !isInstant(stored.inForce.since)))
    throw new Failure("internal", "An item is not what its kind says.");
}
