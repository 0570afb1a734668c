import type { Absence } from "../../core/approval/absence.ts";
import type { ExportBook } from "../../core/archive/export/export-book.ts";
import { type ExportId, type ExportJob, isExportId } from "../../core/archive/export/export-job.ts";
import type { RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import type { RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { PolicyInForce } from "../../core/policy/policy-in-force.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { type Identity, identityKey } from "../../core/promotion/identity.ts";
import type { Lane } from "../../core/promotion/lane.ts";
import type { LoanBook } from "../../core/promotion/loan.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { fromItem, type Item, toItem } from "./item.ts";
import { packedPromotion, unpackedPromotion } from "./packed-promotion.ts";

/** What an item of the promotions table is: see docs/architecture.md. */
export type PromotionsItem =
  | { readonly kind: "promotion"; readonly promotion: Promotion }
  | { readonly kind: "sign-off"; readonly recorded: RecordedSignOff }
  | { readonly kind: "loan"; readonly recorded: RecordedLoan }
  | { readonly kind: "fact"; readonly fact: Fact }
  | { readonly kind: "lane"; readonly lane: Lane }
  | { readonly kind: "loan-book"; readonly book: LoanBook }
  /** Who is about to record something; what is recorded then is the fact. */
  | { readonly kind: "turn-book" }
  | { readonly kind: "unknown" }
  | { readonly kind: "export"; readonly job: ExportJob }
  /** The last exports of somebody, by which those that are under way are found. */
  | { readonly kind: "exports-of"; readonly book: ExportBook }
  | { readonly kind: "passkey"; readonly deed: RecordedPasskeyDeed }
  | { readonly kind: "delegation"; readonly deed: RecordedDelegationDeed }
  | { readonly kind: "absence"; readonly absence: Absence }
  /** A signature counter that was seen; the sign-off that it came with is the fact. */
  | { readonly kind: "passkey-use" }
  /** By which a passkey is found among those of everybody, or of its owner; that it was enrolled is a fact elsewhere. */
  | { readonly kind: "passkey-place"; readonly id: Sha256 }
  /** By which delegations are found that are not over; that each was given is a fact elsewhere. */
  | { readonly kind: "delegation-end"; readonly id: Sha256 }
  /** A version of the policies, and which is in force: that each was put in force is a fact of its own. */
  | { readonly kind: "policy" }
  | { readonly kind: "policy-in-force"; readonly inForce: PolicyInForce };

/** Partition key of a promotion and all that belongs to it. */
export function partitionOf(id: PromotionId): string {
  return `PROMOTION#${id}`;
}

/** Partition key of facts about the installation itself, such as its keys. */
export const installationPartition = "INSTALLATION";

/** The value of `modelTarget`, by which a model's promotions to a target are found. */
export function modelTargetOf(model: string, target: string): string {
  return `${model}#${target}`;
}

export function promotionItem(promotion: Promotion): Item {
  return toItem({
    pk: partitionOf(promotion.id),
    sk: "PROMOTION",
    kind: "promotion",
    status: promotion.status,
    submittedAt: promotion.submittedAt,
    modelTarget: modelTargetOf(promotion.manifest.model.name, promotion.manifest.target.name),
    revision: promotion.revision,
    document: packedPromotion(promotion),
  });
}

export function signOffItem(recorded: RecordedSignOff): Item {
  return toItem({
    pk: partitionOf(recorded.signOff.promotion),
    sk: `SIGNOFF#${recorded.signOff.id}`,
    kind: "sign-off",
    document: recorded,
  });
}

export function loanItem(recorded: RecordedLoan): Item {
  return toItem({
    pk: partitionOf(recorded.signature.promotion),
    sk: `LOAN#${recorded.signature.id}`,
    kind: "loan",
    document: recorded,
  });
}

/** The item of a fact that stands by itself; the partition of a fact about the installation is its own. */
export function factItem(fact: Fact): Item {
  const { promotion, type, at, id } = fact;
  const pk = promotion === undefined ? installationPartition : partitionOf(promotion);
  // Some are found by the index, under names that no model has.
  const indexed = promotion === undefined ? undefined : indexedAs(promotion, type);
  const found = indexed === undefined ? {} : { modelTarget: indexed, submittedAt: at };
  return toItem({ pk, sk: `FACT#${id}`, kind: "fact", ...found, document: fact });
}

function indexedAs(promotion: PromotionId, type: Fact["type"]): string | undefined {
  // Nothing bounds how many there are, and the newest are read.
  if (type === "outcome") return outcomesOf(promotion);
  // What was found under a name of which no target speaks leads back to its promotion by nothing else once it is gone.
  return type === "intruder-found" || type === "intruder-gone" ? intruders : undefined;
}

/** The value of `modelTarget` by which what was found to run without an approval is found, and what is so no more, of every promotion. */
export const intruders = "INTRUDERS";

/** The value of `modelTarget` by which the outcomes of a promotion are found. */
export function outcomesOf(promotion: PromotionId): string {
  return `OUTCOMES#${promotion}`;
}

/** The sort keys of a promotion's facts that stand by themselves, without those of its outcomes: from and to each. */
export function factRanges(promotion: PromotionId): readonly (readonly [from: string, to: string])[] {
  const outcomes = `FACT#${promotion}/outcome`;
  // What follows on `/` and on `#` in their order.
  return [
    ["FACT#", `${outcomes}/`],
    [`${outcomes}0`, "FACT$"],
  ];
}

export function laneKey(model: string, target: string) {
  return { pk: `LANE#${modelTargetOf(model, target)}`, sk: "LANE" };
}

/** Without `status` and `modelTarget`: it is no promotion, and stands in no index. */
export function laneItem(model: string, target: string, lane: Lane): Item {
  return toItem({ ...laneKey(model, target), kind: "lane", revision: lane.revision, document: lane });
}

export function loanBookKey(model: string, period: string) {
  return { pk: `LOANS#${model}`, sk: period };
}

/** As a lane's: no promotion, and in no index. */
export function loanBookItem(model: string, period: string, book: LoanBook): Item {
  return toItem({ ...loanBookKey(model, period), kind: "loan-book", revision: book.revision, document: book });
}

export function exportKey(id: ExportId) {
  return { pk: `EXPORT#${id}`, sk: "EXPORT" };
}

/** The item of an export. It has none of the attributes that the indexes are made of. */
export function exportItem(job: ExportJob): Item {
  return toItem({ ...exportKey(job.id), kind: "export", revision: job.revision, document: job });
}

export function exportsOfKey(by: Identity) {
  return { pk: `EXPORTSOF#${identityKey(by)}`, sk: "ASKED" };
}

/** The last exports that somebody asked for. No fact: each export has its own. */
export function exportsOfItem(by: Identity, book: ExportBook): Item {
  return toItem({ ...exportsOfKey(by), kind: "exports-of", revision: book.revision, document: book });
}

/** Everything that was ever done about passkeys; what was done about one begins with its id. */
export const passkeyPartition = "PASSKEYS";

export function passkeyItem(deed: RecordedPasskeyDeed): Item {
  return toItem({ pk: passkeyPartition, sk: `${deed.id}#${deed.deed}`, kind: "passkey", document: deed });
}

/** The passkeys that were ever enrolled, of everybody or of one owner, by when each was. */
export function passkeyPlaces(owner?: Identity): string {
  return owner === undefined ? "PASSKEYPLACES" : `PASSKEYPLACES#${identityKey(owner)}`;
}

/** The two places at which an enrolment is found. */
export function passkeyPlaceItems({ id, passkey: { owner }, recordedAt }: RecordedPasskeyDeed): readonly Item[] {
  const sk = `${recordedAt}#${id}`;
  return [passkeyPlaces(), passkeyPlaces(owner)].map((pk) =>
    toItem({ pk, sk, kind: "passkey-place", document: { id } }),
  );
}

/** Everything that was ever done about delegations; what was done about one begins with its id. */
export const delegationPartition = "DELEGATIONS";

export function delegationItem(deed: RecordedDelegationDeed): Item {
  return toItem({ pk: delegationPartition, sk: `${deed.id}#${deed.deed}`, kind: "delegation", document: deed });
}

/** The delegations that ever were, by when each is over at the latest. */
export const delegationEndPartition = "DELEGATIONENDS";

export function delegationEndItem({ id, delegation }: Pick<RecordedDelegationDeed, "id" | "delegation">): Item {
  const sk = `${delegation.until}#${id}`;
  return toItem({ pk: delegationEndPartition, sk, kind: "delegation-end", document: { id } });
}

/** Who is away. No fact: it decides nothing, and why somebody is away is nobody's business for years. */
export const absencePartition = "ABSENCES";

export function absenceItem(absence: Absence): Item {
  return toItem({ pk: absencePartition, sk: identityKey(absence.person), kind: "absence", document: absence });
}

/** The counters that a passkey signed with, in rising order. */
export function passkeyUsePartition(id: Sha256): string {
  return `PASSKEYUSE#${id}`;
}

export function passkeyUseItem(id: Sha256, signOff: Sha256, counter: number): Item {
  const sk = `${String(counter).padStart(10, "0")}#${signOff}`;
  return toItem({ pk: passkeyUsePartition(id), sk, kind: "passkey-use", counter, signOff });
}

/** Which version of the policies is in force. */
export const policyInForceKey = { pk: "POLICIES", sk: "IN-FORCE" };

/** A version of the policies. */
export function policyKey(digest: Sha256) {
  return { pk: "POLICIES", sk: `VERSION#${digest}` };
}

/** The key of the item that holds a fact, by its id: the promotion, one of its sign-offs or loans, an export, a passkey, or the fact alone. */
export function keyOfFact({ id, promotion }: Pick<Fact, "id" | "promotion">): {
  readonly pk: string;
  readonly sk: string;
} {
  const exported = /\/export(?:-requested)?\/([^/]+)$/.exec(id)?.[1];
  if (isExportId(exported)) return exportKey(exported);
  const [, passkey, deed] = /^passkey\/([0-9a-f]{64})\/([a-z]+)$/.exec(id) ?? [];
  if (promotion === undefined && passkey !== undefined) return { pk: passkeyPartition, sk: `${passkey}#${deed}` };
  const [, delegation, done] = /^delegation\/([0-9a-f]{64})\/([a-z]+)$/.exec(id) ?? [];
  if (promotion === undefined && delegation !== undefined)
    return { pk: delegationPartition, sk: `${delegation}#${done}` };
  const pk = promotion === undefined ? installationPartition : partitionOf(promotion);
  const own = promotion !== undefined && id.startsWith(`${promotion}/`) ? id.slice(promotion.length + 1) : "";
  if (/^\d+$/.test(own)) return { pk, sk: "PROMOTION" };
  if (own.startsWith("loan/")) return { pk, sk: `LOAN#${own.slice("loan/".length)}` };
  return { pk, sk: own.startsWith("sign-off/") ? `SIGNOFF#${own.slice("sign-off/".length)}` : `FACT#${id}` };
}

/**
 * Reads an item of the promotions table, from the table or from its stream. One of a kind that is not known, as a newer version wrote
 * it before somebody went back to this one, holds up nothing that came after it.
 */
export function readPromotionsItem(item: Item): PromotionsItem {
  const { kind, document } = fromItem<{ kind: Exclude<PromotionsItem["kind"], "unknown">; document: unknown }>(item);
  switch (kind) {
    case "promotion":
      return { kind, promotion: unpackedPromotion(document) };
    case "sign-off":
      return { kind, recorded: document as RecordedSignOff };
    case "fact":
      return { kind, fact: document as Fact };
    case "lane":
      return { kind, lane: document as Lane };
    case "loan":
      return { kind, recorded: document as RecordedLoan };
    case "loan-book":
      return { kind, book: document as LoanBook };
    case "export":
      return { kind, job: document as ExportJob };
    case "exports-of":
      return { kind, book: document as ExportBook };
    case "passkey":
      return { kind, deed: document as RecordedPasskeyDeed };
    case "delegation":
      return { kind, deed: document as RecordedDelegationDeed };
    case "absence":
      return { kind, absence: document as Absence };
    case "delegation-end":
    case "passkey-place":
      return { kind, ...(document as { readonly id: Sha256 }) };
    case "policy-in-force":
      return { kind, inForce: document as PolicyInForce };
    // As one version wrote them here.
    case "turn-book":
    case "passkey-use":
    case "policy":
      return { kind };
    default:
      kind satisfies never;
      return { kind: "unknown" };
  }
}
