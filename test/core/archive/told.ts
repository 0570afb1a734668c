import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { warmPolicies } from "../../../adapters/opa/warm-policies.ts";
import type { Person } from "../../../core/approval/people.ts";
import { authorsOf, type PeopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import { readRequirements } from "../../../core/archive/documents/read-requirements.ts";
import {
  type Found,
  type PromotionHistory,
  peopleOf,
  promotionHistory,
} from "../../../core/archive/history/promotion-history.ts";
import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import type { ReplayDocuments } from "../../../core/archive/history/replay-request.ts";
import type { PackFinding } from "../../../core/archive/pack/pack-findings.ts";
import { manifestPath } from "../../../core/archive/pack/pack-layout.ts";
import { type PackManifest, readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import type { PromotionRecord, ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import { installationsOf } from "../../../core/archive/people/installations.ts";
import { keyHistoryOf } from "../../../core/archive/people/ledger-keys.ts";
import { type PeopleThen, peopleAsSigned } from "../../../core/archive/people/people-then.ts";
import { type PeopleTold, peopleTold } from "../../../core/archive/people/people-told.ts";
import { verifyDelegations } from "../../../core/archive/people/verify-delegations.ts";
import { saidToBeKept, verifyKeptSignOff } from "../../../core/archive/people/verify-kept-sign-offs.ts";
import { type HeldLender, verifyLender } from "../../../core/archive/people/verify-lender.ts";
import { verifyPasskeys } from "../../../core/archive/people/verify-passkeys.ts";
import {
  type AttestationTrust,
  type HeldSignOff,
  verifySignOff,
} from "../../../core/archive/people/verify-sign-offs.ts";
import type { PromotionInput } from "../../../core/archive/promotion/promotion-input.ts";
import type { PolicyOf } from "../../../core/archive/promotion/verify-gates.ts";
import { keptInReviews } from "../../../core/archive/promotion/verify-kept-in-review.ts";
import { recheckBudgets, recheckEnds } from "../../../core/archive/promotion/verify-loans.ts";
import { type PromotionResult, verifyPromotion } from "../../../core/archive/verify-promotion.ts";
import { heldAgainst } from "../../../core/archive/verify-under-policies.ts";
import { namesOf } from "../../../core/archive/zip/pack-source.ts";
import { openZip } from "../../../core/archive/zip/read-zip.ts";
import { type VerifyingKey, verifyingKey } from "../../../core/attestation/dsse.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact, LedgerRecord } from "../../../core/promotion/fact.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Files } from "./memory-pack.ts";
import { rememberedPolicies } from "./remembered.ts";
import type { Recordings, Retold } from "./retelling.ts";
import { attestationBase } from "./reviewers.ts";

// A rule about what was recorded of a promotion needs neither the product's functions to record it nor a pack around it:
// the kept pack (packs-of-before/) tells of every kind of record, and is there in milliseconds. Where it lacks a new kind, or
// does not hold any more, it is made again as is said there.

/** Promotions that between them have every kind of record (tampering/everything.ts), and what was recorded of them. */
export interface Told {
  readonly house: Recordings;
  readonly deployed: PromotionId;
  readonly kept: PromotionId;
  readonly rejected: PromotionId;
  readonly withdrawn: PromotionId;
  readonly expired: PromotionId;
  readonly blocked: PromotionId;
  readonly lent: PromotionId;
  readonly ratified: PromotionId;
  readonly policies: PromotionId;
  readonly reopened: PromotionId;
}

/** The kept pack: its files, what it says of itself, and what its records tell. */
interface Kept {
  readonly files: Files;
  readonly manifest: PackManifest;
  readonly key: VerifyingKey;
  readonly told: Told;
  readonly policyOf: PolicyOf;
}

const kept = await once("pack", async (): Promise<Kept> => {
  // A buffer's slices would be views, and whoever changes one would change what all tests are told.
  const zip = new Uint8Array(
    brotliDecompressSync(readFileSync(new URL("packs-of-before/version-1.zip.br", import.meta.url))),
  );
  const opened = await openZip({ size: zip.length, read: (at, length) => zip.subarray(at, at + length) });
  if (opened.kind === "refused") throw new Error(opened.sentence);
  const { source } = opened;
  const files = new Map<string, Uint8Array>();
  for (const name of namesOf(source)) files.set(name, (await source.read(name)) ?? new Uint8Array());
  const bytesOf = (name: string) => files.get(name) ?? new Uint8Array();
  const manifest = readPackManifest(bytesOf(manifestPath));
  const facts = Array.from({ length: manifest.records }, (_, index): Fact => {
    const { recordVersion: __, ...fact } = JSON.parse(fromUtf8(bytesOf(`records/${index}.json`))) as LedgerRecord;
    return fact;
  });
  const blobs = new Map<Sha256, Uint8Array>();
  for (const [name, bytes] of files) if (name.startsWith("blobs/")) blobs.set(name.slice(-64) as Sha256, bytes);
  const key = verifyingKey(fromUtf8(bytesOf("keys/attestation.pem")));
  const of = (wanted: (fact: Fact) => boolean): PromotionId => {
    const promotion = facts.find((fact) => wanted(fact))?.promotion;
    if (promotion === undefined) throw new Error("The kept pack has no such promotion.");
    return promotion;
  };
  const told = {
    house: { facts, blobs },
    deployed: of(({ type }) => type === "held"),
    kept: of(({ type }) => type === "sign-off-kept"),
    rejected: of(({ type }) => type === "rejected"),
    withdrawn: of(({ type }) => type === "withdrawn"),
    expired: of(({ type }) => type === "expired"),
    blocked: of(({ type }) => type === "blocked"),
    lent: of(({ type }) => type === "loan-ended"),
    ratified: of(({ type }) => type === "loan-ratified"),
    policies: of(({ type }) => type === "policy-proposed"),
    reopened: of(({ type, body }) => type === "seat-reopened" && "kept" in body),
  };
  return { files, manifest, key, told, policyOf: rememberedPolicies(warmPolicies()) };
});

export const told: Told = kept.told;
export const keptFiles: Files = kept.files;
export const { policyOf, key: attestationKeyOfPack, manifest: keptManifest } = kept;

/** A record as the log has it in this place. */
export function recordsOf(facts: readonly Fact[]): readonly PromotionRecord[] {
  return facts.map((fact, index) => ({ index, record: { ...fact, recordVersion: 1 } }));
}

/** Whose signatures count in the kept pack; passkeys and delegations as its records prove them. */
export async function trustIn({ facts = told.house.facts, blobs = told.house.blobs }: Retold): Promise<{
  readonly trust: AttestationTrust;
  readonly findings: readonly PackFinding[];
}> {
  const records = recordsOf(facts).filter(({ record }) => record.promotion === undefined);
  const told = installationsOf(
    records.filter(({ record }) => record.type === "installation"),
    kept.manifest.log,
  );
  const history = await keyHistoryOf("attestation", records, attestationBase, ({ text }, message, signature) =>
    verifyEcdsa(text, message, signature),
  );
  const before = {
    attestationBase: told.installations[0]?.attestationBase ?? "",
    installations: told.installations,
    known: {},
    keys: [kept.key],
    keyHistory: history.keys,
    verifySignature: verifyEcdsa,
    verifyJws,
  };
  const read: ReadDocument = async (sha256) => blobs.get(sha256);
  const passkeys = await verifyPasskeys(records, read, new Set(), before);
  const delegations = await verifyDelegations(records, read, new Set(), {
    ...before,
    passkeys: passkeys.passkeys,
  });
  return {
    trust: { ...before, passkeys: passkeys.passkeys, delegations: delegations.delegations },
    findings: [
      ...told.findings,
      ...history.problems.map(({ index, sentence }) => ({
        code: "key-record-invalid" as const,
        path: `records/${index}.json`,
        sentence,
      })),
      ...passkeys.findings,
      ...delegations.findings,
    ],
  };
}

/**
 * What verification says of one promotion as it was recorded, or told otherwise, where no other policies were in force than
 * those that its records name.
 */
export async function resultOf(...asked: Parameters<typeof openResultOf>): Promise<PromotionResult> {
  const result = await openResultOf(...asked);
  const { promotion, problems = [] } = result.decided ?? {};
  // What was left open is wrong by what the log has after it.
  const made = problems.filter(({ open }) => open === undefined);
  const decided = made.map(
    ({ code, index, sentence }): PackFinding => ({
      ...{ code, path: `records/${index}.json`, sentence },
      ...(promotion === undefined ? {} : { promotion }),
    }),
  );
  return { ...result, findings: [...result.findings, ...decided] };
}

async function openResultOf(
  promotion: PromotionId,
  { facts = told.house.facts, blobs = told.house.blobs }: Retold = {},
  over: Partial<PromotionInput> = {},
): Promise<PromotionResult> {
  return await verifyPromotion({
    promotion,
    records: recordsOf(facts).filter(({ record }) => record.promotion === promotion),
    read: async (sha256) => blobs.get(sha256),
    leftOut: new Set(),
    trust: over.trust ?? (await trustIn({ facts, blobs })).trust,
    policyOf: kept.policyOf,
    ...over,
  });
}

/**
 * What verification finds in what was told otherwise: in the promotions that other things are told of, in what belongs to
 * none, and in what promotions have in common.
 */
export async function findingsIn(retold: Retold, endedAt?: Instant): Promise<readonly PackFinding[]> {
  const { facts = told.house.facts } = retold;
  const { trust, findings } = await trustIn(retold);
  const changed = new Set(
    [
      ...facts.filter((fact) => !told.house.facts.includes(fact)),
      ...told.house.facts.filter((fact) => !facts.includes(fact)),
    ].flatMap(({ promotion }) => promotion ?? []),
  );
  const results = await Promise.all([...changed].map((promotion) => openResultOf(promotion, retold, { trust })));
  const records = recordsOf(facts);
  const activations = records.filter(({ record }) => record.type === "policy-activated");
  const read: ReadDocument = async (sha256) => (retold.blobs ?? told.house.blobs).get(sha256);
  const { problems: policies } = await heldAgainst(activations, results, read, endedAt ?? facts.at(-1)?.at);
  return [
    ...findings,
    ...results.flatMap((result) => result.findings),
    ...policies.map(({ index, sentence, code = "policy-differs" }) => ({
      code,
      path: `records/${index}.json`,
      sentence,
    })),
    ...recheckBudgets(results.flatMap(({ besides }) => besides.budgeted ?? [])),
    ...recheckEnds(
      results.flatMap(({ besides }) => besides.running ?? []),
      endedAt ?? facts.at(-1)?.at,
    ),
  ];
}

/** A promotion's own history, and the documents that its life is told again by. */
export interface ToldHistory {
  readonly history: readonly PromotionRecord[];
  readonly documents: ReplayDocuments;
}

/** What is recorded of a promotion, before its life is told again. Made once. */
export function historyOf(promotion: PromotionId): Promise<ToldHistory> {
  return once(`history ${promotion}`, () => makeHistory(promotion));
}

async function makeHistory(promotion: PromotionId): Promise<ToldHistory> {
  const { facts, blobs } = told.house;
  const records = recordsOf(facts).filter(({ record }) => record.promotion === promotion);
  const { history, manifest } = await replayedOf(promotion);
  const requirements = records.flatMap(({ record }) =>
    record.attachments.flatMap(({ name, sha256 }) =>
      name === "requirements.json" ? [[sha256, readRequirements(blobs.get(sha256) ?? new Uint8Array())] as const] : [],
    ),
  );
  return { history, documents: { manifest, requirements: new Map(requirements) } };
}

/** A promotion's life, told again. */
export function replayedOf(promotion: PromotionId): Promise<PromotionHistory> {
  const { facts, blobs } = told.house;
  const records = recordsOf(facts).filter(({ record }) => record.promotion === promotion);
  return promotionHistory(promotion, records, async (sha256) => blobs.get(sha256), nothingWrong);
}

const nothingWrong: Found = (code, path, sentence) => {
  throw new Error(`${code} ${path}: ${sentence}`);
};

/** A promotion's review, taken apart: what the rules about it are handed. */
export interface ToldReview {
  readonly steps: readonly Step[];
  readonly held: readonly HeldSignOff[];
  readonly lenders: readonly HeldLender[];
  /** What the ID tokens tell of people, and what the directory told as the verdict was signed, or the loan's. */
  readonly own: PeopleThen;
  readonly kept: PeopleSnapshot | undefined;
  readonly keptForLoan: PeopleSnapshot | undefined;
  readonly passkeys: AttestationTrust["passkeys"];
}

/** The review of a promotion as it was recorded, with the signatures of it that hold. Made once. */
export function reviewOf(promotion: PromotionId): Promise<ToldReview> {
  return once(`review ${promotion}`, () => makeReview(promotion));
}

async function makeReview(promotion: PromotionId): Promise<ToldReview> {
  const { facts, blobs } = told.house;
  const { trust } = await trustIn({});
  const records = recordsOf(facts).filter(({ record }) => record.promotion === promotion);
  const read: ReadDocument = async (sha256) => blobs.get(sha256);
  const { history, steps } = await replayedOf(promotion);
  const given: HeldSignOff[] = [];
  const lenders: HeldLender[] = [];
  for (const each of records) {
    const { type, body } = each.record;
    if (type === "sign-off") given.push(await verifySignOff(each, steps, read, trust, false));
    if (type === "loan-requested") lenders.push(await verifyLender(each, steps, read, trust, false));
    const said = saidToBeKept(steps).get(body["signOff"] as Sha256);
    if (type === "sign-off-kept" && said !== undefined)
      given.push(await verifyKeptSignOff(each, said, read, trust, false));
  }
  const held = [...given, ...keptInReviews(steps, given)];
  return {
    steps,
    held,
    lenders,
    own: peopleAsSigned([...held, ...lenders], trust.delegations),
    kept: await peopleOf(history, read, nothingWrong),
    keptForLoan: await peopleOf(history, read, nothingWrong, "loan"),
    passkeys: trust.passkeys,
  };
}

/** Who people were, by ID tokens, by what lies with the verdicts, and by people.yaml where it is said what that says. */
export function peopleIn(
  { steps, own, kept: ofQuorum, keptForLoan }: Pick<ToldReview, "steps" | "own" | "kept" | "keptForLoan">,
  people?: readonly Person[],
): PeopleTold {
  const end = steps.at(-1)?.after;
  return peopleTold({
    own,
    authors: end === undefined ? [] : authorsOf(end.manifest, end.startedBy),
    named: people === undefined ? [] : [{ index: 0, people }],
    kept: new Map(
      steps.flatMap(({ record, index }) => {
        const kept = record.body["loan"] === true ? keptForLoan : ofQuorum;
        return record.type === "verdict" && kept !== undefined ? [[index, kept] as const] : [];
      }),
    ),
  });
}

/** An entry of people.yaml that says of two accounts that they are one person's. */
export function linking(...identities: readonly Identity[]): Person {
  return { name: "Somebody", addresses: [], accounts: [], identities, outside: false };
}

/**
 * Once for the process: mutation testing loads the tests' modules anew for every change (docs/mutation.md). For what is made
 * while they are loaded, when no change is switched on; what an `it` asks for is made for it.
 */
export function once<Value>(name: string, make: () => Promise<Value>): Promise<Value> {
  const holder = globalThis as { countersignTold?: Map<string, Promise<unknown>> };
  holder.countersignTold ??= new Map();
  const known = holder.countersignTold.get(name) ?? make();
  holder.countersignTold.set(name, known);
  return known as Promise<Value>;
}
