import { authorsOf } from "../approval/people-snapshot.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { type GateGenerations, gateGenerations } from "../gates/gate-generations.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { PackFinding, PackFindingCode, Unchecked } from "./pack-findings.ts";
import { recordPath } from "./pack-layout.ts";
import { peopleAsSigned } from "./people-then.ts";
import { confirmedByOthers, type PeopleTold, peopleTold } from "./people-told.ts";
import type { PromotionRecord, ReadDocument } from "./promotion-file.ts";
import { attempt, type Found, promotionHistory } from "./promotion-history.ts";
import { attachmentNamed } from "./read-record.ts";
import { type Step, wasJudged } from "./replay-promotion.ts";
import { type RestsOnPolicies, restsOnNone, restsOnPolicies } from "./under-policies.ts";
import { type Decisions, recheckLent, recheckReviews } from "./verify-decisions.ts";
import { recheckConditionsKept, recheckDeploymentEnd, tellsOfTarget } from "./verify-deployment.ts";
import { type JudgedGates, type PolicyOf, recheckGates } from "./verify-gates.ts";
import { recheckIntruders } from "./verify-intruders.ts";
import { keptInReviews } from "./verify-kept-in-review.ts";
import { saidToBeKept, verifyKeptSignOff } from "./verify-kept-sign-offs.ts";
import { type LanePlace, lanePlace } from "./verify-lanes.ts";
import { type HeldLender, verifyLender } from "./verify-lender.ts";
import { type BudgetedLoan, budgetedLoan, type RunningLoan, runningLoan } from "./verify-loans.ts";
import { recheckPassports } from "./verify-passports.ts";
import { peopleKept, peopleNamed, recheckPeople } from "./verify-people.ts";
import { recheckRequirements } from "./verify-policies.ts";
import { recheckPolicyCheck } from "./verify-policy-check.ts";
import { type AsksAgain, asksAgain, type Restricted, restrictedIn } from "./verify-reapprovals.ts";
import { rejectedWhileLent } from "./verify-rejections.ts";
import { recheckRemedy } from "./verify-remedy.ts";
import { recheckRepeated } from "./verify-repeated.ts";
import { recheckReports } from "./verify-reports.ts";
import { isOfLoan, recheckTimes } from "./verify-review.ts";
import { environmentLacking, recheckServed } from "./verify-served.ts";
import { recheckShadowRun } from "./verify-shadow.ts";
import { type AttestationTrust, type HeldSignOff, type ToldSignOff, verifySignOff } from "./verify-sign-offs.ts";
import { type Succession, successionIn } from "./verify-succession.ts";
import { recheckActivation, recheckDeployment, recheckVerdict } from "./verify-verdict.ts";
import { whatCannotBeTold } from "./what-cannot-be-told.ts";
import { type Served, servedIn } from "./what-served.ts";
import { type Displaced, displacedIn, type KeptFrom, keptFrom } from "./what-stood.ts";

export interface PromotionInput {
  readonly promotion: PromotionId;
  /** All records of the promotion, in the order of the log. */
  readonly records: readonly PromotionRecord[];
  /** Bytes whose digest was checked. */
  readonly read: ReadDocument;
  /** Documents of other promotions, where they are in the pack; absent: as `read`. */
  readonly elsewhere?: ReadDocument;
  readonly leftOut: ReadonlySet<Sha256>;
  readonly trust: AttestationTrust;
  readonly policyOf: PolicyOf;
  /** Shared by promotions that are verified together. */
  readonly judged?: JudgedGates;
  /** How evidence was judged over time, where it is not as this version knows it. */
  readonly generations?: GateGenerations;
}

export interface PromotionResult extends RestsOnPolicies {
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
  /** As it stands at the end of its records; absent where not even the request could be read. */
  readonly end?: Promotion;
  readonly signOffs: number;
  /** What the sign-offs that held say, by the places of their records. */
  readonly told: ReadonlyMap<number, ToldSignOff>;
  /** Its loan's place in the budget, where it was lent. */
  readonly budgeted?: BudgetedLoan;
  /** A loan that runs at the end of its records. */
  readonly running?: RunningLoan;
  readonly place?: LanePlace;
  readonly served?: Served;
  /** What became of its sign-offs, where another promotion took its place. */
  readonly displaced?: Displaced;
  readonly keptFrom: readonly KeptFrom[];
  readonly restricted?: Restricted;
  readonly again?: AsksAgain;
  readonly succession?: Succession;
}

/**
 * Verifies everything that is recorded about one promotion, as if nobody had checked anything before: each signature,
 * the gates and the quorum from the archived policy and evidence, the life cycle, the times, the verdict.
 */
