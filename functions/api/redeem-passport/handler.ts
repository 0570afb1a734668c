import type { Jwk, VerifyJws } from "../../../core/attestation/id-token.ts";
import { passportDiscovery, verifyPassport } from "../../../core/attestation/passport.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { reportIn } from "../../../core/promotion/deployment-report.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type PromotionLists, whyOvertaken } from "../../running/what-runs.ts";
import { type Answer, type ApiRequest, bearerToken } from "../http.ts";

export interface RedeemPassportPorts {
  readonly now: () => Instant;
  /** Whose passports they are. */
  readonly issuer: string;
  readonly keys: () => Promise<readonly Jwk[]>;
  readonly verify: VerifyJws;
  readonly promotions: PromotionLists & {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/** Whoever verifies passports may keep the keys for so long; a new key is published before it signs. */
const published = { headers: { "cache-control": "public, max-age=300" } } as const;

/**
 * GET /v1/passports/.well-known/openid-configuration and GET /v1/passports/jwks.json: how anybody verifies a passport.
 * POST /v1/passports/redemption: takes the passport in the Authorization header, once. AWS STS, Vault and Kubernetes
 * take a token as often as it is shown until it ends; who hands out credentials by himself asks here first. All are
 * public: the keys are, and the passport is its own authority.
 */
export function redeemPassport(ports: RedeemPassportPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    if (http.method === "POST") return redeemed(bearerToken(http));
    const json = http.route.endsWith("/jwks.json") ? { keys: await ports.keys() } : passportDiscovery(ports.issuer);
    return { status: 200, ...published, json };
  };

  async function redeemed(token: string): Promise<Answer> {
    const { issuer, verify } = ports;
    const now = ports.now();
    const passport = verifyPassport(token, { issuer, verify, now, jwks: { keys: await ports.keys() } });
    const { promotion, aud, jti } = passport;
    const current = await ports.promotions.load(promotion);
    if (current?.status !== "deploying")
      throw new Failure(
        "deployment-refused",
        "The promotion does not deploy any more; its passport is good for nothing.",
      );
    const overtaken = await whyOvertaken(ports.promotions, current);
    if (overtaken !== undefined) throw new Failure("deployment-refused", overtaken);
    // The state machine looks a while later: until then the promotion is said to be deploying.
    if (reportIn(await ports.promotions.facts(promotion)) !== undefined)
      throw new Failure(
        "deployment-refused",
        "What came of the deployment was reported; its passport is good for nothing any more.",
      );
    const done = await ports.promotions.recordFact({
      id: `${promotion}/passport-redeemed/${jti}`,
      type: "passport-redeemed",
      at: now,
      promotion,
      summary: `The passport for '${aud}' was redeemed.`,
      body: { passport: jti, audience: aud },
      attachments: [],
    });
    if (done === "exists")
      throw new Failure("token-replayed", "The passport was redeemed before; it is good for once.");
    return { status: 200, json: { passport: jti, promotion, audience: aud } };
  }
}
