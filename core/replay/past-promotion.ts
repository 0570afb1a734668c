import type { Delegation } from "../approval/delegation.ts";
import { type PersonOf, personOf } from "../approval/entitlement.ts";
import type { Person } from "../approval/people.ts";
import type { Requirements } from "../approval/requirements.ts";
import { bodyOf } from "../archive/documents/fact-bodies.ts";
import { wasJudged } from "../archive/documents/was-judged.ts";
import { type Found, peopleOf, promotionHistory } from "../archive/history/promotion-history.ts";
import type { Step } from "../archive/history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../archive/pack/promotion-file.ts";
import { saidToBeKept } from "../archive/people/verify-kept-sign-offs.ts";
import { keptTold } from "../archive/promotion/verify-kept-in-review.ts";
import { isOfLoan } from "../archive/promotion/verify-review.ts";
import { addressOf, readToken } from "../attestation/id-token.ts";
import { fromUtf8 } from "../encoding/bytes.ts";
import { type Instant, msOfInstant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { earlierReleasesName, readEarlierReleases } from "../gates/earlier-releases.ts";
import type { EarlierRelease } from "../gates/facts.ts";
import type { GivenDecision } from "../policy/play-review.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import { identityKey, type Member } from "../promotion/identity.ts";
import { idTokenName } from "../promotion/personal-documents.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";

/** How long somebody took, from the opening of the stage to the signature that filled its seat. */
export interface TimeToSign {
  readonly role: string;
  readonly seconds: number;
}

/** A promotion out of an audit pack, with all that judging it again takes. Signatures are not verified here. */
export interface PastPromotion {
  readonly id: PromotionId;
  readonly end: Promotion;
  /** The step that says what its gates came to; the last, where there were several. */
  readonly judged: Step | undefined;
  readonly requirements: Requirements | undefined;
  /** `undefined` where some of it is not in the pack. */
  readonly evidence: ReadonlyMap<string, Uint8Array> | undefined;
  readonly computedDigests: ReadonlyMap<string, Sha256>;
  readonly releases: readonly EarlierRelease[] | undefined;
  /** Of its last review: each person's latest in each stage, withdrawn ones left out. */
  readonly decisions: readonly GivenDecision[];
  /** Who signed, as they signed in. */
  readonly members: readonly Member[];
  /** What people.yaml told of them then, where that was kept. */
  readonly people: readonly Person[];
  readonly times: readonly TimeToSign[];
  /** Those of the pack: who let whom sign in their place. */
  readonly delegations?: readonly Delegation[];
  /** When a verdict over its quorum was signed that let it go on; absent where none was. */
  readonly passedAt?: Instant;
}

/** Reads a past promotion; `undefined` where not even its request can be read. */
export async function pastPromotion(
  id: PromotionId,
  records: readonly PromotionRecord[],
  read: ReadDocument,
  found: Found,
  delegations: readonly Delegation[] = [],
): Promise<PastPromotion | undefined> {
  const { history, steps, manifest } = await promotionHistory(id, records, read, found);
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const judged = steps.findLast(({ record }) => wasJudged(record));
  const kept = await peopleOf(history, read, found);
  const people = (kept?.people ?? []).map((person) => ({ name: "", ...person }));
  const keyOf = personOf(
    (kept?.members ?? []).map((member) => ({ name: "", ...member })),
    people,
  );
  const signed = await signedBy(records, last.after, { kept: keptIn(steps, last.after), keyOf }, read);
  const addresses = new Map(kept?.members.map(({ identity, address }) => [identityKey(identity), address]));
  const evidence = manifest === undefined ? undefined : await evidenceOf(last.after, read);
  return {
    id,
    end: last.after,
    judged,
    requirements: last.requirements,
    evidence,
    computedDigests: digestsOf(last.after),
    releases: await releasesOf(judged, read),
    decisions: signed.map(({ decision }) => decision),
    members: signed.map(({ decision, address }) => ({
      identity: decision.reviewer,
      name: decision.reviewerName,
      address: addresses.get(identityKey(decision.reviewer)) ?? address,
      groups: decision.groups,
      enabled: true,
    })),
    people,
    times: timesOf(records, steps),
    delegations,
    ...passedIn(steps),
  };
}

function passedIn(steps: readonly Step[]): Pick<PastPromotion, "passedAt"> {
  const passed = steps.findLast(
    ({ record }) => record.type === "verdict" && !isOfLoan(record) && bodyOf("verdict", record).result === "PASSED",
  );
  return passed === undefined ? {} : { passedAt: passed.record.at };
}

interface Signed {
  readonly decision: GivenDecision;
  readonly address: string;
}

interface Kept {
  /** From an earlier candidate. */
  readonly before: ReadonlyMap<Sha256, unknown>;
  /** From an earlier review for the last one, with the place in which it counts there. */
  readonly here: ReadonlyMap<
    Sha256,
    { readonly stage: number; readonly roles: readonly string[]; readonly review: number }
  >;
}

function keptIn(steps: readonly Step[], { review }: Promotion): Kept {
  const told = steps.flatMap((step) => keptTold(step)?.kept ?? []).filter((each) => each.review === review);
  return {
    before: saidToBeKept(steps),
    here: new Map(told.map(({ signOff, ...place }) => [signOff, place])),
  };
}

/** The sign-off that a record is about: given for this promotion, or kept from an earlier candidate's. */
function givenIn(record: LedgerRecord, kept: Kept) {
  switch (record.type) {
    case "sign-off": {
      const body = bodyOf("sign-off", record);
      return { ...body, ...kept.here.get(body.signOff) };
    }
    case "sign-off-kept": {
      const body = bodyOf("sign-off-kept", record);
      return kept.before.has(body.signOff) ? { ...body, ...body.kept } : undefined;
    }
    default:
      return undefined;
  }
}

async function signedBy(
  records: readonly PromotionRecord[],
  end: Promotion,
  { kept, keyOf }: { readonly kept: Kept; readonly keyOf: PersonOf },
  read: ReadDocument,
): Promise<readonly Signed[]> {
  const fallen = new Set(end.invalidated.map(({ signOff }) => signOff));
  const latest = new Map<string, Signed>();
  for (const { record } of records) {
    const given = givenIn(record, kept);
    if (given === undefined) continue;
    const { signOff, review, stage, result, reason, roles, reviewer, groups, signIn, passkey, onBehalfOf } = given;
    if (review !== end.review || fallen.has(signOff)) continue;
    const key = `${stage} ${keyOf(reviewer)}`;
    latest.delete(key);
    if (result === "withdraw") continue;
    const token = record.attachments.find(({ name }) => name === idTokenName);
    const { name, address } = token === undefined ? nobody : namesIn(await read(token.sha256));
    const way = { ...signIn, ...(passkey === undefined ? {} : { passkey }) };
    latest.set(key, {
      decision: {
        reviewer,
        reviewerName: name ?? reviewer.subject,
        groups,
        roles,
        result,
        stage,
        reason,
        at: record.at,
        signIn: way,
        ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      },
      address,
    });
  }
  return [...latest.values()];
}

const nobody: { readonly name?: string; readonly address: string } = { address: "" };

/** What an ID token calls its owner; nothing where it was left out of the pack. */
function namesIn(token: Uint8Array | undefined): { readonly name?: string; readonly address: string } {
  if (token === undefined) return nobody;
  try {
    const { claims } = readToken(fromUtf8(token));
    const { name } = claims;
    return { ...(typeof name === "string" && name !== "" ? { name } : {}), address: addressOf(claims) };
  } catch (error) {
    if (error instanceof Failure) return nobody;
    throw error;
  }
}

async function evidenceOf(
  { manifest, shadow }: Promotion,
  read: ReadDocument,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const evidence = new Map<string, Uint8Array>();
  for (const { name, sha256 } of [...manifest.evidence, ...(shadow?.evidence === undefined ? [] : [shadow.evidence])]) {
    const bytes = await read(sha256);
    if (bytes === undefined) return undefined;
    evidence.set(name, bytes);
  }
  return evidence;
}

/** The key of a frozen copy holds the digest that its bytes had; evidence was hashed as it was read. */
function digestsOf({ frozen = [], manifest }: Promotion): ReadonlyMap<string, Sha256> {
  const copies = frozen.flatMap(({ name, key }): readonly (readonly [string, Sha256])[] => {
    const digest = /^frozen\/([0-9a-f]{64})\//.exec(key)?.[1];
    return digest === undefined ? [] : [[name, digest as Sha256]];
  });
  return new Map([...copies, ...manifest.evidence.map(({ name, sha256 }) => [name, sha256] as const)]);
}

async function releasesOf(
  judged: Step | undefined,
  read: ReadDocument,
): Promise<readonly EarlierRelease[] | undefined> {
  const kept = judged?.record.attachments.find(({ name }) => name === earlierReleasesName);
  const bytes = kept === undefined ? undefined : await read(kept.sha256);
  return bytes === undefined ? undefined : readEarlierReleases(bytes);
}

function timesOf(records: readonly PromotionRecord[], steps: readonly Step[]): readonly TimeToSign[] {
  const signedAt = new Map(
    records.flatMap(({ record }) =>
      record.type === "sign-off" ? [[bodyOf("sign-off", record).signOff, record.at]] : [],
    ),
  );
  return steps.flatMap(({ record, before }) => {
    const openedAt = before?.stage?.openedAt;
    if (record.type !== "stage-decided" || openedAt === undefined) return [];
    return bodyOf("stage-decided", record).seats.flatMap(({ role, signOff }) => {
      const at = signedAt.get(signOff);
      // One that was kept of an earlier review or round filled its seat again without anybody taking any time.
      return at === undefined || at < openedAt
        ? []
        : [{ role, seconds: (msOfInstant(at) - msOfInstant(openedAt)) / 1000 }];
    });
  });
}
