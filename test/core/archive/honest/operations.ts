import { verifyEcdsa } from "../../../../adapters/node-crypto/signatures.ts";
import {
  type ExportId,
  finishedExport,
  requestedExport,
  startedExport,
} from "../../../../core/archive/export/export-job.ts";
import type { PackScope } from "../../../../core/archive/pack/pack-manifest.ts";
import { verifierKeyText } from "../../../../core/archive/people/ledger-keys.ts";
import { type KeyGeneration, type KeyRole, keyGeneration } from "../../../../core/attestation/key-record.ts";
import { plansOf } from "../../../../core/deployment/plan-state.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { sha256Bytes, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { noteKey } from "../../../../core/ledger/note-key.ts";
import { outcomeFact, ranInProduction } from "../../../../core/promotion/outcome.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { issuePassport } from "../../../../functions/api/issue-passport/handler.ts";
import { redeemPassport } from "../../../../functions/api/redeem-passport/handler.ts";
import { reportDeployment } from "../../../../functions/api/report-deployment/handler.ts";
import { oncePublished } from "../../../../functions/keys/signer-in-use.ts";
import { auditRunning } from "../../../../functions/schedules/audit-running/handler.ts";
import { publishKeys } from "../../../../functions/schedules/publish-keys/handler.ts";
import { everyKind } from "../../../functions/memory-target.ts";
import type { AttestationKey } from "../../attestation/signing-keys.ts";
import { testSigner } from "../../ledger/ed25519.ts";
import { MemoryLedger } from "../../ledger/memory-ledger.ts";
import { cora, type House } from "../house.ts";
import { attestationBase, attestationKey } from "../reviewers.ts";
import { asked } from "./asked.ts";
import { texts } from "./people.ts";
import type { Platform } from "./platform.ts";
import type { Stream } from "./stream.ts";

const passports = attestationKey();
/** Those that sign in turn. */
export const keys = [attestationKey(), attestationKey(), attestationKey()];
/** And those of the log. */
const logKeys = [MemoryLedger.signer, ...[2, 3].map((seed) => testSigner(MemoryLedger.signer.origin, seed))];

/** What pipelines and operators do, and the audit. */
export class Operations {
  readonly #house: House;
  readonly #platform: Platform;
  readonly #stream: Stream;
  #inUse: Readonly<Record<KeyRole, number>> = { attestation: 1, checkpoint: 1 };

  constructor(house: House, platform: Platform, stream: Stream) {
    this.#house = house;
    this.#platform = platform;
    this.#stream = stream;
  }

  async report(id: PromotionId, how: number): Promise<void> {
    const house = this.#house;
    const { manifest } = house.promotions.stored(id);
    const report = reportDeployment({
      now: house.host(),
      verifyMachine: async () => manifest.requester,
      isReceiver: async () => true,
      promotions: house.promotions,
    });
    const [plan] = plansOf(manifest);
    if (plan !== undefined) {
      const outcome = how % 7 === 6 ? "failed" : "applied";
      await report(asked(id, { plan: plan.sha256, outcome, detail: "Terraform said so." }));
      return;
    }
    const outcome = (["deployed", "deployed", "deployed", "rolled-back", "failed"] as const)[how % 5];
    const request = asked(id, { outcome, detail: "Rolled out." });
    if (manifest.target.kind !== "webhook") await report(request);
    else
      await report({
        ...asked(id, { promotion: id, outcome, detail: "Rolled out." }),
        headers: { ...request.headers, "webhook-signature": "v1,A" },
      });
  }

