import type { Json } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { StagedAt } from "../promotion/staged.ts";
import type { DeployedKind, Target } from "../promotion/target.ts";
import type { Release } from "../promotion/traffic.ts";
import type { ApprovedOrder, Order } from "./order.ts";

/** What the target itself said, as it goes into the ledger. */
export type DeploymentEvidence = { readonly [key: string]: Json };

/** What runs in a target at one moment. */
export interface Running {
  /**
   * The target's own name for what serves, such as an endpoint configuration or a revision: enough to go back to it.
   * Absent where nothing does.
   */
  readonly revision?: string;
  /** The promotion that it is of, where it is one of ours. */
  readonly promotion?: PromotionId;
  /** What the target is being changed to at this moment. */
  readonly changingTo?: string;
  /** The same, where that is no promotion's, nor a configuration in which one of ours answers beside what runs. */
  readonly unknownComing?: string;
  /** Since when it is being changed so, where it may be something harmless that is over within minutes. */
  readonly unknownSince?: Instant;
  /** What answers the other requests while `promotion` answers a part of them, where it is one of ours as well. */
  readonly beside?: PromotionId;
  /** The target's name for what answers the other requests, where it is none of ours. */
  readonly unknownBeside?: string;
  /** What answers until what is asked for has come, and the promotion that it calls itself by, where that is another. */
  readonly givingWay?: { readonly name: string; readonly promotion: PromotionId };
  /** Why what is there cannot be updated, nor serves. */
  readonly broken?: string;
}

/** Whether the promotion is what runs, or what the target is being changed to. */
export function concerns({ revision, promotion, changingTo }: Running, id: PromotionId): boolean {
  return promotion === id || revision === id || changingTo === id;
}

/** What a deployment needs to know of itself later: all of it is stored with the promotion. */
export interface Deployment extends Order {
  readonly release: Release;
  /** Since when an alarm that was raised counts against it, however soon it was quiet again. */
  readonly startedAt?: Instant;
  /** When it was first seen to answer a part of the requests. */
  readonly sharedSince?: Instant;
  /** `revision` of what ran before. */
  readonly previous?: string;
}

/** How a deployment goes: why, in a sentence, and what the target said. */
export interface Progress {
  readonly kind: /** It is on its way. */
    | "under-way"
    /** What was approved has all traffic, is still exactly that, and no alarm is raised. */
    | "serving"
    /** The same, with a part of the requests, beside exactly what ran before. */
    | "sharing"
    /** It serves and should not: altered, or an alarm is raised. */
    | "unhealthy"
    /** What ran before serves again, or nothing where nothing did. */
    | "returned"
    /** Somebody made the target run something else. */
    | "displaced"
    /** Nothing there can serve. */
    | "broken";
  readonly why: string;
  readonly evidence: DeploymentEvidence;
  /** Of a hundred requests, how many it gets while it is `sharing`. */
  readonly percent?: number;
  /** It is `unhealthy` and exactly what was approved: it failed, was scaled to nothing, or exceeds its bounds. */
  readonly unwell?: true;
}

/** How a release would go, or why the target would not do what was asked. */
export type Preflight =
  | {
      readonly kind: "possible";
      readonly release: Release;
      readonly running: Running;
      /** What would keep it from that, and cannot be looked at from here: a sentence for whoever is asked. */
      readonly caution?: string;
    }
  | { readonly kind: "impossible"; readonly why: string };

/** What a clean-up came to. */
export interface CleanedUp {
  readonly removed: readonly string[];
  /** Found again by listing, after all was removed. */
  readonly left: readonly string[];
}

/**
 * A kind of place where models run. Every operation may be repeated, by whoever and at the same time: what is there
 * carries the promotion's id. `Failure` `unavailable` asks to be tried again, `deployment-refused` never is.
 */
export interface DeploymentTarget {
  describeRunning(target: Target): Promise<Running>;
  /**
   * The names of all that is in the same room as what runs, such as the components of one endpoint, ours and others'. Absent
   * where a target has a place to itself.
   */
  neighbours?(target: Target): Promise<readonly string[]>;
  /** Asks whether the target can release the order in the way that was asked for; changes nothing. */
  preflight(order: Order, release: (running: Running) => Release): Promise<Preflight>;
  /** Starts the release of exactly what is staged for the order; finds its own where it has begun. */
  start(order: ApprovedOrder, release: Release): Promise<void>;
  check(deployment: Deployment): Promise<Progress>;
  /**
   * Why what answers beside what the target asks for, and is of the deployment's promotion, is not what was approved. Absent
   * where `check` sees that itself.
   */
  whyAlteredBeside?(deployment: Deployment): Promise<string | undefined>;
  /**
   * Gives what is `sharing` the next part of the requests, or lets it serve alone; `check` says when it is there. Absent
   * where nothing is released by weights.
   */
  shift?(deployment: Deployment, to: number | "all"): Promise<void>;
  /** Begins to go back to what ran before; `check` says when it is there. */
  rollBack(deployment: Deployment): Promise<void>;
  /** Removes what only the release needed, once the approved model serves. */
  settle(deployment: Deployment): Promise<void>;
  /**
   * What serves is restricted: takes back whatever says elsewhere that it is approved, and leaves what serves alone. Absent
   * where the target keeps nothing of the kind.
   */
  suspend?(promotion: PromotionId, target: Target): Promise<void>;
  /** Removes everything of a promotion that will not run, and looks whether it is gone. `deployment`: where one had begun. */
  cleanUp(promotion: PromotionId, target: Target, deployment?: Deployment): Promise<CleanedUp>;
}

/** Creates what will serve, without letting it serve. By another role than the one that deploys. */
export interface StagingTarget {
  /** Answers when what it found or made was made; nothing where a target makes nothing before. */
  stage(order: Order): Promise<StagedAt | undefined>;
  preflight: DeploymentTarget["preflight"];
}

/** What deploys to a kind of target. Throws `deployment-refused` for policies, which run nowhere. */
export function targetOfKind<Kind>(targets: Readonly<Record<DeployedKind, Kind>>, kind: Target["kind"]): Kind {
  if (kind === "policy") throw new Failure("deployment-refused", "Policies are put in force, and deployed nowhere.");
  return targets[kind];
}
