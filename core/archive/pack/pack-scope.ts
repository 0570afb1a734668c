import { delegationDeedOf } from "../../attestation/recorded-delegation.ts";
import { deedOfFact } from "../../attestation/recorded-passkey.ts";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { leftOpen } from "./left-open.ts";
import { leftUndone } from "./left-undone.ts";
import type { PackScope } from "./pack-manifest.ts";
import type { IndexedRecord } from "./records-table.ts";

/** Which promotions a scope means; `undefined`: all, and the records about the installation as well. */
export async function promotionsInScope(
  scope: PackScope,
  entries: () => AsyncIterable<IndexedRecord>,
): Promise<ReadonlySet<PromotionId> | undefined> {
  switch (scope.kind) {
    case "everything":
      return undefined;
    case "promotion":
      return new Set([scope.promotion]);
    case "since": {
      const found = new Set<PromotionId>();
      const before = leftOpen();
      const undone = leftUndone();
      for await (const { index, record } of entries()) {
        if (record === undefined) continue;
        if (record.promotion === undefined) {
          if (index < scope.size) before.goOn(record.at);
          continue;
        }
        undone.tell(record.promotion, record);
        if (index >= scope.size) found.add(record.promotion);
        else before.tell(record.promotion, record);
      }
      // Whether that came, and in time, is told by what did not come since.
      const open = new Set([...found, ...before.promotions()]);
      return new Set([...open, ...(await undone.promotions(entries, open))]);
    }
    case "model":
    case "time": {
      const found = new Set<PromotionId>();
      for await (const { record } of entries()) {
        if (record?.promotion !== undefined && isMeant(scope, record)) found.add(record.promotion);
      }
      return found;
    }
    default:
      return scope satisfies never;
  }
}

/** Why a promotion of these records is none that a part of the log, of a model or of a time, is made of. */
export function whyOutOfScope(
  scope: PackScope,
  records: readonly { readonly record: Pick<LedgerRecord, "type" | "at" | "body"> }[],
): string | undefined {
  if (scope.kind !== "model" && scope.kind !== "time") return undefined;
  if (records.some(({ record }) => isMeant(scope, record))) return undefined;
  return scope.kind === "model"
    ? `The manifest says that the pack holds the model '${scope.model}'; this promotion is of another.`
    : `The manifest says that the pack holds what was recorded from ${scope.from} to ${scope.to}; nothing of this promotion was.`;
}

/** What sign-offs rest on that belongs to no promotion, by its ids. */
export interface Foundations {
  readonly passkeys: ReadonlySet<Sha256>;
  readonly delegations: ReadonlySet<Sha256>;
}

/**
 * The passkeys and delegations that sign-offs of these promotions were given with: what is recorded about those belongs
 * to no promotion, and yet nobody could verify the sign-offs without it. Nor what was done about one since, without how it began.
 */
export async function foundationsInScope(
  scope: PackScope,
  promotions: ReadonlySet<PromotionId> | undefined,
  entries: () => AsyncIterable<IndexedRecord>,
): Promise<Foundations> {
  const passkeys = new Set<Sha256>();
  const delegations = new Set<Sha256>();
  if (promotions === undefined) return { passkeys, delegations };
  // A delegation comes before what is signed under it; which of them count is known at the end.
  const delegatedWith = new Map<unknown, Sha256>();
  const size = scope.kind === "since" ? scope.size : Number.POSITIVE_INFINITY;
  for await (const { index, record } of entries()) {
    const key = record === undefined ? undefined : passkeyIn(record.body);
    if (index >= size) {
      const { passkey, delegation } = record?.body ?? {};
      if (isOfPasskey(record) && isSha256(passkey)) passkeys.add(passkey);
      if (isOfDelegation(record) && isSha256(delegation)) delegations.add(delegation);
      if (isOfDelegation(record) && key !== undefined) passkeys.add(key);
    }
    if (record?.type === "delegated" && key !== undefined) delegatedWith.set(record.body["delegation"], key);
    if (record?.promotion === undefined || !promotions.has(record.promotion)) continue;
    if (!["sign-off", "sign-off-kept", "loan-requested"].includes(record.type)) continue;
    const { onBehalfOf } = record.body;
    if (key !== undefined) passkeys.add(key);
    const place = typeof onBehalfOf === "object" && onBehalfOf !== null && "delegation" in onBehalfOf;
    if (place && isSha256(onBehalfOf["delegation"])) delegations.add(onBehalfOf["delegation"]);
  }
  for (const delegation of delegations) {
    const key = delegatedWith.get(delegation);
    if (key !== undefined) passkeys.add(key);
  }
  return { passkeys, delegations };
}

/** The passkey that a record says it was signed with. */
function passkeyIn({ passkey }: NonNullable<IndexedRecord["record"]>["body"]): Sha256 | undefined {
  const key = typeof passkey === "object" && passkey !== null && "id" in passkey ? passkey["id"] : undefined;
  return isSha256(key) ? key : undefined;
}

/** Whether a record tells what was done about a delegation; about one of these, where some are given. */
export function isOfDelegation(record: IndexedRecord["record"], delegations?: ReadonlySet<Sha256>): boolean {
  if (record === undefined || record.promotion !== undefined || delegationDeedOf(record.type) === undefined)
    return false;
  const id = record.body["delegation"];
  return delegations === undefined || (isSha256(id) && delegations.has(id));
}

/** Whether a record tells what was done about a passkey; about one of these, where some are given. */
export function isOfPasskey(record: IndexedRecord["record"], passkeys?: ReadonlySet<Sha256>): boolean {
  if (record === undefined || record.promotion !== undefined || deedOfFact(record.type) === undefined) return false;
  const id = record.body["passkey"];
  return passkeys === undefined || (isSha256(id) && passkeys.has(id));
}

function isMeant(
  scope: Extract<PackScope, { kind: "model" | "time" }>,
  record: Pick<LedgerRecord, "type" | "at" | "body">,
): boolean {
  if (scope.kind === "time") return scope.from <= record.at && record.at < scope.to;
  const model = record.body["model"];
  return (
    record.type === "request" &&
    typeof model === "object" &&
    model !== null &&
    "name" in model &&
    model["name"] === scope.model
  );
}
