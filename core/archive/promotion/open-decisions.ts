import { requirementsInForce } from "../../approval/promotion-approval.ts";
import type { Requirements } from "../../approval/requirements.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { ArchivedPolicies } from "../../policy/load-policies.ts";
import { type Identity, identityKey } from "../../promotion/identity.ts";
import { isLent } from "../../promotion/lending.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { attempt, type Found } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import { mayBeOnItsWay } from "../pack/on-its-way.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import type { Besides } from "../people/people-told.ts";
import { askedAbout, everKnown, type KnownPolicies, readOrUndefined } from "../policies/verify-policies.ts";
import { byVersion, inForceIn } from "../policies/versions-in-force.ts";
import {
  type DecisionProblem,
  type Decisions,
  type Meanwhile,
  recheckLent,
  recheckReviews,
} from "./verify-decisions.ts";

/**
 * Decisions that do not follow from what was signed by the policies that the promotion's records name. Others may have
 * come in force in between, of which no record of its own tells.
 */
export interface OpenDecisions extends Decisions {
  readonly promotion: PromotionId;
  readonly problems: readonly DecisionProblem[];
}

/** What is wrong with decisions, and where only policies that are not here could tell. */
export interface DecisionsVerification {
  readonly problems: readonly (DecisionProblem & { readonly promotion: PromotionId })[];
  readonly unchecked: readonly Unchecked[];
}

/**
 * Makes decisions once more by whatever may have been in force as each was made, where the log tells of all that ever was:
 * by its people.yaml, and what stopped a loan by its requirements as well.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 * @param goesTo as late as the log goes on: what was left open is wrong once it was due by then
 */
export async function verifyOpenDecisions(
  activations: readonly PromotionRecord[],
  all: readonly OpenDecisions[],
  read: ReadDocument,
  goesTo?: Instant,
  known: KnownPolicies = everKnown,
): Promise<DecisionsVerification> {
  const versions = inForceIn(activations);
  const wasDue = ({ open }: DecisionProblem) => open === undefined || (goesTo !== undefined && goesTo >= open.due);
  const open = all.filter(({ problems }) => problems.some(wasDue));
  if (versions.count === 0) {
    const untold = await Promise.all(open.map((each) => recheckUntold(each, wasDue)));
    return {
      problems: untold.flatMap(({ problems }) => problems),
      unchecked: untold.flatMap(({ unchecked }) => unchecked),
    };
  }
  const problems: DecisionsVerification["problems"][number][] = [];
  const unchecked: Unchecked[] = [];
  for (const each of open) {
    const times = new Map(each.steps.map(({ index, record }) => [index, record.at]));
    const madeAt = ({ index, open: left }: DecisionProblem) => left?.since ?? times.get(index);
    const inForce: { readonly policies: ArchivedPolicies; readonly at: ReadonlySet<number> }[] = [];
    const made = each.problems.flatMap((problem) => {
      const at = madeAt(problem);
      return at === undefined ? [] : [{ index: problem.index, at }];
    });
    for (const [policy, then] of byVersion(versions, made, ({ at }) => at)) {
      const policies = await readOrUndefined(policy, read, known);
      if (policies !== undefined) inForce.push({ policies, at: new Set([...then].map(({ index }) => index)) });
    }
    const then = ({ index }: Pick<Step, "index">) =>
      inForce.flatMap(({ policies, at }) => (at.has(index) ? [policies] : []));
    const left = await recheckBy(each, {
      people: (step) => then(step).flatMap(({ people }) => (people === undefined ? [] : [people])),
      requirements: (step) => then(step).flatMap((policies) => requirementsBy(policies, step)),
    });
    const due = left.filter(wasDue);
    const soon = due.filter((problem) => {
      const at = madeAt(problem);
      return at !== undefined && mayBeOnItsWay(at, goesTo);
    });
    // Others may have come in force meanwhile, whose record is on its way.
    const untold = soon.length === 0 ? nothingWrong : await recheckUntold({ ...each, problems: soon }, wasDue);
    const stands = new Set(untold.problems.map(textOf));
    const wrong = due.filter((problem) => !soon.includes(problem) || stands.has(textOf(problem)));
    problems.push(...wrong.map((problem) => ({ ...problem, promotion: each.promotion })));
    unchecked.push(...untold.unchecked);
  }
  return { problems, unchecked };
}

