import { type AskedAbout, requirementsInForce } from "../../approval/promotion-approval.ts";
import { canonicalJson } from "../../encoding/canonical-json.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { type ArchivedPolicies, loadArchived } from "../../policy/load-policies.ts";
import {
  type PersonalText,
  policyFileName,
  readBundle,
  readPolicies,
  requireManifest,
} from "../../policy/policy-bundle.ts";
import { followsDeployment } from "../../policy/policy-in-force.ts";
import { personalTexts } from "../../promotion/personal-documents.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { attempt } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import { mayBeOnItsWay } from "../pack/on-its-way.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { byVersion, inForceIn, type VersionsInForce } from "./versions-in-force.ts";

/** By which policies a promotion was judged, and when; without a digest where its record does not say. */
export interface JudgedBy {
  readonly index: number;
  readonly at: Instant;
  readonly policy?: Sha256;
  /** Of a verdict. */
  readonly verdict?: true;
}

/** Whether a record is of a verdict that lets something run. */
export function hasPassed({ type, body }: Step["record"]): boolean {
  return type === "verdict" && body["result"] === "PASSED";
}

/** A version of the policies as a pack has it; what it names apart may be left out of the pack as personal data. */
export interface PoliciesThen extends ArchivedPolicies {
  readonly apart: Readonly<Record<PersonalText, Sha256>>;
}

/** Policies that were read before, and what they come to. A version never changes, and thousands of promotions rest on each. */
export interface KnownPolicies {
  readonly versions: Map<Sha256, KnownVersion>;
  /** By all that policies ask about: promotions are alike in that. `undefined` where they have no rule. */
  readonly required: WeakMap<PoliciesThen, Map<string, Required | undefined>>;
}

/** Another pack may have what one leaves out. */
interface KnownVersion extends Pick<PoliciesThen, "apart"> {
  whole?: PoliciesThen;
  leftOut?: PoliciesThen;
}

/** What policies require of a promotion: by its digest, and until when they let it be decided. */
export interface Required {
  readonly sha256: Sha256;
  readonly expiresAfterSeconds: number;
}

const mostKnown = 16;
const mostRequired = 1000;

export function noPoliciesKnown(): KnownPolicies {
  return { versions: new Map(), required: new WeakMap() };
}

export const everKnown = noPoliciesKnown();

/** What a step says of the policies that it was judged by. */
export function judgedBy({ record, index }: Step): JudgedBy {
  const policy = record.attachments.find(({ name }) => name === policyFileName)?.sha256;
  return {
    index,
    at: record.at,
    ...(policy === undefined ? {} : { policy }),
    ...(hasPassed(record) ? { verdict: true } : {}),
  };
}

/** What policies ask about a promotion, and nothing else of it. */
export function askedAbout({ manifest, facts }: AskedAbout): AskedAbout {
  const { model, target, classification } = manifest;
  return {
    manifest: {
      model: { name: model.name, type: model.type },
      target: { name: target.name },
      ...(classification === undefined ? {} : { classification }),
    },
    ...(facts === undefined ? {} : { facts }),
  };
}

/** What policies require of a promotion; `undefined` where they have no rule for it. */
export function requiredBy(
  policies: PoliciesThen,
  about: AskedAbout,
  { required }: KnownPolicies,
): Required | undefined {
  const asked = askedAbout(about);
  const key = canonicalJson(asked);
  const own = required.get(policies) ?? new Map<string, Required | undefined>();
  if (own.has(key)) return own.get(key);
  const derived = requirementsInForce(policies, asked);
  const what =
    derived.kind === "asked"
      ? {
          sha256: derived.requirements.sha256,
          expiresAfterSeconds: derived.requirements.document.rule.expiresAfterSeconds,
        }
      : undefined;
  if (own.size >= mostRequired) own.clear();
  own.set(key, what);
  required.set(policies, own);
  return what;
}

export async function policiesIn(
  digest: Sha256,
  read: ReadDocument,
  { versions }: KnownPolicies,
): Promise<PoliciesThen | undefined> {
  const bytes = await read(digest);
  if (bytes === undefined) return undefined;
  const known: KnownVersion = versions.get(digest) ?? { apart: readPolicies(bytes).apart };
  if (!versions.has(digest)) {
    if (versions.size >= mostKnown) versions.clear();
    versions.set(digest, known);
  }
  const { apart } = known;
  const documents = (await Promise.all(personalTexts.map((name) => read(apart[name])))).flatMap((own) => own ?? []);
  if (documents.length < personalTexts.length) {
    known.leftOut ??= { ...loadArchived(readPolicies(bytes).bundle), apart };
    return known.leftOut;
  }
  known.whole ??= { ...loadArchived(readBundle([bytes, ...documents])), apart };
  return known.whole;
}

/** Why a record that brings policies does not bring all of them; `undefined` where it does. */
export function notBrought(
  { id, attachments }: Pick<Step["record"], "id" | "attachments">,
  { apart }: Pick<PoliciesThen, "apart">,
): string | undefined {
  const missing = personalTexts.find(
    (name) => !attachments.some((each) => each.name === name && each.sha256 === apart[name]),
  );
  return missing === undefined ? undefined : `'${id}' brings policies, and not the ${missing} that they name.`;
}

