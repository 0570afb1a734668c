import type { Submitter } from "../../../core/approval/machine-identity.ts";
import { Failure } from "../../../core/failure.ts";
import { parseDriftReport } from "../../../core/promotion/drift.ts";
import { type RestrictModelPorts, restrictModel } from "../../running/restrict-model.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";
import { keepReport, type ReportFilePorts, requireReporter } from "../reporters.ts";

const largestBody = 64 * 1024;

export interface ReportDriftPorts extends ReportFilePorts, RestrictModelPorts {
  readonly verifyMachine: (token: string) => Promise<Submitter>;
}

/**
 * POST /v1/models/{name}/drift: a monitor found that what runs is no longer what was approved. A pipeline that may
 * submit the model may also have a new approval opened again, after one that was refused or not given in time.
 */
export function reportDrift(ports: ReportDriftPorts) {
  const restrict = restrictModel(ports);
  return async (http: ApiRequest): Promise<Answer> => {
    const submitter = await ports.verifyMachine(bearerToken(http));
    const model = http.parameters["name"] ?? "";
    requireReporter(submitter, model);
    const report = parseDriftReport(jsonBody(http, largestBody));
    // Otherwise a noisy monitor would ask until somebody gives in.
    if (report.reopens !== undefined && !submitter.machine.submits.includes(model))
      throw new Failure(
        "forbidden",
        `The pipeline '${submitter.machine.name}' may not have an approval of '${model}' opened anew.`,
      );
    const { promotion, first, recorded } = await restrict({
      model,
      report,
      by: submitter.identity,
      keep: () => keepReport(ports, report.report),
    });
    const { restriction } = promotion;
    return {
      status: first ? 202 : 200,
      json: {
        promotion: promotion.id,
        status: promotion.status,
        restrictedAt: restriction?.at,
        recorded,
        ...(restriction?.reapproval === undefined ? {} : { reapproval: restriction.reapproval }),
      },
    };
  };
}
