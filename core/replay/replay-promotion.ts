import { frozenSentence } from "../approval/calendar.ts";
import { inScopeOf } from "../approval/delegation.ts";
import { titleOf } from "../approval/entitlement.ts";
import { excludedPeople } from "../approval/exclusions.ts";
import { calendarNow, requirementsNow, shadowPlanInForce } from "../approval/promotion-approval.ts";
import type { Requirements } from "../approval/requirements.ts";
import type { Instant } from "../encoding/instant.ts";
import { list } from "../encoding/policy-file.ts";
import { Failure } from "../failure.ts";
import { blocks } from "../gates/gate-report.ts";
import { judge } from "../gates/judge.ts";
import { matrixFacts } from "../gates/matrix-facts.ts";
import type { EvaluatePolicy } from "../gates/policy-result.ts";
import { judgedInShadow } from "../gates/shadow/rules.ts";
import { playReview } from "../policy/play-review.ts";
import type { SimulatedPolicy } from "../policy/simulation.ts";
import { identityKey, type Member } from "../promotion/identity.ts";
import type { EvidenceFacts } from "../promotion/promotion.ts";
import { type ShadowPlan, shadowPlanDigest } from "../promotion/shadow.ts";
import type { PastPromotion } from "./past-promotion.ts";

/** Where a promotion stands under some policies, with the evidence and the signatures that there are: no others. */
export type Standing =
  | { readonly kind: "would-pass" }
  | { readonly kind: "would-be-blocked"; readonly by: "gates" | "matrix" | "rejection"; readonly why: string }
  /** `for`: the roles whose seats nobody who signed fills. */
  | { readonly kind: "would-wait"; readonly for: readonly string[]; readonly why: string }
  /** The pack does not hold what the policies ask for. */
  | { readonly kind: "cannot-tell"; readonly why: string };

export interface ReplayPolicy {
  readonly policy: SimulatedPolicy;
  readonly evaluate: EvaluatePolicy;
  /** The directory as it is now, where it is given: only then can be told whom an unknown author may be. */
  readonly members?: readonly Member[];
  /** All gates are judged at this moment; absent: each at its own, so that a trial counts as it would have then. */
  readonly at?: Instant;
}

/** One promotion under the policies that judged it, and under those that are tried. Plain JSON. */
export interface ReplayedPromotion {
  readonly promotion: string;
  readonly title: string;
  /** As it ended. */
  readonly status: string;
  readonly before: Standing;
  readonly after: Standing;
}

/** Judges one past promotion again, by other policies. */
export function replayUnder(past: PastPromotion, context: ReplayPolicy): ReplayedPromotion {
  const { id, end } = past;
  const { model, target } = end.manifest;
  return {
    promotion: id,
    title: `${model.name} ${model.version} in ${target.name}`,
    status: end.status,
    before: standingThen(past),
    after: standingUnder(past, context),
  };
}

/** By the requirements that it was pinned to, and what its gates were found to come to. */
function standingThen(past: PastPromotion): Standing {
  const { judged, requirements } = past;
  if (judged === undefined || requirements === undefined) return notJudged;
  if (judged.record.type === "blocked") {
    const by = judged.record.body["step"] === "matrix" ? "matrix" : "gates";
    return { kind: "would-be-blocked", by, why: judged.record.summary };
  }
  return reviewed(past, requirements, { members: past.members, people: past.people, known: false });
}

const notJudged: Standing = { kind: "cannot-tell", why: "Its gates were never evaluated." };

function standingUnder(past: PastPromotion, context: ReplayPolicy): Standing {
  const { end, judged, evidence } = past;
  if (judged === undefined) return notJudged;
  if (evidence === undefined) return { kind: "cannot-tell", why: "Its evidence is not in the pack." };
  const { policy } = context;
  const { manifest } = end;
  const now = context.at ?? judged.record.at;
  const plan = shadowPlanOf(policy, end);
  if (plan !== undefined && "kind" in plan) return plan;
  if (plan !== undefined && end.shadow === undefined)
    return { kind: "cannot-tell", why: "It did not run in shadow then, and these policies ask for that." };
  const { thresholds, added } = judgedInShadow(
    policy.thresholds(manifest.model.type, manifest.target.name),
    plan,
    ranUnder(plan, end),
  );
  const { report, facts } = judge({
    manifest,
    computedDigests: past.computedDigests,
    evidence,
    added,
    thresholds,
    wasmDigest: policy.wasmDigest,
    evaluate: context.evaluate,
    now,
    releases: past.releases,
  });
  // What a candidate would be compared with is kept only where it was compared with it then.
  const uncompared = (rule: string) => past.releases === undefined && rule.startsWith("champion.");
  const blocking = report.findings.filter(blocks);
  const certain = blocking.filter(({ rule }) => !uncompared(rule));
  if (certain.length > 0)
    return { kind: "would-be-blocked", by: "gates", why: certain.map(({ sentence }) => sentence).join(" ") };
  if (blocking.length > 0)
    return {
      kind: "cannot-tell",
      why: "What it would be compared with was not kept: it was compared with nothing then.",
    };
  const decided = decide(past, policy, matrixFacts(facts));
  if ("kind" in decided) return decided;
  // The directory of now knows nothing of people who left; whoever signed is known by what they signed with.
  const own = new Set(past.members.map(({ identity }) => identityKey(identity)));
  const others = (context.members ?? []).filter(({ identity }) => !own.has(identityKey(identity)));
  const people = { members: [...past.members, ...others], people: policy.people, known: context.members !== undefined };
  return outsideWindows(past, decided.document, people, policy);
}