/**
 * Verifies which policies were in force when, from the records that put each in force: that each took the place of the
 * one before, that a deployment brought none where people had to sign, and that every promotion was judged by the ones
 * in force. That people signed for a change is verified with its promotion.
 *
 * @param goesTo as late as the log goes on: of versions between, records may be on their way to it
 * @param whole whether the records are all that there are: of a part those are held against each other that are counted in turn
 */
export async function verifyPolicies(
  activations: readonly PromotionRecord[],
  judged: readonly JudgedBy[],
  read: ReadDocument,
  {
    goesTo,
    whole = true,
    known = everKnown,
  }: { readonly goesTo?: Instant | undefined; readonly whole?: boolean; readonly known?: KnownPolicies } = {},
): Promise<{ readonly problems: readonly PolicyProblem[]; readonly behind: readonly PolicyProblem[] }> {
  const problems: PolicyProblem[] = [];
  const behind: PolicyProblem[] = [];
  let [count, last] = [0, undefined as Sha256 | undefined];
  let before: PoliciesThen | undefined;
  for (const { record, index } of activations) {
    const wrong = (sentence: string) => void problems.push({ index, sentence });
    const told = await attempt(
      "policy-differs",
      "",
      (_code, _path, sentence) => wrong(sentence),
      async () => bodyOf("policy-activated", record),
    );
    if (told === undefined) {
      before = undefined;
      continue;
    }
    const { policy, number, former } = told;
    if (number > count + 1 && (!whole || mayBeOnItsWay(record.at, goesTo))) {
      if (whole) behind.push({ index, sentence: whyBehind(number - count - 1, index) });
      count = number - 1;
    } else {
      if (number !== count + 1) wrong("It is counted as another version than it is.");
      if (record.promotion === undefined) {
        if (last !== undefined && (before === undefined || !followsDeployment(before)))
          wrong("A deployment put policies in force although the ones before say who has to sign for a change.");
      } else if (former !== last) wrong("The policies took the place of others than those that were in force.");
    }
    const brought = record.attachments.find(({ name }) => name === policyFileName)?.sha256;
    const policies = brought === policy ? await readOrUndefined(policy, read, known) : undefined;
    if (policies === undefined) wrong("The policies that it put in force cannot be read.");
    // What a deployment brings is its own; of what is proposed the service asks it as well.
    if (record.promotion !== undefined && policies !== undefined && !isOfManifest(policies))
      wrong("The compiled gates that it put in force are not those that their own manifest names.");
    const apart = policies === undefined ? undefined : notBrought(record, policies);
    if (apart !== undefined) wrong(apart);
    before = policies;
    last = policy;
    count += 1;
  }
  if (last === undefined) return { problems, behind };
  const { mayBe } = inForceIn(activations);
  for (const { index, at, policy, verdict } of judged.toSorted((one, other) => one.index - other.index)) {
    // That a record names none is said of it by itself.
    if (policy === undefined || mayBe(at).some((version) => version.policy === policy)) continue;
    const what = verdict === true ? "The sign-offs were verified" : "The gates were judged";
    problems.push({ index, sentence: `${what} by policies that were not in force then.` });
  }
  return { problems, behind };
}

function isOfManifest({ bundle: { texts, wasm } }: PoliciesThen): boolean {
  try {
    requireManifest({ texts, wasm });
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** What is said of versions whose records are on their way, where one that came after them is here. */
function whyBehind(missing: number, index: number): string {
  const versions = missing === 1 ? "the version" : `the ${missing} versions`;
  return `Which policies ${recordPath(index)} took the place of: the log does not tell yet of ${versions} before them, which may be on the way to it.`;
}

/** What is wrong with a record, or cannot be told of it. */
interface PolicyProblem {
  readonly index: number;
  readonly sentence: string;
}

/** What has to fit the policies of some moment, and how that is seen. */
export interface ByPolicies<Told> {
  readonly at: (told: Told) => Instant;
  readonly fits: (policies: PoliciesThen, told: Told) => boolean;
}

/** What of all that was told fits none of the versions that it may have gone by. */
export async function fittingNone<Told>(
  versions: VersionsInForce,
  told: readonly Told[],
  { at, fits }: ByPolicies<Told>,
  read: ReadDocument,
  known: KnownPolicies,
): Promise<readonly Told[]> {
  const open = new Set(told);
  // One version after the other: each is large, and there may be many.
  for (const [policy, asked] of byVersion(versions, told, at)) {
    const asking = [...asked].filter((each) => open.has(each));
    const policies = asking.length === 0 ? undefined : await readOrUndefined(policy, read, known);
    // What cannot be read is said where it was put in force.
    for (const each of asking) if (policies === undefined || fits(policies, each)) open.delete(each);
  }
  return [...open];
}

export async function readOrUndefined(
  digest: Sha256,
  read: ReadDocument,
  known: KnownPolicies,
): Promise<PoliciesThen | undefined> {
  try {
    return await policiesIn(digest, read, known);
  } catch {
    // Bytes that nobody foresaw may break a parser in any way; whatever it is, they are no policies.
    return undefined;
  }
}
