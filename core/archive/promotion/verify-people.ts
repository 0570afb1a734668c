import { entriesAbout } from "../../approval/entries-about.ts";
import { excludedPeople, strangersAmong, unlinkableSentence } from "../../approval/exclusions.ts";
import type { Person } from "../../approval/people.ts";
import { entriesKept, entryKept, type PeopleSnapshot } from "../../approval/people-snapshot.ts";
import type { Requirements } from "../../approval/requirements.ts";
import { canonicalJson } from "../../encoding/canonical-json.ts";
import { policyFileName } from "../../policy/policy-bundle.ts";
import type { Author, Identity } from "../../promotion/identity.ts";
import { peopleSnapshotName } from "../../promotion/personal-documents.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readPeopleSnapshot } from "../documents/read-people-snapshot.ts";
import { wasJudged } from "../documents/was-judged.ts";
import { attempt, type Found } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import type { NamedPeople, PeopleTold } from "../people/people-told.ts";
import type { HeldLender } from "../people/verify-lender.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { everKnown, hasPassed, notBrought, policiesIn } from "../policies/verify-policies.ts";
import { isOfLoan } from "./verify-review.ts";
import { isSurelySeen } from "./what-was-seen.ts";

/** people.yaml of the policies that the records of a promotion name, in the order of the log. */
export async function peopleNamed(
  steps: readonly Step[],
  read: ReadDocument,
  found: Found,
): Promise<readonly NamedPeople[]> {
  const named: NamedPeople[] = [];
  for (const { record, index } of steps) {
    const policy = record.attachments.find(({ name }) => name === policyFileName)?.sha256;
    const isVerdict = record.type === "verdict";
    if (!isVerdict && !wasJudged(record)) continue;
    // What is wrong with those of the gates is told with what follows from them.
    const told: Found = isVerdict ? found : () => {};
    const path = recordPath(index);
    if (isVerdict && record.body["policy"] !== policy)
      told("policy-differs", path, "The record names other policies than it brings.");
    if (policy === undefined) {
      if (hasPassed(record) && record.body["policy"] === undefined)
        told("policy-differs", path, "The verdict does not name the policies that judged.");
      continue;
    }
    const policies = await attempt("policy-differs", path, told, () => policiesIn(policy, read, everKnown));
    const apart = policies === undefined ? undefined : notBrought(record, policies);
    if (apart !== undefined) told("policy-differs", path, apart);
    // That it is missing was told where it was read, or it was left out as personal data.
    else if (policies?.people !== undefined) named.push({ index, people: policies.people });
  }
  return named;
}

/** What lies with each PASSED verdict of what the directory and people.yaml told, by the places of their records. */
export async function peopleKept(
  steps: readonly Step[],
  read: ReadDocument,
  found: Found,
): Promise<ReadonlyMap<number, PeopleSnapshot>> {
  const kept = new Map<number, PeopleSnapshot>();
  const earlier = new Set<string>();
  for (const { record, index } of steps) {
    if (record.type !== "verdict" || record.body["result"] !== "PASSED") continue;
    const path = recordPath(index);
    const sha256 = record.attachments.find(({ name }) => name === peopleSnapshotName)?.sha256;
    if (sha256 === undefined) {
      found("document-missing", path, "The verdict is PASSED, and does not bring what was told of people then.");
      continue;
    }
    // Its salt is new each time: who still holds which role was not asked again.
    if (earlier.has(sha256))
      found(
        "verdict-differs",
        path,
        "It brings what was told of people for an earlier verdict, and nothing of its own.",
      );
    earlier.add(sha256);
    const snapshot = await attempt("document-changed", path, found, async () => {
      const bytes = await read(sha256);
      return bytes === undefined ? undefined : readPeopleSnapshot(bytes);
    });
    if (snapshot !== undefined) kept.set(index, snapshot);
  }
  return kept;
}

/** Whoever signed something of a promotion that held. */
export interface Signed {
  readonly held: readonly HeldSignOff[];
  readonly lenders: readonly HeldLender[];
}

/**
 * Holds what a verdict keeps of people.yaml against people.yaml itself, where the verdict names its policies: all that is
 * about those who signed and the authors, and nothing else. Answers what is wrong.
 */
export function recheckPeople(
  { record, index, after, requirements }: Step,
  {
    kept,
    named,
    held,
    lenders,
    authors,
  }: Signed & {
    readonly kept: PeopleSnapshot | undefined;
    readonly named: readonly NamedPeople[];
    readonly authors: readonly Author[];
  },
): string | undefined {
  const people = named.find((each) => each.index === index)?.people;
  if (record.type !== "verdict" || bodyOf("verdict", record).result !== "PASSED" || people === undefined)
    return undefined;
  const [stranger] = requirements === undefined ? [] : strangers(after, requirements, people);
  if (stranger !== undefined) return `The verdict is PASSED. ${unlinkableSentence(stranger)}`;
  if (kept === undefined) return undefined;
  // What was kept counts in its own review alone; who signed in the last seconds may or may not have been seen.
  // A loan's verdict rests on its two lenders, and on nobody else who asked for one or offered it.
  const pair = new Set(isOfLoan(record) ? after.loan?.lenders.map(({ signature }) => signature) : []);
  const signers = [
    ...held
      .filter((each) => each.kept !== true || each.signOff.review === after.review)
      .flatMap(({ signOff }) => (isSurelySeen(signOff, record.at) ? [signOff] : [])),
    // Whatever was seen besides, these it was signed over.
    ...lenders.map(({ signature }) => signature).filter(({ id }) => pair.has(id)),
  ].flatMap((signed): readonly Identity[] =>
    "onBehalfOf" in signed ? [signed.reviewer, signed.onBehalfOf.person] : [signed.reviewer],
  );
  const told = new Set(kept.people.map(canonicalJson));
  const asked = entriesKept(people, { members: kept.members, signers, authors });
  if (asked.some((entry) => !told.has(canonicalJson(entry))))
    return "people.json leaves out what people.yaml of the policies that judged says of somebody who signed, or made the candidate.";
  const known = textsOf(people);
  return [...told].every((entry) => known.has(entry))
    ? undefined
    : "people.json says of people what people.yaml of the policies that judged does not.";
}

/** Authors whom the service had to know before it asked anybody, and again before the verdict (0006). */
function strangers(
  { manifest, startedBy }: Step["after"],
  { rule }: Requirements,
  people: readonly Person[],
): readonly Author[] {
  return rule.unlinkableAuthors === "allowed"
    ? []
    : strangersAmong({ manifest, startedBy, duties: rule.excludes, people });
}

/**
 * Whether something passed some of whose authors go by names that belong to nobody in people.yaml, nor to anybody else whom its
 * records tell of. Whoever judged it looked for them in the whole directory, of which records tell next to nothing.
 */
export function namesAuthorsUntold(steps: readonly Step[], told: PeopleTold): boolean {
  return steps.some((step) => {
    if (step.requirements === undefined || !hasPassed(step.record)) return false;
    const { manifest, startedBy } = step.after;
    const { members, people } = told.asVerified(step);
    const duties = step.requirements.rule.excludes;
    const { unlinkable } = excludedPeople({ manifest, startedBy, duties, members, people });
    return unlinkable.some((author) => entriesAbout(people, { members: [], authors: [author] }).length === 0);
  });
}

// The same for every promotion that these policies judged.
const texts = new WeakMap<readonly Person[], ReadonlySet<string>>();

function textsOf(people: readonly Person[]): ReadonlySet<string> {
  const known = texts.get(people) ?? new Set(people.map((person) => canonicalJson(entryKept(person))));
  texts.set(people, known);
  return known;
}
