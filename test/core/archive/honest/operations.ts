import { verifyEcdsa } from "../../../../adapters/node-crypto/signatures.ts";
import { keyGeneration } from "../../../../core/attestation/key-record.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../../core/encoding/sha256.ts";
import { outcomeFact, ranInProduction } from "../../../../core/promotion/outcome.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { ApiRequest } from "../../../../functions/api/http.ts";
import { issuePassport } from "../../../../functions/api/issue-passport/handler.ts";
import { redeemPassport } from "../../../../functions/api/redeem-passport/handler.ts";
import { reportDeployment } from "../../../../functions/api/report-deployment/handler.ts";
import { auditRunning } from "../../../../functions/schedules/audit-running/handler.ts";
import { publishKeys } from "../../../../functions/schedules/publish-keys/handler.ts";
import { everyKind } from "../../../functions/memory-target.ts";
import type { House } from "../house.ts";
import { attestationBase, attestationKey } from "../reviewers.ts";
import { texts } from "./people.ts";
import type { Platform } from "./platform.ts";
import type { Stream } from "./stream.ts";

const passports = attestationKey();
/** Those that sign in turn. */
export const keys = [attestationKey(), attestationKey(), attestationKey()];

/** What pipelines and operators do, and the audit. */
export class Operations {
  readonly #house: House;
  readonly #platform: Platform;
  readonly #stream: Stream;
  #generation = 1;

  constructor(house: House, platform: Platform, stream: Stream) {
    this.#house = house;
    this.#platform = platform;
    this.#stream = stream;
  }

  async report(id: PromotionId, how: number): Promise<void> {
    const house = this.#house;
    const outcome = (["deployed", "deployed", "deployed", "rolled-back", "failed"] as const)[how % 5];
    await reportDeployment({
      now: house.now,
      verifyMachine: async () => house.promotions.stored(id).manifest.requester,
      isReceiver: async () => false,
      promotions: house.promotions,
    })(asked(id, { outcome, detail: "Rolled out." }));
  }

  async passport(id: PromotionId, how: number): Promise<void> {
    const house = this.#house;
    const machine = async () => house.promotions.stored(id).manifest.requester;
    const answer = await issuePassport({
      now: house.now,
      issuer: "https://countersign.example/v1/passports",
      attestationBase,
      verifyMachine: machine,
      promotions: house.promotions,
      blobs: { get: house.readBlob },
      verifyingKeys: house.keysInForce,
      verifySignature: verifyEcdsa,
      passportKey: async () => passports.key,
      sign: passports.sign,
    })(asked(id, { audience: "vault" }));
    if (how % 2 === 0) return;
    const { passport } = answer.json as { passport: string };
    await redeemPassport({
      now: house.now,
      issuer: "https://countersign.example/v1/passports",
      keys: async () => [{ kty: "EC", kid: passports.key.keyid }],
      verify: () => true,
      promotions: house.promotions,
    })({ ...asked(id, {}), headers: { authorization: `Bearer ${passport}` } });
  }

  async outcome(id: PromotionId, more: number): Promise<void> {
    const house = this.#house;
    const promotion = house.promotions.stored(id);
    if (!ranInProduction(promotion)) return;
    const report = {
      id: `outcome-${more % 3}`,
      kind: "complaint",
      window: { from: addSeconds(house.clock, -60), until: house.clock },
      source: "support",
      description: texts[more % texts.length] ?? "",
    } as const;
    const reporter = { issuer: "https://ci.example", subject: "monitor" };
    await house.promotions.recordFact(outcomeFact(promotion, report, reporter, house.now()));
  }

  async audit(): Promise<void> {
    const house = this.#house;
    await auditRunning({
      now: house.now,
      log: () => {},
      policies: house.policies,
      attestationBase,
      promotions: house.promotions,
      blobs: { get: house.readBlob, put: house.keepBlob },
      verifyingKeys: house.keysInForce,
      verifySignature: verifyEcdsa,
      targets: everyKind(this.#platform),
      endpoints: async () => [],
    })();
  }

  /** Each in a deployment of its own: the next key is made known, then signs; what was before is retired. */
  async rotate(): Promise<void> {
    const house = this.#house;
    const known = keys.slice(0, Math.min(keys.length, this.#generation + 1));
    for (const { key } of known.slice(house.keysHeld.length)) house.hold(key);
    const publish = async (inUse: number) => {
      const signing = house.attestation.sign;
      await publishKeys({
        now: house.now,
        log: () => {},
        attestationBase,
        facts: {
          keyFacts: async () => [
            ...this.#stream.begun.filter(({ type }) => type === "key"),
            ...(await house.promotions.keyFacts()),
          ],
          recordFact: house.promotions.recordFact,
        },
        roles: [
          {
            role: "attestation",
            generations: async () => known.map(({ key }, at) => keyGeneration("attestation", at + 1, key.pem)),
            inUse,
            sign: async (message) => signing(sha256Bytes(message)),
          },
        ],
      })();
    };
    await publish(this.#generation);
    const next = known[this.#generation];
    // The next deployment waits until what the answer says is in the ledger.
    const isTold = this.#stream.log.markers.has(`installation/key/attestation/${this.#generation + 1}/published`);
    if (next === undefined || !isTold) return;
    house.attestation = next;
    this.#generation += 1;
    await publish(this.#generation);
  }
}

function asked(id: PromotionId, body: unknown): ApiRequest {
  const headers = { "content-type": "application/json", authorization: "Bearer token" };
  return { method: "POST", route: "", parameters: { id }, query: {}, headers, body: utf8(JSON.stringify(body)) };
}