async function recheckBy(open: OpenDecisions, meanwhile: Meanwhile): Promise<readonly DecisionProblem[]> {
  const left = await attempt("quorum-differs", "", nothing, async () => [
    ...recheckReviews(open, meanwhile),
    ...recheckLent(open, meanwhile),
  ]);
  // What others make unreadable they do not make right.
  return left ?? open.problems;
}

const nothing: Found = () => {};
const nothingWrong: DecisionsVerification = { problems: [], unchecked: [] };

function requirementsBy(policies: ArchivedPolicies, { before, requirements }: Step): readonly Requirements[] {
  if (before === undefined) return [];
  const evidence = requirements?.decided?.facts.evidence;
  const facts = { ...before.facts, ...(evidence === undefined ? {} : { evidence }) };
  const asked = requirementsInForce(policies, askedAbout({ manifest: before.manifest, facts }));
  return asked.kind === "asked" ? [asked.requirements.document] : [];
}

/**
 * Decisions once more where nobody tells which policies came in force meanwhile: whether they would follow had another
 * people.yaml linked nobody, or two of those who signed or made the candidate, as its correction may have. Not where the
 * records before and after name the same.
 */
async function recheckUntold(
  open: OpenDecisions,
  wasDue: (problem: DecisionProblem) => boolean,
): Promise<DecisionsVerification> {
  const guessed = guesses(open);
  const { named } = open;
  const left = await recheckBy(open, {
    people: ({ index }) => (stoodUnchanged(named, index) ? [] : guessed),
    requirements: () => [],
  });
  const problems = left.filter((problem) => wasDue(problem) && !mayBeStopped(problem, open));
  const texts = new Set(problems.map(textOf));
  const unchecked = open.problems.filter(wasDue).flatMap((problem): readonly Unchecked[] => {
    const sentence = `Whether other policies were in force then, by which it was decided as is told, and which are not here: by those that its records name it was not. (${problem.sentence})`;
    return texts.has(textOf(problem)) ? [] : [{ promotion: open.promotion, sentence }];
  });
  return { problems: problems.map((problem) => ({ ...problem, promotion: open.promotion })), unchecked };
}

/** Whether the same policies are named before and after: nothing else came in force in between. */
function stoodUnchanged(named: OpenDecisions["named"], index: number): boolean {
  const before = named.findLast((each) => each.index <= index);
  const after = named.find((each) => each.index > index);
  return before !== undefined && before.people === after?.people;
}

function textOf({ index, sentence }: DecisionProblem): string {
  return `${index} ${sentence}`;
}

/** Nobody linked, and each two of those who signed or had a hand in it. */
function guesses({ held, lenders, authors }: Decisions): ReturnType<Besides> {
  const signed: readonly Identity[] = [
    ...held.map(({ signOff }) => signOff.reviewer),
    ...lenders.map(({ signature }) => signature.reviewer),
  ];
  const identities = [...new Map(signed.map((identity) => [identityKey(identity), identity])).values()];
  const nobody = { name: "", addresses: [], accounts: [], identities: [], outside: false };
  return [
    [],
    ...identities.flatMap((one, place) => [
      ...identities.slice(place + 1).map((other) => [{ ...nobody, identities: [one, other] }]),
      ...authors.map((author) => [
        {
          ...nobody,
          identities: "identity" in author ? [one, author.identity] : [one],
          addresses: "address" in author ? [author.address] : [],
          accounts: "account" in author ? [author.account] : [],
        },
      ]),
    ]),
  ];
}

/** What is lent may have been rejected by whoever could do so by policies of meanwhile: stopping is the safe direction. */
function mayBeStopped({ index }: DecisionProblem, { steps, held }: Decisions): boolean {
  const step = steps.find((each) => each.index === index);
  if (step?.record.type !== "rejected" || step.before === undefined || !isLent(step.before)) return false;
  const { review } = step.before;
  const rejections = held.filter(({ signOff }) => signOff.result === "reject" && signOff.review === review);
  const given = new Set(rejections.map(({ signOff }) => identityKey(signOff.reviewer)));
  const { by } = bodyOf("rejected", step.record);
  return by.length > 0 && by.every((identity) => given.has(identityKey(identity)));
}
