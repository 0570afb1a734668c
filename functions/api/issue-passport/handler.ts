import { parseEnvelope, type VerifyingKey, type VerifySignature } from "../../../core/attestation/dsse.ts";
import {
  mostPassports,
  passportClaims,
  passportEnd,
  passportId,
  signPassport,
} from "../../../core/attestation/passport.ts";
import { requireVerdict } from "../../../core/attestation/verdict.ts";
import { requireSignedManifest } from "../../../core/deployment/order.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { reportIn } from "../../../core/promotion/deployment-report.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import { passportAudiences } from "../../../core/promotion/pipeline-target.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { type PromotionLists, whyOvertaken } from "../../running/what-runs.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";

const largestBody = 4 * 1024;

export interface IssuePassportPorts {
  readonly now: () => Instant;
  readonly issuer: string;
  readonly attestationBase: string;
  readonly verifyMachine: (token: string) => Promise<Identity>;
  readonly promotions: PromotionLists & {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly verifySignature: VerifySignature;
  /** The key of passports and of nothing else. */
  readonly passportKey: () => Promise<VerifyingKey>;
  readonly sign: (digest: Uint8Array) => Promise<Uint8Array>;
}

/**
 * POST /v1/promotions/{id}/passport: gives the pipeline that asked for the promotion the token with which it fetches
 * its credential to deploy. Trusts nothing that was decided before: holds the verdict against the candidate once more.
 * One at a time; the next one only when the one before is over, so that a lost answer can be mended and a stolen one
 * shows. Recorded before it is given.
 */
export function issuePassport(ports: IssuePassportPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const machine = await ports.verifyMachine(bearerToken(http));
    // What is asked may be slow to answer, and the deployment may end meanwhile: a passport is as of no later than what it was held against.
    const check = (asOf: Instant) => mayBeIssued(http, machine, asOf);
    const given = await recordedInTime(await check(ports.now()), check, ports.now);
    const { promotion, audience, verdict, number, at } = given;
    await record(promotion, { audience, number, at, verdict: verdict.sha256 });
    const { manifest, freezeDigest } = promotion;
    const claims = passportClaims({
      ...{
        issuer: ports.issuer,
        audience,
        promotion: promotion.id,
        manifest,
        freezeDigest,
        verdict: verdict.sha256,
        number,
        at,
      },
    });
    const { keyid } = await ports.passportKey();
    const passport = await signPassport(claims, keyid, ports.sign);
    return { status: 201, json: { passport, audience, expiresAt: passportEnd(at) } };
  };

  async function mayBeIssued(http: ApiRequest, machine: Identity, at: Instant) {
    const { id } = http.parameters;
    const promotion = isPromotionId(id) ? await ports.promotions.load(id) : undefined;
    if (promotion === undefined || !sameIdentity(promotion.manifest.requester, machine))
      throw new Failure("not-found", "There is no such promotion.");
    const audience = audienceOf(http, promotion);
    const verdict = await requireApproved(promotion, at);
    const overtaken = await whyOvertaken(ports.promotions, promotion);
    if (overtaken !== undefined) throw new Failure("deployment-refused", overtaken);
    return { at, promotion, audience, verdict, number: await nextNumber(promotion, at) };
  }

  async function requireApproved(promotion: Promotion, at: Instant): Promise<NonNullable<Promotion["verdict"]>> {
    const { verdict, status } = promotion;
    if (status !== "deploying" || verdict === undefined)
      throw new Failure("deployment-refused", `The promotion is ${status}; there is a passport for one that deploys.`);
    requireSignedManifest(promotion);
    requireVerdict(parseEnvelope(JSON.parse(fromUtf8(await ports.blobs.get(verdict.sha256)))), {
      attestationBase: ports.attestationBase,
      freezeDigest: promotion.freezeDigest,
      target: promotion.manifest.target,
      requirements: promotion.requirements.sha256,
      // Nobody here could take back what a pipeline deployed, so there is no passport on loan.
      loan: false,
      now: at,
      keys: await ports.verifyingKeys(verdict.at),
      verify: ports.verifySignature,
    });
    return verdict;
  }

  async function nextNumber({ id }: Promotion, at: Instant): Promise<number> {
    const facts = await ports.promotions.facts(id);
    if (reportIn(facts) !== undefined)
      throw new Failure("conflict", "What came of the deployment was reported; there is nothing to deploy any more.");
    const issued = facts.filter(({ type }) => type === "passport-issued");
    const open = issued.map((each) => passportEnd(each.at)).find((end) => at < end);
    if (open !== undefined)
      throw new Failure(
        "conflict",
        `A passport was issued already, and is good until ${open}. There is one at a time.`,
        { until: open },
      );
    if (issued.length >= mostPassports)
      throw new Failure("conflict", `${mostPassports} passports were issued for this promotion; there are no more.`);
    return issued.length + 1;
  }

  async function record(
    { id, manifest }: Promotion,
    { audience, number, at, verdict }: { audience: string; number: number; at: Instant; verdict: Sha256 },
  ): Promise<void> {
    const recorded = await ports.promotions.recordFact({
      id: `${id}/passport-issued/${number}`,
      type: "passport-issued",
      at,
      promotion: id,
      summary: `The pipeline was given passport ${number} for '${audience}', to deploy to ${manifest.target.name}.`,
      body: { passport: passportId(id, number), audience, verdict, expiresAt: passportEnd(at) },
      attachments: [],
    });
    if (recorded === "exists") throw new Failure("conflict", "A passport is being issued at this moment.");
  }
}

function audienceOf(http: ApiRequest, { manifest: { target } }: Promotion): string {
  const audiences = passportAudiences(target);
  if (audiences.length === 0)
    throw new Failure(
      "conflict",
      `The target '${target.name}' is deployed by Countersign itself; it has no passports.`,
    );
  const body = jsonBody(http, largestBody);
  const asked = typeof body === "object" && body !== null && "audience" in body ? body["audience"] : undefined;
  const audience = audiences.find((each) => each === asked);
  if (audience === undefined)
    throw new Failure("invalid-request", `'audience' must be one of the target's: ${audiences.join(", ")}.`);
  return audience;
}
