import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { deploymentReportFact, parseDeploymentReport, reportIn } from "../../../core/promotion/deployment-report.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";

const largestBody = 8 * 1024;

export interface ReportDeploymentPorts {
  readonly now: () => Instant;
  readonly verifyMachine: (token: string) => Promise<Identity>;
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/**
 * POST /v1/promotions/{id}/deployment: the pipeline that deploys by itself says what came of it. Only records it: the
 * state machine, which watches, decides. The first report stands; the same again is a retry.
 */
export function reportDeployment(ports: ReportDeploymentPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const machine = await ports.verifyMachine(bearerToken(http));
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    if (promotion === undefined || !sameIdentity(promotion.manifest.requester, machine))
      throw new Failure("not-found", "There is no such promotion.");
    const { target } = promotion.manifest;
    if (target.kind !== "pipeline")
      throw new Failure("conflict", `The target '${target.name}' is deployed by Countersign itself, which watches it.`);
    const report = parseDeploymentReport(jsonBody(http, largestBody));
    const known = reportIn(await ports.promotions.facts(promotion.id));
    if (known === undefined && promotion.status !== "deploying")
      throw new Failure("conflict", `The promotion is ${promotion.status}: there is nothing to report.`);
    const fact = deploymentReportFact(promotion, report, ports.now());
    if (known === undefined && (await ports.promotions.recordFact(fact)) === "recorded")
      return { status: 201, json: { promotion: promotion.id, outcome: report.outcome } };
    const first = known ?? reportIn(await ports.promotions.facts(promotion.id));
    if (first?.outcome !== report.outcome)
      throw new Failure("conflict", `It was reported before that the deployment is ${first?.outcome}.`);
    return { status: 200, json: { promotion: promotion.id, outcome: first.outcome } };
  };
}
