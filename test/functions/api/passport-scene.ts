import { generateKeyPairSync } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { isSignedWebhook, webhookKey } from "../../../adapters/webhooks/standard-webhook.ts";
import { signEnvelope, verifyingKey } from "../../../core/attestation/dsse.ts";
import { passportIssuer, passportJwk } from "../../../core/attestation/passport.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { type VerdictInput, verdictOf } from "../../../core/attestation/verdict.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type FreezeManifest, freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { checkVerdict } from "../../../functions/api/issue-passport/check-verdict.ts";
import { issuePassport } from "../../../functions/api/issue-passport/handler.ts";
import { redeemPassport } from "../../../functions/api/redeem-passport/handler.ts";
import { reportDeployment } from "../../../functions/api/report-deployment/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  digestOf,
  id,
  manifest,
  now,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";
import { monitor } from "./deployed-promotion.ts";

const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const passportKey = verifyingKey(keys.publicKey.export({ format: "pem", type: "spki" }).toString());
/** The issuer of the passports here. */
export const issuer = passportIssuer("https://countersign.bank.example");

/** A target to which the pipeline deploys by itself. */
export const edge: FreezeManifest["target"] = {
  name: "edge",
  kind: "pipeline",
  endpoint: "edge/credit-scoring",
  audiences: ["vault", "sts.amazonaws.com"],
  withinSeconds: 7200,
};

export interface PassportSceneOptions {
  readonly promotion?: Partial<Promotion>;
  readonly target?: FreezeManifest["target"];
  readonly verdict?: Partial<VerdictInput>;
  readonly machine?: FreezeManifest["requester"];
  /** The targets' secrets, by their names. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Models about which the machine that asks whether the verdict holds may report. */
  readonly reports?: readonly string[];
}

/** An approved candidate that a pipeline is to deploy, and the three functions that it speaks to. */
export async function passportScene(options: PassportSceneOptions = {}) {
  const target = options.target ?? edge;
  const frozen = { ...manifest, target };
  const base = promotionInReview({ manifest: frozen, freezeDigest: freezeDigest(frozen), status: "deploying" });
  const at = addSeconds(now, -60);
  const verdict = verdictOf({
    attestationBase,
    freezeDigest: base.freezeDigest,
    target,
    requirements: base.requirements.sha256,
    signOffs: [{ id: digestOf("sign-off"), envelope: digestOf("envelope"), passkey: false }],
    result: "PASSED",
    at,
    ...options.verdict,
  });
  const envelope = await signEnvelope(statementBytes(verdict), attestation.key.keyid, attestation.sign);
  const blobs = new MemoryBlobs();
  const sha256 = await blobs.put(utf8(JSON.stringify(envelope)));
  const promotion = { ...base, verdict: { sha256, result: "PASSED" as const, at }, ...options.promotion };
  const promotions = new MemoryPromotions([promotion]);
  let time: Instant = now;
  const machine = options.machine ?? manifest.requester;
  const common = { now: () => time, verifyMachine: async () => machine, promotions };
  const verifying = {
    attestationBase,
    blobs,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
  };
  const check = checkVerdict({
    ...common,
    ...verifying,
    identify: async () => monitor(options.reports === undefined ? {} : { reports: options.reports }),
  });
  const issue = issuePassport({
    ...common,
    ...verifying,
    issuer,
    passportKey: async () => passportKey,
    sign: async (digest) => rawSignature(digest),
  });
  const redeem = redeemPassport({
    now: common.now,
    issuer,
    keys: async () => [passportJwk(passportKey)],
    verify: verifyJws,
    promotions,
  });
  const report = reportDeployment({
    ...common,
    isReceiver: async ({ headers, body }, name) => {
      const key = webhookKey(options.secrets?.[name] ?? "");
      const message = {
        id: headers["webhook-id"],
        timestamp: headers["webhook-timestamp"],
        signature: headers["webhook-signature"],
        body: Buffer.from(body).toString("utf8"),
      };
      return key !== undefined && isSignedWebhook(key, message, Date.parse(time));
    },
  });
  const parameters = { id };
  return {
    functions: { issue, redeem, report, check },
    promotions,
    verdict: sha256,
    at: (instant: Instant) => {
      time = instant;
    },
    issue: (json: unknown = { audience: "vault" }) => issue(apiRequest({ json, parameters })),
    check: (query: Readonly<Record<string, string>>) =>
      check(apiRequest({ method: "GET", route: "/v1/promotions/{id}/verdict", query, parameters })),
    redeem: (passport: string) =>
      redeem(apiRequest({ method: "POST", headers: { authorization: `Bearer ${passport}` } })),
    read: (route: string) => redeem(apiRequest({ route })),
    report: (json: unknown) => report(apiRequest({ json, parameters })),
    /** A report as it was signed, or not. */
    reportSigned: (text: string, headers: Readonly<Record<string, string>>, about: string = id) =>
      report(apiRequest({ method: "POST", body: utf8(text), parameters: { id: about }, headers })),
  };
}

/** R and S over a digest, as KMS makes them. */
function rawSignature(digest: Uint8Array): Uint8Array {
  const scalar = Buffer.from(keys.privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  return p256.sign(digest, scalar, { prehash: false, format: "compact" });
}
