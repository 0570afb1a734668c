import { mayReport } from "../../../core/approval/loading/load-machines.ts";
import type { Submitter } from "../../../core/approval/machine-identity.ts";
import { parseEnvelope } from "../../../core/attestation/dsse.ts";
import { requireVerdict } from "../../../core/attestation/verdict.ts";
import { requireSignedManifest, verdictOver } from "../../../core/deployment/order.ts";
import { type AboutToRun, whyMayNotRun } from "../../../core/deployment/standing-verdict.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import { reportIn } from "../../../core/promotion/deployment-report.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId } from "../../../core/promotion/promotion-id.ts";
import { laneOf, type PromotionLists, surveyLane, whatShouldRun, whyOvertaken } from "../../running/what-runs.ts";
import { type Answer, type ApiRequest, bearerToken } from "../http.ts";
import type { IssuePassportPorts } from "./handler.ts";

export interface CheckVerdictPorts
  extends Pick<IssuePassportPorts, "now" | "attestationBase" | "blobs" | "verifyingKeys" | "verifySignature"> {
  readonly identify: (token: string) => Promise<Submitter>;
  readonly promotions: Pick<IssuePassportPorts["promotions"], "load" | "facts"> & PromotionLists;
}

/**
 * GET /v1/promotions/{id}/verdict: whether what a machine is about to let run is what the promotion's verdict allows, at this
 * moment. For those that submit candidates of the model or may report about it. Every no is an error, so that whoever does not
 * read the answer stops too.
 */
export function checkVerdict(ports: CheckVerdictPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const { machine } = await ports.identify(bearerToken(http));
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    if (promotion === undefined || !mayReport(machine, promotion.manifest.model.name))
      throw new Failure("not-found", "There is no such promotion.");
    const asked = askedIn(http);
    const now = ports.now();
    const why = whyMayNotRun(promotion, asked, now) ?? (await whyReplaced(promotion));
    const held = verdictOver(promotion);
    if (why !== undefined || held === undefined)
      throw new Failure("deployment-refused", why ?? "The promotion has no verdict.");
    requireSignedManifest(promotion);
    const { manifest, freezeDigest, requirements, status } = promotion;
    requireVerdict(parseEnvelope(JSON.parse(fromUtf8(await ports.blobs.get(held.sha256)))), {
      attestationBase: ports.attestationBase,
      freezeDigest,
      target: manifest.target,
      requirements: requirements.sha256,
      loan: status === "loaned",
      standing: true,
      now,
      keys: await ports.verifyingKeys(held.at),
      verify: ports.verifySignature,
    });
    const { name: model, version } = manifest.model;
    const { target, verdict, image } = asked;
    return { status: 200, json: { promotion: promotion.id, holds: true, model, version, target, verdict, image } };
  };

  /** Why something else should run by now, as the audit of what runs sees it. */
  async function whyReplaced(promotion: Promotion): Promise<string | undefined> {
    if (promotion.status === "deploying")
      return (await whyOvertaken(ports.promotions, promotion)) ?? (await whyOver(promotion));
    if (promotion.status !== "deployed") return undefined;
    const { target } = promotion.manifest;
    const { running } = await surveyLane(ports.promotions, laneOf(promotion));
    if (whatShouldRun(running, promotion, target)?.id === promotion.id) return undefined;
    return `${running?.manifest.model.version ?? "Another"} was approved for '${target.name}' since, and took its place.`;
  }

  /** Why it is over by the word of whoever deployed it: the state machine looks a while later. */
  async function whyOver({ id }: Promotion): Promise<string | undefined> {
    const reported = reportIn(await ports.promotions.facts(id));
    if (reported === undefined || reported.outcome === "deployed") return undefined;
    return `It was reported that the deployment is ${reported.outcome}, and so nothing of it may run.`;
  }
}

function askedIn({ query }: ApiRequest): AboutToRun {
  const given = (name: keyof AboutToRun): string => {
    const value = query[name];
    if (value === undefined || value === "" || value.length > 300)
      throw new Failure(
        "invalid-request",
        `'${name}' is missing: target, verdict, image and model say what is to run.`,
      );
    return value;
  };
  return { target: given("target"), verdict: given("verdict"), image: given("image"), model: given("model") };
}
