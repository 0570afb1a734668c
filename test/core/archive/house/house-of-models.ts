import { verifyEcdsa } from "../../../../adapters/node-crypto/signatures.ts";
import { calendarNow, pinnedRequirements } from "../../../../core/approval/promotion-approval.ts";
import type {
  Deployment,
  DeploymentTarget,
  Progress,
  StagingTarget,
} from "../../../../core/deployment/deployment-target.ts";
import type { ShadowTarget } from "../../../../core/deployment/shadow-target.ts";
import { addSeconds, msOfInstant } from "../../../../core/encoding/instant.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { Target } from "../../../../core/promotion/target.ts";
import { type RestrictEvent, restrict } from "../../../../functions/events/restrict/handler.ts";
import { openReapproval } from "../../../../functions/running/restrict-model.ts";
import { type CleanUpAnswer, type CleanUpInput, cleanUp } from "../../../../functions/steps/clean-up/handler.ts";
import { type DeployAnswer, deploy } from "../../../../functions/steps/deploy/handler.ts";
import { runInShadow, type ShadowAnswer } from "../../../../functions/steps/run-in-shadow/handler.ts";
import { type StageAnswer, stage } from "../../../../functions/steps/stage/handler.ts";
import { type WatchAnswer, watchDeployment } from "../../../../functions/steps/watch-deployment/handler.ts";
import { everyKind } from "../../../functions/memory-target.ts";
import { mock } from "../../../functions/mock.ts";
import { quietEvidence } from "../quiet-evidence.ts";
import { attestationBase } from "../reviewers.ts";
import { HouseOfPeople } from "./house-of-people.ts";

/** Its target: what is made there, runs beside it, serves, and is taken away. */
export abstract class HouseOfModels extends HouseOfPeople {
  readonly #serving = new Map<string, string>();

  /** What will serve it is made, without letting it serve. */
  async stage(promotionId: PromotionId, target: StagingTarget): Promise<StageAnswer["outcome"]> {
    const { outcome } = await stage({
      now: this.host(),
      artifactsBucket: "artifacts",
      readArtifact: async ({ key }) => this.bytesAt(key),
      promotions: this.promotions,
      targets: everyKind(target),
    })({ promotionId });
    this.tell(promotionId);
    return outcome;
  }

  /** The candidate runs in shadow until that is over; answers what came of it. */
  async shadow(promotionId: PromotionId, target: ShadowTarget): Promise<ShadowAnswer["outcome"]> {
    for (;;) {
      const answer = await this.shadowOnce(promotionId, target);
      if (answer.outcome !== "watching") return answer.outcome;
      this.pass(answer.seconds);
    }
  }

  /** One look at a candidate that runs in shadow, or is to. */
  async shadowOnce(promotionId: PromotionId, target: ShadowTarget): Promise<ShadowAnswer> {
    const answer = await runInShadow({
      now: this.host(),
      watchSeconds: 5,
      promotions: this.promotions,
      blobs: this.blobStore,
      readArtifact: async ({ key }) => this.bytesAt(key),
      artifactsBucket: "artifacts",
      targets: { "sagemaker-endpoint": target },
    })({ promotionId });
    this.tell(promotionId);
    return answer;
  }

  /** @param looks what the target says at each look at the deployment */
  async deploy(promotionId: PromotionId, looks: readonly Partial<Progress>[] = [{}]): Promise<void> {
    const previous = this.#servingFor(promotionId);
    let progress: Partial<Progress> = {};
    const target = this.#target(previous, () => progress);
    await this.startDeployment(promotionId, target);
    for (const look of looks) {
      progress = look;
      await this.watch(promotionId, target);
      if (look.kind === "returned") this.#serve(this.promotions.stored(promotionId).manifest.target, previous);
    }
  }

  /** @param understands nothing where its execution began under a definition of before */
  async startDeployment(
    promotionId: PromotionId,
    target: DeploymentTarget,
    understands: readonly string[] = ["unverified"],
  ): Promise<DeployAnswer> {
    const answer = await deploy({
      now: this.host(),
      calendar: (promotion, at) => calendarNow(this.policy, promotion, at),
      isPinned: (promotion) => pinnedRequirements(this.policy, promotion) !== undefined,
      attestationBase,
      artifactsBucket: "artifacts",
      watchSeconds: 5,
      promotions: this.promotions,
      blobs: this.blobStore,
      artifacts: { currentVersion: async () => "v1", read: async ({ key }) => this.bytesAt(key) },
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
      facts: this.promotions.facts,
      recordFact: this.promotions.recordFact,
      describeChangeSet: async () => undefined,
      targets: everyKind(target),
    })({ promotionId, understands });
    this.tell(promotionId);
    return answer;
  }

