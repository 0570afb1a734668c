import type { Submitter } from "../../../core/approval/machine-identity.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import {
  type AfterDrift,
  type DriftReport,
  driftEvidence,
  furtherDrift,
  parseDriftReport,
  restricted,
  toldInHistory,
} from "../../../core/promotion/drift.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { reapprovalOf, withDrift } from "../../../core/promotion/reapproval.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";
import { keepReport, type ReportFilePorts, requireReporter } from "../reporters.ts";

const largestBody = 64 * 1024;
const pageSize = 25;

export interface ReportDriftPorts extends ReportFilePorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly verifyMachine: (token: string) => Promise<Submitter>;
  readonly promotions: PromotionMoves & {
    create(promotion: Promotion): Promise<"created" | "exists">;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
    list(
      filter: { readonly model: string; readonly target: string },
      limit: number,
      from?: string,
    ): Promise<{ readonly promotions: readonly Promotion[]; readonly next?: string }>;
  };
  readonly start: (id: PromotionId) => Promise<void>;
}

/**
 * POST /v1/models/{name}/drift: a monitor found that what runs is no longer what was approved. The first report
 * restricts it and opens one new approval, by a conditional write; all others, however many come at once, find that
 * done. What a crash leaves undone, the next report of any monitor does.
 */
export function reportDrift(ports: ReportDriftPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const submitter = await ports.verifyMachine(bearerToken(http));
    const by = submitter.identity;
    const model = http.parameters["name"] ?? "";
    requireReporter(submitter, model);
    const report = parseDriftReport(jsonBody(http, largestBody));
    const { running } = await survey(model, report.target);
    if (running === undefined) {
      throw new Failure("not-found", `No version of '${model}' that was approved here runs in '${report.target}'.`);
    }
    if (!toldInHistory(running, report, by)) await keepReport(ports, report.report);
    let first = false;
    const after = await moveOn(ports.promotions, running.id, async (current) => {
      first = false;
      if (current.status !== "deployed" && current.status !== "restricted")
        throw new Failure("conflict", `The promotion is ${current.status} by now; it does not run any more.`);
      if (toldInHistory(current, report, by) || current.restriction?.reapproval !== undefined) return undefined;
      const next = await whatFollows(current, report);
      if (current.status === "restricted" && next.kind !== "reapproval") return undefined;
      first = true;
      return restricted(current, report, { by, at: ports.now(), after: next });
    });
    const recorded =
      first ||
      (!toldInHistory(after, report, by) &&
        (await ports.promotions.recordFact(furtherDrift(after, report, by, ports.now()))) === "recorded");
    await openReapproval(after);
    const { restriction } = after;
    return {
      status: first ? 202 : 200,
      json: {
        promotion: after.id,
        status: after.status,
        restrictedAt: restriction?.at,
        recorded,
        ...(restriction?.reapproval === undefined ? {} : { reapproval: restriction.reapproval }),
      },
    };
  };

  /** What runs, and a candidate that was submitted after it and is still on its way. */
  async function survey(
    model: string,
    target: string,
  ): Promise<{ readonly running?: Promotion; readonly newer?: Promotion }> {
    let newer: Promotion | undefined;
    let from: string | undefined;
    do {
      const page = await ports.promotions.list({ model, target }, pageSize, from);
      for (const promotion of page.promotions) {
        if (promotion.status === "deployed" || promotion.status === "restricted")
          return { running: promotion, ...(newer === undefined ? {} : { newer }) };
        if (newer === undefined && isOpen(promotion.status)) newer = promotion;
      }
      from = page.next;
    } while (from !== undefined);
    return {};
  }

  async function whatFollows(current: Promotion, report: DriftReport): Promise<AfterDrift> {
    const { newer } = await survey(current.manifest.model.name, current.manifest.target.name);
    // A new approval would supersede it: the way out of the drift must not cost the people their review.
    if (newer !== undefined) return { kind: "newer", promotion: newer.id };
    try {
      requirementsNow(ports.policy, { manifest: current.manifest, facts: { release: "update" } });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { kind: "none", why: error.message };
    }
    const digest = freezeDigest(withDrift(current.manifest, driftEvidence(report.report)));
    for (let attempt = 1; ; attempt++) {
      const promotion = promotionId(digest, attempt);
      if ((await ports.promotions.load(promotion)) === undefined) return { kind: "reapproval", promotion };
    }
  }

  /** Makes the promotion that the restriction names, if it is not there, and starts it. */
  async function openReapproval(after: Promotion): Promise<void> {
    const id = after.restriction?.reapproval;
    if (id === undefined) return;
    const known = await ports.promotions.load(id);
    if (known === undefined) {
      const { document, sha256 } = requirementsNow(ports.policy, {
        manifest: after.manifest,
        facts: { release: "update" },
      });
      const at = ports.now();
      const expiresAt = addSeconds(at, document.rule.expiresAfterSeconds);
      await ports.promotions.create(reapprovalOf(after, { id, at, expiresAt, requirements: sha256 }));
    }
    if (known === undefined || known.status === "gating") await ports.start(id);
  }
}
