import { plansOf } from "../../../core/deployment/plan-state.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import {
  type DeploymentReport,
  deploymentReportFact,
  parseDeploymentReport,
  parseReceiverReport,
  reportIn,
} from "../../../core/promotion/deployment-report.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import { wasDeployed } from "../../../core/promotion/lending.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import {
  type PlanReport,
  parsePlanReport,
  planReportFact,
  planReportIn,
  saysOfPlan,
} from "../../../core/promotion/plan-report.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";

const largestBody = 8 * 1024;

export interface ReportDeploymentPorts {
  readonly now: () => Instant;
  readonly verifyMachine: (token: string) => Promise<Identity>;
  /** Whether whoever holds this secret signed the request just now. */
  readonly isReceiver: (request: ApiRequest, secret: string) => Promise<boolean>;
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/**
 * POST /v1/promotions/{id}/deployment: the pipeline that deploys by itself, or a target's receiver, says what came of it; or
 * the pipeline that applies the infrastructure says so of the plan that was signed. Only records it: the state machine, which watches, decides.
 * The first report stands; the same again is a retry.
 */
export function reportDeployment(ports: ReportDeploymentPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    if (http.headers["webhook-signature"] !== undefined) return ofReceiver(http);
    const machine = await ports.verifyMachine(bearerToken(http));
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    if (promotion === undefined || !sameIdentity(promotion.manifest.requester, machine))
      throw new Failure("not-found", "There is no such promotion.");
    const body = jsonBody(http, largestBody);
    if (saysOfPlan(body)) return ofPlan(promotion, parsePlanReport(body));
    const { target } = promotion.manifest;
    if (target.kind !== "pipeline")
      throw new Failure("conflict", `The target '${target.name}' is not deployed by the pipeline.`);
    return ofDeployment(promotion, parseDeploymentReport(body));
  };

  /** What a receiver is told is signed with a secret that both hold; what it says is, too. */
  async function ofReceiver(http: ApiRequest): Promise<Answer> {
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    const target = promotion?.manifest.target;
    if (promotion === undefined || target?.kind !== "webhook" || !(await ports.isReceiver(http, target.secret)))
      throw new Failure("unauthenticated", "This is not signed by the receiver of the promotion's target.");
    return ofDeployment(promotion, parseReceiverReport(jsonBody(http, largestBody), promotion.id));
  }

  async function ofDeployment(promotion: Promotion, report: DeploymentReport): Promise<Answer> {
    const { status, manifest } = promotion;
    const isLentOut = status === "loaned" && manifest.target.kind === "webhook" && wasDeployed(promotion);
    const waits = status === "deploying" || isLentOut;
    const fact = (at: Instant) => deploymentReportFact(promotion, report, at);
    const first = await recordFirst(promotion, fact, reportIn, waits);
    if (first.outcome !== report.outcome)
      throw new Failure("conflict", `It was reported before that the deployment is ${first.outcome}.`);
    return answerOf(promotion, first);
  }

  /** Nobody here can look at what Terraform did, so its pipeline's word is taken; of a change set CloudFormation is asked. */
  async function ofPlan(promotion: Promotion, report: PlanReport): Promise<Answer> {
    const { target } = promotion.manifest;
    const plan = plansOf(promotion.manifest).find(({ sha256 }) => sha256 === report.plan);
    if (plan === undefined)
      throw new Failure(
        "conflict",
        `No plan with this digest is to be applied before '${target.name}' is deployed to.`,
      );
    if (plan.format !== "terraform-plan")
      throw new Failure("conflict", `Whether '${plan.name}' is applied is looked at here; nobody needs to report it.`);
    const { status, deployment, history } = promotion;
    // Whoever applies it began under a verdict; a freeze window, or a change of the requirements, may have taken that away meanwhile.
    const verified = history.some(({ type, body }) => type === "verdict" && body["result"] === "PASSED");
    const waits = isOpen(status) && verified && deployment === undefined;
    const fact = (at: Instant) => planReportFact(promotion.id, plan, report, at);
    const first = await recordFirst(promotion, fact, (facts) => planReportIn(facts, plan.sha256), waits);
    if (first.outcome !== report.outcome)
      throw new Failure("conflict", `It was reported before of this plan: ${first.outcome}.`);
    return answerOf(promotion, first);
  }

  /** Records a report that is waited for, unless there is one; answers the one that stands. */
  async function recordFirst<Report extends { readonly outcome: string }>(
    promotion: Promotion,
    factAt: (at: Instant) => Fact,
    standing: (facts: readonly Fact[]) => Report | undefined,
    waits: boolean,
  ): Promise<Report & { readonly recorded: boolean }> {
    const { id, status } = promotion;
    const known = standing(await ports.promotions.facts(id));
    if (known !== undefined) return { ...known, recorded: false };
    if (!waits) throw new Failure("conflict", `The promotion is ${status}: there is nothing to report.`);
    // As of now: whoever was given a passport while this was read was given it before.
    const fact = factAt(ports.now());
    const recorded = (await ports.promotions.recordFact(fact)) === "recorded";
    const first = recorded ? standing([fact]) : standing(await ports.promotions.facts(id));
    if (first === undefined) throw new Failure("internal", "A report that was recorded is not there.");
    return { ...first, recorded };
  }

  function answerOf({ id }: Promotion, first: { readonly outcome: string; readonly recorded: boolean }): Answer {
    return { status: first.recorded ? 201 : 200, json: { promotion: id, outcome: first.outcome } };
  }
}
