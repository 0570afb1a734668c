import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { shadowPlanInForce } from "../../../core/approval/promotion-approval.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { policyDocuments } from "../../../core/policy/policy-bundle.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { advance, type Change } from "../../../core/promotion/life-cycle.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { VariantName } from "../../../examples/credit-scoring/variants.ts";
import { readPromotions } from "../../../functions/api/read-promotions/handler.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { reportDrift } from "../../../functions/api/report-drift/handler.ts";
import { submit } from "../../../functions/api/submit/handler.ts";
import { withdraw } from "../../../functions/api/withdraw/handler.ts";
import { surveyLane } from "../../../functions/running/what-runs.ts";
import { earlierReleases } from "../../../functions/steps/evaluate-gates/earlier-releases.ts";
import { evaluateGates, type GatesAnswer } from "../../../functions/steps/evaluate-gates/handler.ts";
import { keepReview } from "../../../functions/steps/evaluate-gates/keep-review.ts";
import { keepSignOffs } from "../../../functions/steps/evaluate-gates/keep-sign-offs.ts";
import { takeOver } from "../../../functions/steps/evaluate-gates/take-over.ts";
import { type ExpireAnswer, expire } from "../../../functions/steps/expire/handler.ts";
import { type FreezeAnswer, freeze } from "../../../functions/steps/freeze/handler.ts";
import { openStage } from "../../../functions/steps/open-stage/handler.ts";
import { candidateCheck } from "../../../functions/steps/verify-sign-offs/candidate.ts";
import { verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { lenderCheck, signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { monitor } from "../../functions/api/deployed-promotion.ts";
import type { MemoryPasskeys } from "../../functions/memory-passkeys.ts";
import { artifacts, candidateOf, evidence } from "./house/candidate.ts";
import { HouseOfModels } from "./house/house-of-models.ts";
import { installation } from "./house/recorded-house.ts";
import { request } from "./house/request.ts";
import { shipped, shippedWith } from "./house/shipped.ts";
import { cora, dana, sam, tom } from "./people.ts";
import { attestationBase } from "./reviewers.ts";

export { attestationBase, cora, dana, installation, sam, shipped, shippedWith, tom };

const { evaluate } = compiledPolicy(shipped.wasm);

/** The product's own functions over tables and buckets in memory, with real keys: what they record is in `facts`, in the stream's order. */
export class House extends HouseOfModels {
  /** The account of whoever starts CI's runs, where its token says so. */
  actor: string | undefined;

  async submit(
    variant: VariantName,
    version: string,
    changed: Readonly<Record<string, string>> = {},
    target = "production",
    model = "credit-scoring",
  ): Promise<PromotionId> {
    const files = new Map([...candidateOf(variant), ...Object.entries(changed)]);
    const answer = await submit({
      policies: this.policy,
      now: this.host(),
      verifyMachine: async () => ({
        issuerName: "ci",
        issuer: "https://ci.example",
        claims: {
          repository_id: "74001",
          repository_owner_id: "9001",
          environment: "production",
          ref: "refs/heads/main",
          jti: `job-${this.time}`,
          exp: Math.floor(this.time / 1000) + 600,
          run_id: "100",
          ...(this.actor === undefined ? {} : { actor_id: this.actor }),
        },
      }),
      replays: { use: async () => "fresh" },
      directory: this.directory,
      promotions: this.promotions,
      start: this.start,
    })(request({}, { ...this.#requestBody(files, version, model), target }));
    const { id } = answer.json as { id: PromotionId };
    this.tell(id);
    return id;
  }

  async freezeAndJudge(promotionId: PromotionId): Promise<GatesAnswer["outcome"]> {
    await this.freeze(promotionId);
    return this.judge(promotionId);
  }

  async freeze(promotionId: PromotionId): Promise<FreezeAnswer["outcome"]> {
    const { outcome } = await freeze({
      now: this.host(),
      promotions: this.promotions,
      artifacts: {
        freeze: async (file) => ({ name: file.name, key: `frozen/${file.sha256}/${file.name}`, versionId: "v1" }),
        keep: async (copy) => copy,
        readSource: async (_, { uri }) => this.bytesAt(uri),
      },
      blobs: this.blobStore,
    })({ promotionId });
    this.tell(promotionId);
    return outcome;
  }

  async judge(promotionId: PromotionId): Promise<GatesAnswer["outcome"]> {
    const now = this.host();
    const { outcome } = await evaluateGates({
      now,
      policy: this.policy,
      policyDocuments: policyDocuments(this.policy.bundle),
      thresholds: this.policy.thresholds,
      wasm: this.policy.wasm,
      evaluate,
      promotions: this.promotions,
      blobs: this.blobStore,
      directory: this.directory,
      earlierReleases: earlierReleases({ now, promotions: this.promotions, blobs: this.blobStore }),
      takeOver: takeOver({
        now,
        promotions: this.promotions,
        lanes: this.lanes,
        keepSignOffs: keepSignOffs({
          now,
          policy: this.policy,
          promotions: {
            signOffs: this.promotions.signOffs,
            loans: this.promotions.loans,
            recordFact: async (fact) => {
              this.add(fact);
              return this.promotions.recordFact(fact);
            },
          },
          delegations: this.delegations,
          directory: this.directory,
          blobs: this.blobStore,
          verifyingKey: async () => this.attestation.key,
        }),
      }),
      keepReview: keepReview({
        now,
        policy: this.policy,
        promotions: this.promotions,
        delegations: this.delegations,
        directory: this.directory,
        blobs: this.blobStore,
      }),
    })({ promotionId });
    for (const { id } of this.promotions.all()) this.tell(id);
    return outcome;
  }

  /** A monitor finds that what runs has drifted; answers the promotion that asks to let it run on. */
  async drift(report: string, model = "credit-scoring", target = "production"): Promise<PromotionId> {
    const bytes = utf8(report);
    const { running } = await surveyLane(this.promotions, { model, target });
    // What served before it says nothing of it.
    const since = running?.history.findLast(({ type }) => type === "deployed")?.at;
    const hourBefore = addSeconds(this.now(), -3600);
    const until = this.now();
    const from = since === undefined || since < hourBefore || since >= until ? hourBefore : since;
    const answer = await reportDrift({
      now: this.host(),
      policy: this.policy,
      verifyMachine: async () => monitor({ reports: [model] }),
      directory: this.directory,
      promotions: this.promotions,
      files: { readSource: async () => bytes },
      blobs: this.blobStore,
      start: this.start,
    })(
      request(
        { name: model },
        {
          id: `run-${this.time}`,
          target,
          window: { from, until },
          source: "monitor",
          metrics: [{ name: "psi", value: 0.31, max: 0.2 }],
          report: {
            name: "drift.json",
            mediaType: "application/json",
            size: bytes.length,
            sha256: sha256Hex(bytes),
            uri: "s3://exchange/incoming/drift.json",
          },
        },
      ),
    );
    for (const { id } of this.promotions.all()) this.tell(id);
    for (const fact of this.promotions.recordedFacts()) if (fact.type === "drift") this.add(fact);
    return (answer.json as { reapproval: PromotionId }).reapproval;
  }

  /** What the page shows of a promotion. */
  async view(id: PromotionId): Promise<PromotionView> {
    const { json } = await readPromotions({
      now: this.host(),
      claimsMachine: () => false,
      verifyPerson: async () => ({ ...cora, authenticatedAt: this.now() }),
      verifyMachine: async () => cora.identity,
      groups: this.policy.groups,
      attestationBase,
      policy: this.policy,
      promotions: { ...this.promotions, list: this.promotions.list },
      loanBooks: this.loanBooks,
      delegations: this.delegations,
      absences: { list: async () => [] },
      directory: this.directory,
      blobs: this.blobStore,
      ledger: { markers: async () => new Map() },
    })({ ...request({ id }, {}), method: "GET", route: "/v1/promotions/{id}" });
    return json as PromotionView;
  }

  /** The pipeline that asked for it takes its request back, or whoever proposed policies. */
  async withdraw(promotionId: PromotionId): Promise<void> {
    const { requester, target } = this.promotions.stored(promotionId).manifest;
    await withdraw({
      now: this.host(),
      claimsMachine: () => target.kind !== "policy",
      verifyMachine: async () => requester,
      verifyPerson: async () => ({ identity: requester }),
      people: [],
      groups: [],
      directory: this.directory,
      promotions: this.promotions,
    })(request({ id: promotionId }, {}));
    this.tell(promotionId);
  }

  async openStage(promotionId: PromotionId): Promise<void> {
    await openStage({
      now: this.host(),
      promotions: this.promotions,
      delegations: this.delegations,
      directory: this.directory,
      blobs: this.blobStore,
      tokens: { keep: async () => {} },
      policy: this.policy,
    })({ promotionId, taskToken: "t" });
    this.tell(promotionId);
  }

  /** The time of the open stage, or of the loan, is over. */
  async expire(promotionId: PromotionId): Promise<ExpireAnswer> {
    const answer = await expire({
      now: this.host(),
      policy: this.policy,
      promotions: this.promotions,
      delegations: this.delegations,
      loanBooks: this.loanBooks,
      directory: this.directory,
    })({ promotionId });
    this.tell(promotionId);
    return answer;
  }

  /** @param passkeys what the service says was done about passkeys, where it lies */
  async verify(promotionId: PromotionId, passkeys: Pick<MemoryPasskeys, "deeds"> = this.passkeys): Promise<string> {
    const now = this.host();
    const ceremonies = {
      attestationBase,
      passkeys,
      installations: this.installations,
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
      verifyJws,
    };
    const answer = await verifySignOffs({
      now,
      attestationBase,
      policy: this.policy,
      policyDocuments: policyDocuments(this.policy.bundle),
      salt: () => sha256Hex(utf8(`${this.facts.length}`)).slice(0, 32),
      promotions: this.promotions,
      passkeys,
      delegations: this.delegations,
      directory: this.directory,
      inLedger: async () => new Map(),
      requirePolicies: () => this.policiesAsTold(this.policy.digest),
      blobs: this.blobStore,
      requireCandidate: candidateCheck({
        now,
        artifacts: { measure: async (key) => this.measured(key), recorded: async (key) => this.measured(key) },
        blobs: this.blobStore,
        thresholds: this.policy.thresholds,
        shadowPlan: (promotion) => shadowPlanInForce(this.policy, promotion),
        wasm: this.policy.wasm,
        evaluate,
      }),
      requireSignOff: signOffCheck({ ...ceremonies, delegations: this.delegations }),
      requireLender: lenderCheck(ceremonies),
      ...this.signing(),
    })({ promotionId });
    this.tell(promotionId);
    return answer.outcome;
  }

  /** What some other function does with a promotion, as far as its record tells. */
  move(id: PromotionId, change: Change, fact: Omit<Fact, "id" | "promotion" | "at">): void {
    this.promotions.put(advance(this.promotions.stored(id), change, { ...fact, at: this.now() }));
    this.tell(id);
  }

  #requestBody(files: ReadonlyMap<string, string>, version: string, model: string) {
    const file = (name: string, path: string) => {
      const bytes = utf8(files.get(path) ?? "");
      const mediaType = "application/json";
      return { name, mediaType, size: bytes.length, sha256: sha256Hex(bytes), uri: this.handIn(name, bytes) };
    };
    return {
      model: { name: model, type: "credit-scoring", version },
      artifacts: artifacts.map(([role, path]) => ({ role, ...file(path, path) })),
      evidence: evidence.map(([kind, format, path]) => ({
        kind,
        format,
        ...file(path.slice("evidence/".length), path),
      })),
      lineage: {
        trainedBy: [{ address: tom.address }],
        codeAuthors: [{ address: tom.address }],
        dataOwners: [{ address: "priya@example.com" }],
        infrastructureAuthors: [],
        source: { repository: "example/credit-scoring", commit: "a".repeat(40) },
      },
    };
  }
}
