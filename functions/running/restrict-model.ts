import { whyNobodyCouldSign } from "../../core/approval/out-of-reach.ts";
import { type ApprovalPolicy, groupsOf, requirementsInForce } from "../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../core/approval/requirements.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import {
  type AfterDrift,
  askedAnew,
  type DriftReport,
  driftEvidence,
  furtherDrift,
  outcomeOfDrift,
  restricted,
  toldInHistory,
} from "../../core/promotion/drift.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { type FrozenEvidence, freezeDigest } from "../../core/promotion/freeze-manifest.ts";
import type { Identity, Member } from "../../core/promotion/identity.ts";
import { hasEnded } from "../../core/promotion/life-cycle.ts";
import { outcomeFact } from "../../core/promotion/outcome.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../core/promotion/promotion-id.ts";
import { reapprovalOf, withDrift } from "../../core/promotion/reapproval.ts";
import { mayNotAskAgain } from "../../core/promotion/restriction.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../steps/promotion-store.ts";
import { laneOf, type PromotionLists, surveyLane } from "./what-runs.ts";
import { servedMost } from "./who-served.ts";

export interface RestrictModelPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly promotions: PromotionMoves &
    PromotionLists & {
      create(promotion: Promotion): Promise<"created" | "exists">;
      recordFact(fact: Fact): Promise<"recorded" | "exists">;
    };
  readonly start: (id: PromotionId) => Promise<void>;
}

/** A report, of whom, and how its bytes are kept. */
export interface ReportedDrift {
  readonly model: string;
  readonly report: DriftReport;
  readonly by: Identity;
  /** Keeps the report under its digest; asked for before any record names it. */
  readonly keep: () => Promise<void>;
}

/** The promotion that the report is about, as it is then. */
export interface RestrictedModel {
  readonly promotion: Promotion;
  /** Whether this report restricted it, or had a new approval opened. */
  readonly first: boolean;
  readonly recorded: boolean;
}

/**
 * A monitor found that what runs is no longer what was approved. The first report restricts it and opens one new
 * approval, by a conditional write; all others, however many come at once, find that done. What a crash leaves undone,
 * the next report of any monitor does.
 */
export function restrictModel(ports: RestrictModelPorts) {
  const reapprove = openReapproval(ports);
  return async ({ model, report, by, keep }: ReportedDrift): Promise<RestrictedModel> => {
    const concerned = await concernedBy(model, report);
    const other = await measuredInstead(concerned, report);
    if (other !== undefined) return keptWith(other, { report, by, keep });
    if (!toldInHistory(concerned, report, by)) await keep();
    let first = false;
    const after = await moveOn(ports.promotions, concerned.id, async (current) => {
      first = false;
      if (current.status !== "deployed" && current.status !== "restricted") return undefined;
      const ended = await endedBefore(current, report);
      if (ended === undefined && (toldInHistory(current, report, by) || hasReapproval(current))) return undefined;
      const next = await whatFollows(ports, current, driftEvidence(report.report));
      if (current.status === "restricted" && next.kind !== "reapproval") return undefined;
      first = true;
      const refused = ended !== undefined && ended.status !== "superseded";
      return restricted(current, report, { by, at: ports.now(), after: next, rule: ruleFor(current), refused });
    });
    const recorded =
      first ||
      (!toldInHistory(after, report, by) &&
        (await ports.promotions.recordFact(furtherDrift(after, report, by, ports.now()))) === "recorded");
    if (hasReapproval(after)) await reapprove(after);
    return { promotion: after, first, recorded };
  };

  /**
   * What the report is about, where that is not what runs: what served for the largest part of its time. What was measured of another
   * says nothing of it. Throws `not-found` where nothing ran then that was approved here.
   */
  async function measuredInstead(
    concerned: Promotion,
    { window, reopens }: DriftReport,
  ): Promise<Promotion | undefined> {
    const { status, deployment } = concerned;
    if (status === "rolled-back" || reopens !== undefined) return undefined;
    const most = await servedMost(ports.promotions, concerned, window);
    if (most !== undefined) return most.id === concerned.id ? undefined : most;
    // Its first part of the requests is all that may have been measured.
    if (deployment === undefined || window.until > deployment.startedAt) return undefined;
    const { model, target } = laneOf(concerned);
    throw new Failure(
      "not-found",
      `No version of '${model}' that was approved here ran in '${target}' in the time that the report is about.`,
    );
  }

  /** It is told as an outcome, and restricts nothing. */
  async function keptWith(
    promotion: Promotion,
    { report, by, keep }: Omit<ReportedDrift, "model">,
  ): Promise<RestrictedModel> {
    await keep();
    const told = await ports.promotions.recordFact(outcomeFact(promotion, outcomeOfDrift(report), by, ports.now()));
    return { promotion, first: false, recorded: told === "recorded" };
  }

  /**
   * What runs; or what ran while the report was measured, and has made place for it since. A storm that goes on must not
   * restrict the model that came back, and the one before that, and so on; what that one served for most of is about it.
   */
  async function concernedBy(model: string, { target, window }: DriftReport): Promise<Promotion> {
    const { running, wentBack } = await surveyLane(ports.promotions, { model, target });
    const before = wentBack.find(({ restriction }) => window.from < (restriction?.taken?.doneAt ?? ""));
    const servesMost = async () =>
      running !== undefined && (await servedMost(ports.promotions, running, window))?.id === running.id;
    const concerned = before === undefined || (await servesMost()) ? running : before;
    if (concerned === undefined || concerned.manifest.target.kind === "policy")
      throw new Failure("not-found", `No version of '${model}' that was approved here runs in '${target}'.`);
    return concerned;
  }

  /** The approval that was refused or not given, where the report names it and asks for another. */
  async function endedBefore({ restriction }: Promotion, { reopens }: DriftReport): Promise<Promotion | undefined> {
    if (reopens === undefined || restriction?.reapproval !== reopens) return undefined;
    const ended = await requirePromotion(ports.promotions, reopens);
    if (!hasEnded(ended.status))
      throw new Failure("conflict", `The approval that is to be opened anew is ${ended.status}: it has not ended.`);
    return ended;
  }

  function ruleFor(current: Promotion) {
    const asked = askedOf(ports, current);
    return asked.kind === "none" ? undefined : asked.requirements.document.rule;
  }
}