export async function verifyPromotion(input: PromotionInput): Promise<PromotionResult> {
  const { promotion, records, read } = input;
  const findings: PackFinding[] = [];
  const found = (code: PackFindingCode, path: string, sentence: string) =>
    void findings.push({ code, path, promotion, sentence });

  const { history, manifest, steps, stopped } = await promotionHistory(promotion, records, read, found);
  const signOffs = records.filter(({ record }) => record.type === "sign-off").length;
  // What everything rests on cannot be read here: whatever else did not add up would be for that reason.
  if (findings.some(({ code }) => code === "newer-version"))
    return { ...restsOnNone, findings, unchecked: [], signOffs, told: new Map(), keptFrom: [] };
  if (stopped !== undefined) found("life-cycle", pathOf(history, stopped.record.id), stopped.sentence);

  const told = new Map<number, ToldSignOff>();
  const given = await signOffsOf(input, steps, told, found);
  const held = [...given, ...keptInReviews(steps, given)];
  const lenders = await lendersOf(input, steps, found);
  const { passkeys, delegations } = input.trust;
  const own = peopleAsSigned([...held, ...lenders], delegations);
  const end = steps.at(-1)?.after;
  const authors = end === undefined ? [] : authorsOf(end.manifest, end.startedBy);
  const named = await peopleNamed(steps, read, found);
  const snapshots = await peopleKept(steps, read, found);
  const people = peopleTold({ own, authors, named, kept: ({ index }) => snapshots.get(index) });
  for (const step of steps) {
    await recheckStep(step, { input, manifest, held, lenders, people, found });
    const path = recordPath(step.index);
    const told = { kept: snapshots.get(step.index), named, held, lenders, authors };
    const sentence = await attempt("quorum-differs", path, found, async () => recheckPeople(step, told));
    if (sentence !== undefined) found("quorum-differs", path, sentence);
  }
  const first = recordPath(records[0]?.index ?? 0);
  const decisions: Decisions = { steps, held, lenders, passkeys, own, authors, named, kept: snapshots };
  const reviewed = await attempt("quorum-differs", first, found, async () => recheckReviews(decisions));
  const lent = await attempt("loan-invalid", first, found, async () => recheckLent(decisions));
  const open = [...(reviewed ?? []), ...(lent ?? [])];
  const times = await attempt("quorum-differs", first, found, async () => recheckTimes(steps, held));
  for (const { code, index, sentence } of times ?? []) found(code, recordPath(index), sentence);
  const budgeted = budgetedLoan(steps);
  const passports = await attempt("deployment-unapproved", first, found, async () => recheckPassports(records, steps));
  for (const { index, sentence } of passports ?? []) found("deployment-unapproved", recordPath(index), sentence);
  const reports = await attempt("deployment-differs", first, found, async () => recheckReports(records, steps));
  for (const { index, sentence } of reports ?? []) found("deployment-differs", recordPath(index), sentence);
  const intruders = await attempt("deployment-differs", first, found, () => recheckIntruders(records, steps, read));
  for (const { index, sentence } of intruders ?? []) found("deployment-differs", recordPath(index), sentence);
  const repeated = await attempt("life-cycle", first, found, async () => recheckRepeated(records, steps));
  for (const { code, index, sentence } of repeated ?? []) found(code, recordPath(index), sentence);
  const rejectedAt = await attempt("loan-invalid", first, found, async () => rejectedWhileLent(steps, held, people));
  const running = runningLoan(steps, rejectedAt);
  // A record that cannot be read is said where it stands.
  const readable = <Value>(act: () => Value | Promise<Value>) =>
    attempt(
      "life-cycle",
      first,
      () => {},
      async () => await act(),
    );
  const place = await readable(() => lanePlace(steps));
  const served = await readable(() => servedIn(steps, read));
  const displaced = await readable(() => displacedIn(steps, held, own));
  const kept = await readable(() => keptFrom(records, steps, held));
  const restricted = await readable(() => restrictedIn(steps));
  const succession = await readable(() => successionIn(steps));
  const again = await readable(() => asksAgain(steps, manifest));
  const last = steps.findLast(({ record }) => record.type === "verdict" && !isOfLoan(record));
  const ofPeople = { kept: last !== undefined && snapshots.has(last.index), policies: named.length > 0 };
  const unchecked = end === undefined ? [] : whatCannotBeTold(input, end, steps, ofPeople);
  return {
    findings,
    unchecked,
    signOffs,
    told,
    ...(await restsOnPolicies(steps, manifest, read, found)),
    ...(open.length === 0 ? {} : { decided: { ...decisions, promotion, problems: open } }),
    keptFrom: kept ?? [],
    ...(budgeted === undefined ? {} : { budgeted }),
    ...(running === undefined ? {} : { running }),
    ...(place === undefined ? {} : { place }),
    ...(served === undefined ? {} : { served }),
    ...(displaced === undefined ? {} : { displaced }),
    ...(restricted === undefined ? {} : { restricted }),
    ...(again === undefined ? {} : { again }),
    ...(succession === undefined ? {} : { succession }),
    ...(end === undefined ? {} : { end }),
  };
}