  async watch(promotionId: PromotionId, target: DeploymentTarget): Promise<WatchAnswer> {
    const answer = await watchDeployment({
      now: this.host(),
      watchSeconds: 5,
      promotions: this.promotions,
      blobs: this.blobStore,
      newer: this.world.newer ?? (async () => undefined),
      targets: everyKind(target),
      log: () => {},
    })({ promotionId });
    this.tell(promotionId);
    return answer;
  }

  /** What the matrix says about it is done: what the target says then is `progress`. */
  async restrict(promotionId: PromotionId, progress: Partial<Progress> = {}): Promise<void> {
    const target = this.world.target ?? this.#target(this.#servingFor(promotionId), () => progress);
    await this.restrictBy(
      { "detail-type": "Countersign Fact Recorded", detail: { promotionId, type: "drift" } },
      target,
    );
  }

  async restrictBy(event: RestrictEvent, target: DeploymentTarget): Promise<void> {
    await restrict({
      now: this.host(),
      log: () => {},
      policies: this.policy,
      lost: { take: async () => [], remove: async () => {} },
      monitored: async () => {},
      reapprove: openReapproval({
        ...{ now: this.now, policy: this.policy, directory: this.directory, promotions: this.promotions },
        start: this.start,
      }),
      start: this.start,
      attestationBase,
      artifactsBucket: "artifacts",
      promotions: this.promotions,
      blobs: this.blobStore,
      inLedger: async () => new Map(),
      artifacts: { currentVersion: async () => "v1", read: async ({ key }) => this.bytesAt(key) },
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
      targets: everyKind(target),
    })(event);
    for (const { id } of this.promotions.all()) this.tell(id);
  }

  /** Until nothing is left to be taken back. */
  async cleanUp(promotionId: PromotionId): Promise<void> {
    while ((await this.cleanUpOnce({ promotionId })).outcome === "taking-back") this.pass(5);
  }

  async cleanUpOnce(input: CleanUpInput): Promise<CleanUpAnswer> {
    const answer = await cleanUp({
      shadows: {},
      now: this.host(),
      watchSeconds: 5,
      promotions: this.promotions,
      policies: this.policyStore,
      targets: everyKind(this.world.target ?? this.#target(undefined)),
    })(input);
    this.tell(input.promotionId);
    return answer;
  }

  /** What runs is known by the promotion's id. `previous`: what a release would find. */
  #target(previous: string | undefined, progress: () => Partial<Progress> = () => ({})): DeploymentTarget {
    return mock<DeploymentTarget>("target", {
      describeRunning: async (target) => {
        const revision = this.#serving.get(placeIn(target));
        return revision === undefined ? {} : { revision };
      },
      preflight: async (_, release) => {
        const found = previous === undefined ? {} : { revision: previous };
        return { kind: "possible", release: release(found), running: found };
      },
      start: async ({ promotion, target }) => this.#serve(target, promotion),
      shift: async () => {},
      check: async (deployment) => {
        const why = "The endpoint 'credit-scoring' serves the approved model.";
        const said: Progress = { kind: "serving", why, evidence: quietEvidence(deployment), ...progress() };
        if (said.kind === "serving") this.#waitForParts(deployment);
        return said;
      },
      rollBack: async (deployment) => this.#serve(deployment.target, deployment.previous),
      settle: async () => {},
      suspend: async () => {},
      cleanUp: async () => ({ removed: ["model"], left: [] }),
    });
  }

  /** A target that gives a part of the traffic first serves once it has waited for that. */
  #waitForParts({ promotion, release: { traffic }, startedAt }: Deployment): void {
    if (startedAt === undefined || this.promotions.stored(promotion).status !== "deploying") return;
    if (traffic.kind === "canary")
      this.time = Math.max(this.time, msOfInstant(addSeconds(startedAt, traffic.waitSeconds)));
  }

  #servingFor(promotionId: PromotionId): string | undefined {
    return this.#serving.get(placeIn(this.promotions.stored(promotionId).manifest.target));
  }

  #serve(target: Target, revision: string | undefined): void {
    if (revision === undefined) this.#serving.delete(placeIn(target));
    else this.#serving.set(placeIn(target), revision);
  }
}

function placeIn({ name, endpoint }: Target): string {
  return `${name} ${endpoint}`;
}