  async passport(id: PromotionId, how: number): Promise<void> {
    const house = this.#house;
    const machine = async () => house.promotions.stored(id).manifest.requester;
    const answer = await issuePassport({
      now: house.host(),
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
      now: house.host(),
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
      now: house.host(),
      log: () => {},
      policies: house.policies,
      attestationBase,
      promotions: house.promotions,
      blobs: { get: house.readBlob, put: house.keepBlob },
      verifyingKeys: house.keysInForce,
      verifySignature: verifyEcdsa,
      targets: everyKind(this.#platform.target),
      endpoints: this.#platform.endpoints,
      intruders: house.promotions.intruders,
    })();
  }

  /**
   * Each in a deployment of its own: the next key is made known, then put in use, whether or not the ledger has its record by then
   * or, where nobody looks at the answer, anybody made it known; what was before is retired.
   */
  async rotate(role: KeyRole, how: number): Promise<void> {
    const house = this.#house;
    const known = this.#generationsOf(role).slice(0, this.#inUse[role] + 1);
    if (role === "checkpoint")
      this.#stream.keysHeld = logKeys
        .slice(0, known.length)
        .map((key) => key.publicKey)
        .toReversed();
    else for (const { key } of keys.slice(house.keysHeld.length, known.length)) house.hold(key);
    await this.#publish(role, known);
    const next = this.#inUse[role] + 1;
    const entry = `installation/key/${role}/${next}/published`;
    const isRecorded = (await house.promotions.keyFacts()).some(({ id }) => id === entry);
    if (known[next - 1] === undefined || !isRecorded || how % 3 === 0) return;
    this.#inUse = { ...this.#inUse, [role]: next };
    if (role === "checkpoint") this.#stream.signsBy(logKeys[next - 1], entry);
    else house.attestation = this.#signerOf(next) ?? house.attestation;
    if (how % 3 === 1) await this.#publish(role, known);
  }

  /** As a function has it that is made by then. */
  #signerOf(generation: number): AttestationKey | undefined {
    const own = keys[generation - 1];
    if (own === undefined) return undefined;
    const { keyFacts } = this.#house.promotions;
    const { sign } = oncePublished({ sign: own.sign, verifyingKey: async () => own.key }, generation, {
      now: this.#house.host(),
      keyFacts,
    });
    return { ...own, sign };
  }

  #generationsOf(role: KeyRole): readonly KeyGeneration[] {
    return role === "attestation"
      ? keys.map(({ key }, at) => keyGeneration("attestation", at + 1, key.pem))
      : logKeys.map(({ origin, publicKey }, at) =>
          keyGeneration("checkpoint", at + 1, verifierKeyText(noteKey(origin, "ed25519", publicKey))),
        );
  }

  async #publish(role: KeyRole, known: readonly KeyGeneration[]): Promise<void> {
    const house = this.#house;
    // It vouches for others whatever the ledger has.
    const keyInUse = keys[this.#inUse.attestation - 1] ?? house.attestation;
    const { signer } = this.#stream;
    await publishKeys({
      now: house.host(),
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
          role,
          generations: async () => known,
          inUse: this.#inUse[role],
          sign: async (message) =>
            role === "attestation" ? keyInUse.sign(sha256Bytes(message)) : signer.sign(message),
        },
      ],
    })();
  }

  /** Somebody exports. */
  async exported(id: PromotionId | undefined, how: number): Promise<void> {
    const { promotions } = this.#house;
    const now = this.#house.host();
    const scope: PackScope =
      id !== undefined && how % 2 === 0 ? { kind: "promotion", promotion: id } : { kind: "everything" };
    const request = { scope, withoutPersonalData: how % 3 === 0 };
    const export_ = `5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f${String(how % 10_000).padStart(4, "0")}` as ExportId;
    const job = requestedExport({ id: export_, request, by: cora.identity, byName: "Cora", requestedAt: now() });
    const begun = how % 4 === 3 ? undefined : startedExport(job, now());
    const pack = {
      ...{ file: "audit.zip", bytes: 1000 + how, sha256: sha256Hex(utf8(`${how}`)) },
      ledger: { origin: this.#stream.signer.origin, entries: 1 + how, rootHash: "" },
    };
    for (const fact of (begun === undefined ? job : finishedExport(begun, pack, now())).history)
      await promotions.recordFact(fact);
  }
}