async function signOffsOf(
  { records, read, trust, leftOut }: PromotionInput,
  steps: readonly Step[],
  told: Map<number, ToldSignOff>,
  found: Found,
): Promise<readonly HeldSignOff[]> {
  const held: HeldSignOff[] = [];
  for (const each of records.filter(({ record }) => record.type === "sign-off")) {
    const sign = await attempt("sign-off-invalid", recordPath(each.index), found, async () => {
      const without = leftOut.has(attachmentNamed(each.record, "id-token.jwt").sha256);
      return await verifySignOff(each, steps, read, trust, without);
    });
    if (sign === undefined) continue;
    held.push(sign);
    told.set(each.index, sign.told);
  }
  const kept = saidToBeKept(steps);
  const proved = new Set<Sha256>();
  for (const each of records.filter(({ record }) => record.type === "sign-off-kept")) {
    const path = recordPath(each.index);
    await attempt("sign-off-invalid", path, found, async () => {
      const { signOff } = bodyOf("sign-off-kept", each.record);
      const said = kept.get(signOff);
      // Written before the promotion that would rest on it, and that one was ended by somebody else: it counts nowhere.
      if (said === undefined) return;
      const without = leftOut.has(attachmentNamed(each.record, "id-token.jwt").sha256);
      held.push(await verifyKeptSignOff(each, said.step, read, trust, without));
      proved.add(signOff);
    });
  }
  for (const [signOff, { step }] of kept) {
    if (proved.has(signOff)) continue;
    found(
      "sign-off-invalid",
      recordPath(step.index),
      `The sign-off ${signOff} is said to be kept, and nothing proves it.`,
    );
  }
  return held;
}

async function lendersOf(
  { records, read, trust, leftOut }: PromotionInput,
  steps: readonly Step[],
  found: Found,
): Promise<readonly HeldLender[]> {
  const lenders: HeldLender[] = [];
  for (const each of records.filter(({ record }) => record.type === "loan-requested")) {
    const held = await attempt("loan-invalid", recordPath(each.index), found, async () => {
      const without = leftOut.has(attachmentNamed(each.record, "id-token.jwt").sha256);
      return await verifyLender(each, steps, read, trust, without);
    });
    if (held !== undefined) lenders.push(held);
  }
  return lenders;
}

async function recheckStep(
  step: Step,
  context: {
    readonly input: PromotionInput;
    readonly manifest: FreezeManifest | undefined;
    readonly held: readonly HeldSignOff[];
    readonly lenders: readonly HeldLender[];
    readonly people: PeopleTold;
    readonly found: Found;
  },
): Promise<void> {
  const { input, manifest, held, lenders, people, found } = context;
  const { record, index } = step;
  const path = recordPath(index);
  if (wasJudged(record)) {
    const wrong = await attempt("gates-differ", path, found, async () =>
      manifest === undefined
        ? ["What was frozen cannot be read, so the gates cannot be evaluated again."]
        : await recheckGates(step, manifest, input.read, {
            policyOf: input.policyOf,
            generations: input.generations ?? gateGenerations,
            judged: input.judged ?? new Map(),
            elsewhere: input.elsewhere ?? input.read,
          }),
    );
    for (const sentence of wrong ?? []) found("gates-differ", path, sentence);
    const derived = await attempt("policy-differs", path, found, () => recheckRequirements(step, input.read));
    for (const sentence of derived ?? []) found("policy-differs", path, sentence);
  } else if (record.type === "shadow-run") {
    const wrong = await attempt("gates-differ", path, found, () => recheckShadowRun(step, input.read));
    for (const sentence of wrong ?? []) found("gates-differ", path, sentence);
  } else if (record.type === "verdict") {
    await attempt("verdict-differs", path, found, () => {
      const told = people.asVerified(step);
      const used = [...held.map(({ signOff }) => signOff), ...lenders.map(({ signature }) => signature)];
      const passkeys = confirmedByOthers(input.trust.passkeys, used, told);
      return recheckVerdict(step, { held, lenders }, input.read, { ...input.trust, passkeys });
    });
  } else if (record.type === "deployment-started") {
    const lacking = environmentLacking(record);
    if (lacking !== undefined) found("document-missing", path, lacking);
    const wrong = await attempt("deployment-unapproved", path, found, async () => [
      await recheckDeployment(step, input.read),
      ...(await recheckServed(step, input.read)),
    ]);
    for (const sentence of wrong ?? []) if (sentence !== undefined) found("deployment-unapproved", path, sentence);
  } else if (record.type === "policy-activated") {
    const sentence = recheckActivation(step);
    if (sentence !== undefined) found("deployment-unapproved", path, sentence);
  } else if (record.type === "remedy") {
    const sentence = await attempt("deployment-differs", path, found, () => recheckRemedy(step, input.read));
    if (sentence !== undefined) found("deployment-differs", path, sentence);
  } else if (tellsOfTarget(step)) {
    const sentences = [
      await attempt("deployment-differs", path, found, () => recheckDeploymentEnd(record, input.read)),
      await attempt("deployment-differs", path, found, async () => recheckConditionsKept(step, held)),
    ];
    for (const sentence of sentences) if (sentence !== undefined) found("deployment-differs", path, sentence);
  }
  if (step.after.manifest.target.kind !== "policy") return;
  const shown = await attempt("policy-differs", path, found, () => recheckPolicyCheck(step, input.read));
  for (const sentence of shown ?? []) found("policy-differs", path, sentence);
}

function pathOf(history: readonly PromotionRecord[], id: string): string {
  return recordPath(history.find(({ record }) => record.id === id)?.index ?? 0);
}