/** As the review comes out where nothing that was signed or verified in a freeze window counts. */
function outsideWindows(
  past: PastPromotion,
  requirements: Requirements,
  people: Parameters<typeof reviewed>[2],
  policy: SimulatedPolicy,
): Standing {
  const calendar = (at: Instant) => calendarNow(policy, past.end, at);
  // Stopping is possible at any time.
  const frozen = past.decisions.filter(({ at, result }) => result === "approve" && calendar(at).kind === "frozen");
  const decisions = past.decisions.filter((each) => !frozen.includes(each));
  const standing = reviewed({ ...past, decisions }, requirements, people);
  const [first] = frozen;
  if (first !== undefined && standing.kind === "would-wait") {
    const at = calendar(first.at);
    const window = at.kind === "frozen" ? ` ('${at.window}')` : "";
    return { ...standing, why: `${standing.why} What was signed while changes were frozen${window} does not count.` };
  }
  const verified = past.passedAt === undefined ? undefined : calendar(past.passedAt);
  return standing.kind === "would-pass" && verified?.kind === "frozen"
    ? { kind: "would-wait", for: [], why: `Everybody has signed. ${frozenSentence(verified)}` }
    : standing;
}

function shadowPlanOf(policy: SimulatedPolicy, end: PastPromotion["end"]): ShadowPlan | Standing | undefined {
  try {
    return shadowPlanInForce(policy, end);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "internal") throw error;
    // A condition on a fact that records of then did not state.
    return { kind: "cannot-tell", why: error.message };
  }
}

/** What it came to in shadow then is judged by the bounds of now, however long it was to run. */
function ranUnder(plan: ShadowPlan | undefined, end: PastPromotion["end"]): PastPromotion["end"] {
  if (plan === undefined || end.shadow === undefined) return end;
  return { ...end, shadow: { ...end.shadow, plan: shadowPlanDigest(plan) } };
}

function decide(
  { end }: PastPromotion,
  policy: SimulatedPolicy,
  evidence: EvidenceFacts,
): ReturnType<typeof requirementsNow> | Standing {
  try {
    return requirementsNow(policy, { manifest: end.manifest, facts: { ...end.facts, evidence } });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A condition on a fact that records of then did not state.
    if (error.code === "internal") return { kind: "cannot-tell", why: error.message };
    return { kind: "would-be-blocked", by: "matrix", why: error.message };
  }
}

function reviewed(
  { id, end, decisions, delegations = [] }: PastPromotion,
  { rule, roles }: Requirements,
  { members, people, known }: Pick<PastPromotion, "members" | "people"> & { readonly known: boolean },
): Standing {
  const { manifest, startedBy } = end;
  const { excluded, unlinkable } = excludedPeople({ manifest, startedBy, duties: rule.excludes, members, people });
  if (known && unlinkable.length > 0 && rule.unlinkableAuthors !== "allowed")
    return { kind: "would-be-blocked", by: "matrix", why: "An author is neither in the directory nor in people.yaml." };
  const { approval } = playReview({
    promotion: id,
    rule,
    roles,
    decisions,
    delegations: inScopeOf(delegations, manifest),
    excluded,
    members,
    people,
    entitlement: "as-signed",
    now: end.submittedAt,
  });
  const { outcome } = approval;
  switch (outcome.kind) {
    case "reached":
      return { kind: "would-pass" };
    case "rejected":
      return { kind: "would-be-blocked", by: "rejection", why: outcome.reason };
    case "open": {
      const missing = [...new Set(outcome.missing)];
      const titles = list(missing.map((role) => titleOf(roles, role)));
      return { kind: "would-wait", for: missing, why: `Nobody who signed fills the seat of ${titles}.` };
    }
    default:
      return outcome satisfies never;
  }
}