/**
 * Makes the promotion that the restriction names, if it is not there, and starts it: whoever wrote the restriction may have died
 * before that. Where a newer candidate was in its place, or took it, and came to nothing, another one is asked for; and where nobody could
 * be asked, once somebody can.
 */
export function openReapproval(ports: RestrictModelPorts) {
  return async (after: Promotion): Promise<void> => {
    const id = after.restriction?.reapproval;
    if (id === undefined) return after.status === "restricted" ? askAnew(after) : undefined;
    const known = await ports.promotions.load(id);
    if (known === undefined) return open(after, id);
    if (known.status === "gating" && known.frozen === undefined) return ports.start(id);
    if (known.status === "superseded" && (await cameToNothing(known))) await askAnew(after);
  };

  async function askAnew(after: Promotion): Promise<void> {
    if (await hasMadePlace(after)) return;
    const before = after.restriction?.reapproval;
    const next = await moveOn(ports.promotions, after.id, async (current) => {
      const { restriction, status } = current;
      if (status !== "restricted" || restriction === undefined || restriction.reapproval !== before) return undefined;
      if (mayNotAskAgain(current.history)) return undefined;
      const follows = await whatFollows(ports, current, restriction.evidence);
      return follows.kind === "reapproval" ? askedAnew(current, follows.promotion, ports.now()) : undefined;
    });
    const reapproval = next.restriction?.reapproval;
    if (reapproval !== undefined && reapproval !== before) await open(next, reapproval);
  }

  async function open(after: Promotion, id: PromotionId): Promise<void> {
    // It would take the place of what was submitted, or deployed, meanwhile.
    if (await hasMadePlace(after)) return;
    const asked = askedOf(ports, after);
    // It was known when the restriction was written; a policy that came in force since has nothing for it.
    if (asked.kind === "none") throw asked.why;
    const { document, sha256: requirements } = asked.requirements;
    const at = ports.now();
    const expiresAt = addSeconds(at, document.rule.expiresAfterSeconds);
    await ports.promotions.create(reapprovalOf(after, { id, at, expiresAt, requirements }));
    await ports.start(id);
  }

  async function hasMadePlace(after: Promotion): Promise<boolean> {
    const { newer, running } = await surveyLane(ports.promotions, laneOf(after));
    return newer !== undefined || (running !== undefined && running.submittedAt > after.submittedAt);
  }

  /** Whether what took its place has ended otherwise than deployed, or what took the place of that. */
  async function cameToNothing({ supersededBy }: Promotion): Promise<boolean> {
    const newer = supersededBy === undefined ? undefined : await ports.promotions.load(supersededBy);
    if (newer === undefined) return false;
    return newer.status === "superseded" ? cameToNothing(newer) : hasEnded(newer.status);
  }
}

async function whatFollows(
  ports: Pick<RestrictModelPorts, "policy" | "promotions" | "directory">,
  current: Promotion,
  evidence: FrozenEvidence,
): Promise<AfterDrift> {
  const { newer } = await surveyLane(ports.promotions, laneOf(current));
  // A new approval would supersede it: the way out of the drift must not cost the people their review.
  if (newer !== undefined) return { kind: "newer", promotion: newer.id };
  const asked = askedOf(ports, current);
  if (asked.kind === "none") return { kind: "none", why: asked.why.message };
  const obstacle = await obstacleTo(ports, current, asked.requirements.document);
  if (obstacle !== undefined) return { kind: "none", why: obstacle.message };
  const digest = freezeDigest(withDrift(current.manifest, evidence));
  for (let attempt = 1; ; attempt++) {
    const promotion = promotionId(digest, attempt);
    if ((await ports.promotions.load(promotion)) === undefined) return { kind: "reapproval", promotion };
  }
}

/** As at any submission: whoever had a hand in it must be known, and somebody must be there who could sign. */
async function obstacleTo(
  { directory, policy }: Pick<RestrictModelPorts, "policy" | "directory">,
  { manifest, startedBy }: Promotion,
  document: Requirements,
): Promise<Failure | undefined> {
  const members = await directory.everybody(groupsOf(document));
  return whyNobodyCouldSign({ manifest, startedBy }, document, { members, people: policy.people });
}

function askedOf({ policy }: Pick<RestrictModelPorts, "policy">, { manifest }: Promotion) {
  return requirementsInForce(policy, { manifest, facts: { release: "update" } });
}

function hasReapproval({ restriction }: Promotion): boolean {
  return restriction?.reapproval !== undefined;
}
