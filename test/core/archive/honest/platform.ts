import { registered } from "../../../../adapters/sagemaker/registered.ts";
import type { Deployment, DeploymentTarget, Progress, Running } from "../../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../../core/deployment/order.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { Failure } from "../../../../core/failure.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { StagedAt } from "../../../../core/promotion/staged.ts";
import type { Target } from "../../../../core/promotion/target.ts";
import { quietEvidence } from "../quiet-evidence.ts";
import type { Receiver } from "./receiver.ts";
import { Registry } from "./registry.ts";

interface Served {
  revision: string;
  promotion?: PromotionId;
  /** Of a hundred requests, while it is released by weights. */
  percent?: number;
  beside?: string;
}

/** Where models run, in memory: it does at once what it is asked for, unless a test has it misbehave. */
export class Platform implements DeploymentTarget {
  readonly #serving = new Map<string, Served>();
  /** Where a pipeline deploys, nothing can be looked at; a receiver says by itself what it has. */
  #pipeline: DeploymentTarget | undefined;
  #receiver: Receiver | undefined;
  /** Of which an alarm is raised. */
  readonly alarmed = new Set<string>();
  /** So many looks it takes yet, until what was asked for is there. */
  slow = 0;
  /** So many calls fail yet. */
  #troubles: readonly Failure["code"][] = [];
  /** When what is staged for a promotion was made. Nobody makes it anew. */
  readonly #made = new Map<PromotionId, Instant>();
  readonly registry = new Registry();
  /** As functions see it: a version in the Model Registry is approved with what runs. */
  readonly target: DeploymentTarget & Pick<Platform, "stage">;

  constructor() {
    this.target = { ...registered(this, this.registry), stage: this.stage };
  }

  #clock: (() => Instant) | undefined;

  /** Where it gives a part of the traffic first, it waits for that. */
  waitsBy(clock: () => Instant): void {
    this.#clock = clock;
  }

  /** The next calls fail so. */
  fails(...codes: readonly ("unavailable" | "deployment-refused")[]): void {
    this.#troubles = codes;
  }

