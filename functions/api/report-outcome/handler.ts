import type { Submitter } from "../../../core/approval/machine-identity.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import { outcomeFact, parseOutcomeReport, ranInProduction, sameReport } from "../../../core/promotion/outcome.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";
import { type ReaderPorts, readerOf } from "../readers.ts";
import { keepReport, type ReportFilePorts, requireReporter } from "../reporters.ts";

const largestBody = 64 * 1024;

export interface ReportOutcomePorts extends Omit<ReaderPorts, "verifyMachine">, ReportFilePorts {
  readonly verifyMachine: (token: string) => Promise<Submitter>;
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    fact(fact: Pick<Fact, "id" | "promotion">): Promise<Fact | undefined>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/**
 * POST /v1/promotions/{id}/outcomes: what became of a candidate in production. The same report again, by the same
 * reporter under the same id, is the one that was recorded; another one under that id is refused.
 */
export function reportOutcome(ports: ReportOutcomePorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const reporter = await reporterOf(http);
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    if (promotion === undefined) throw new Failure("not-found", "There is no such promotion.");
    if (reporter.machine !== undefined) requireReporter(reporter.machine, promotion.manifest.model.name);
    const report = parseOutcomeReport(jsonBody(http, largestBody));
    if (!ranInProduction(promotion)) {
      throw new Failure("conflict", `The promotion is ${promotion.status}; its candidate has not run in production.`);
    }
    const fact = outcomeFact(promotion, report, reporter.identity, ports.now());
    if (report.report !== undefined) await keepReport(ports, report.report);
    if ((await ports.promotions.recordFact(fact)) === "recorded") return { status: 201, json: viewOf(fact) };
    const known = await ports.promotions.fact(fact);
    if (known === undefined || !sameReport(known, fact)) {
      throw new Failure("conflict", `Another outcome was reported under the id '${report.id}' before.`);
    }
    return { status: 200, json: viewOf(known) };
  };

  async function reporterOf(http: ApiRequest): Promise<{ readonly identity: Identity; readonly machine?: Submitter }> {
    const token = bearerToken(http);
    if (ports.claimsMachine(token)) {
      const machine = await ports.verifyMachine(token);
      return { identity: machine.identity, machine };
    }
    const reader = await readerOf(http, { ...ports, verifyMachine: noMachine }, "acts");
    return { identity: reader.kind === "person" ? reader.person.identity : reader.identity };
  }
}

/** A token of a machine is judged before. */
async function noMachine(): Promise<Identity> {
  throw new Failure("token-invalid", "The token belongs to no person.");
}

function viewOf({ id, promotion, at, summary, body }: Fact): object {
  return { fact: id, promotion, recordedAt: at, summary, kind: body["kind"], against: body["against"] };
}