  #work(refuses: "may refuse" | "goes on" = "goes on"): void {
    const [code, ...others] = this.#troubles;
    if (code === undefined || (code === "deployment-refused" && refuses === "goes on")) return;
    this.#troubles = others;
    throw new Failure(code, code === "unavailable" ? "The target does not answer." : "The target will not have that.");
  }

  /** Whoever forgets when it was made takes it for made anew. */
  #requireKept({ promotion, staged }: Order): void {
    if (staged?.["model"] !== this.#made.get(promotion))
      throw new Error(`What is staged for ${promotion} is forgotten.`);
  }

  #isWaiting({ release: { traffic }, startedAt }: Deployment): boolean {
    if (startedAt === undefined || this.#clock === undefined) return false;
    const now = this.#clock();
    if (traffic.kind === "rolling")
      return now < addSeconds(startedAt, traffic.waitSeconds * Math.ceil(traffic.of / traffic.copies));
    if (traffic.kind === "canary") return now < addSeconds(startedAt, traffic.waitSeconds);
    return traffic.kind === "linear" && now < addSeconds(startedAt, traffic.waitSeconds * (100 / traffic.percent));
  }

  deployedBy(pipeline: DeploymentTarget, receiver: Receiver): void {
    this.#pipeline = pipeline;
    this.#receiver = receiver;
  }

  #receives({ kind }: Target): DeploymentTarget | undefined {
    return kind === "webhook" ? this.#receiver?.target : undefined;
  }

  readonly describeRunning = async (target: Target): Promise<Running> => {
    this.#work();
    const receives = this.#receives(target);
    if (receives !== undefined) return receives.describeRunning(target);
    const served = this.#serving.get(placeIn(target));
    if (served === undefined || target.kind === "pipeline") return {};
    const { revision, promotion, beside } = served;
    return {
      revision,
      ...(promotion === undefined ? {} : { promotion }),
      ...(beside === undefined ? {} : { beside: beside as PromotionId, changingTo: revision }),
    };
  };

  readonly preflight: DeploymentTarget["preflight"] = async ({ target }, release) => {
    const running = await this.describeRunning(target);
    return { kind: "possible", release: release(running), running };
  };

  readonly start: DeploymentTarget["start"] = async (order, release) => {
    this.#work("may refuse");
    this.#requireKept(order);
    const { promotion, target } = order;
    const { traffic } = release;
    const receives = this.#receives(target);
    if (receives !== undefined) return receives.start(order, release);
    if (target.kind === "pipeline") return;
    const place = placeIn(target);
    const served = this.#serving.get(place);
    if (served?.promotion === promotion) return;
    const [first] = traffic.kind === "weights" ? traffic.steps : [];
    const share =
      first === undefined || served === undefined ? {} : { percent: first.percent, beside: served.revision };
    this.#serving.set(place, { revision: promotion, promotion, ...share });
  };

  readonly shift: NonNullable<DeploymentTarget["shift"]> = async ({ promotion, target }, to) => {
    this.#work("may refuse");
    const served = this.#serving.get(placeIn(target));
    if (served?.promotion !== promotion) return;
    if (to === "all") this.#serving.set(placeIn(target), { revision: promotion, promotion });
    else this.#serving.set(placeIn(target), { ...served, percent: to });
  };

  readonly check = async (deployment: Deployment): Promise<Progress> => {
    const { promotion, target, previous } = deployment;
    if (target.kind === "pipeline" && this.#pipeline !== undefined) return this.#pipeline.check(deployment);
    const receives = this.#receives(target);
    if (receives !== undefined) return receives.check(deployment);
    const said = (kind: Progress["kind"], why: string, more: Partial<Progress> = {}): Progress => ({
      kind,
      why,
      evidence: { endpoint: target.endpoint, ...quietEvidence(deployment) },
      ...more,
    });
    this.#requireKept(deployment);
    const served = this.#serving.get(placeIn(target));
    if (this.slow > 0) {
      this.slow -= 1;
      return said("under-way", "It is on its way.");
    }
    if (served?.promotion === promotion) {
      if (this.alarmed.has(promotion)) return said("unhealthy", "An alarm was raised.");
      const { percent } = served;
      if (percent === undefined && this.#isWaiting(deployment))
        return said("under-way", "It has a part of the requests.");
      return percent === undefined
        ? said("serving", "It serves what was approved.")
        : said("sharing", `It has ${percent} % of the requests.`, { percent });
    }
    if (served?.revision === previous) return said("returned", "What ran before runs again.");
    return said("displaced", "Something else serves there.");
  };

  readonly rollBack = async (deployment: Deployment): Promise<void> => {
    const { target, previous, promotion } = deployment;
    if (target.kind === "pipeline") return this.#pipeline?.rollBack(deployment);
    const receives = this.#receives(target);
    if (receives !== undefined) return receives.rollBack(deployment);
    const place = placeIn(target);
    const served = this.#serving.get(place);
    if (served !== undefined && served.promotion !== promotion) return;
    this.put(target, previous);
  };

  readonly settle = async (): Promise<void> => this.#work();
  readonly suspend = async (): Promise<void> => this.#work("may refuse");
  readonly stage = async ({ promotion }: Order): Promise<StagedAt | undefined> => {
    this.#work("may refuse");
    const at = this.#made.get(promotion) ?? this.#clock?.();
    if (at === undefined) return undefined;
    this.#made.set(promotion, at);
    return { model: at };
  };
  readonly cleanUp = async (promotion: PromotionId) => {
    this.#work();
    this.#made.delete(promotion);
    return { removed: ["model"], left: [] };
  };

  /** Where something serves. */
  readonly endpoints = async (): Promise<readonly string[]> =>
    [...this.#serving.keys()].filter((place) => !place.includes("/"));

  /** Somebody makes it serve this, in whatever way. */
  put(target: Target, revision: string | undefined): void {
    if (target.kind === "webhook") {
      this.#receiver?.put(target.endpoint, revision);
      return;
    }
    const place = placeIn(target);
    if (revision === undefined) this.#serving.delete(place);
    else
      this.#serving.set(
        place,
        revision.startsWith("p-") ? { revision, promotion: revision as PromotionId } : { revision },
      );
  }
}

/** Whatever the target is called that leads there. */
function placeIn({ kind, endpoint }: Target): string {
  return `${kind === "sagemaker-endpoint" ? "" : `${kind}/`}${endpoint.toLowerCase()}`;
}
