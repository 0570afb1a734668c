import * as v from "valibot";
import {
  concerns,
  type Deployment,
  type DeploymentTarget,
  type Progress,
  type Running,
} from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { addSeconds, instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { Exchange } from "../../core/notification/channel.ts";
import { type DeploymentReport, reportIn } from "../../core/promotion/deployment-report.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import type { Target } from "../../core/promotion/target.ts";
import { deploymentMessages } from "./deployment-messages.ts";

export interface WebhookTargetPorts {
  readonly exchange: Exchange;
  /** A secret of the deployment's, by its name. */
  readonly secret: (name: string) => Promise<string | undefined>;
  readonly nowMs: () => number;
  /** What the receiver has said, and since when it may say it. */
  readonly reports: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
  };
  /** A verdict's envelope, for the receiver to verify by itself. */
  readonly verdict: (sha256: Sha256) => Promise<Json>;
}

/** How long a roll-back that was asked for is not asked for again, in milliseconds. */
const rollBackAgainMs = 600_000;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(320));
const described = v.object({
  revision: v.exactOptional(text),
  promotion: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
  changingTo: v.exactOptional(text),
  beside: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
  broken: v.exactOptional(text),
});
const cleaned = v.union([
  v.pipe(
    v.custom<object>((answer) => typeof answer === "object" && !Array.isArray(answer)),
    v.object({ left: v.nullish(v.pipe(v.array(text), v.maxLength(20)), []) }),
  ),
  // Whatever else it says is that it has heard: but for a list that stands alone, of what it may mean to be left.
  v.pipe(
    v.custom<unknown>(
      (answer) => typeof answer !== "object" || answer === null || (Array.isArray(answer) && answer.length === 0),
    ),
    v.transform(() => ({ left: [] })),
  ),
]);

/**
 * Whatever else can deploy: a receiver that is told by signed messages, answers what runs, and reports what came of it
 * (docs/deployment.md). It is believed what it describes; a report that does not fit that is not.
 */
export function webhookTarget(ports: WebhookTargetPorts): DeploymentTarget {
  const send = deploymentMessages(ports);

  return {
    describeRunning,

    async preflight(order, release) {
      const running = await describeRunning(order.target);
      return running.broken === undefined
        ? { kind: "possible", release: release(running), running }
        : { kind: "impossible", why: `What runs in ${order.target.name} cannot be changed: ${running.broken}` };
    },

    async start(order) {
      if (concerns(await describeRunning(order.target), order.promotion)) return;
      const promotion = await requirePromotion(order.promotion);
      const { target, verdict, image, model } = order;
      const { withinSeconds } = requireKind(target, "webhook");
      const nowMs = ports.nowMs();
      // What was deployed before and is put back is asked for anew: a receiver drops a message whose id it has seen.
      const begins = promotion.status !== "deployed" && promotion.status !== "restricted";
      const asked = begins ? undefined : msOfPutBack(order, withinSeconds, nowMs);
      const id = asked === undefined ? `${order.promotion}_requested` : `${order.promotion}_requested_${asked}`;
      const since = begins ? promotion.deployment?.startedAt : undefined;
      await send(target, "deployment.requested", id, {
        promotion: order.promotion,
        model: { ...promotion.manifest.model },
        target: { name: target.name, endpoint: target.endpoint },
        freezeDigest: promotion.freezeDigest,
        artifacts: artifactsOf(promotion, model.uri),
        image,
        verdict: { sha256: verdict, envelope: await ports.verdict(verdict) },
        reportBefore: addSeconds(since ?? instantFromMs(asked ?? nowMs), withinSeconds),
      });
    },

    async check(deployment) {
      const { promotion: id, target, putBackSince } = deployment;
      const running = await describeRunning(target);
      const report = reportIn(await ports.reports.facts(id));
      const begun = (await requirePromotion(id)).deployment;
      const { withinSeconds } = requireKind(target, "webhook");
      const since = putBackSince ?? begun?.startedAt;
      const late = since !== undefined && instantFromMs(ports.nowMs()) >= addSeconds(since, withinSeconds);
      const { kind, why } = judged(deployment, { running, report, late, goesBack: begun?.rollBack !== undefined });
      const evidence = {
        running: { ...running },
        ...(report === undefined
          ? {}
          : { reported: { outcome: report.outcome, detail: report.detail, at: report.at } }),
      };
      return { kind, why, evidence };
    },

    async rollBack({ promotion, target, previous }) {
      // A receiver that has seen an id drops the message. One that could not go back has to hear of it again, and so has one
      // that is to go back a second time; not with every look, though.
      const round = Math.floor(ports.nowMs() / rollBackAgainMs);
      const id = `${promotion}_roll-back_${round}`;
      await send(target, "deployment.roll-back", id, { promotion, previous: previous ?? null });
    },

    settle: () => Promise.resolve(),

    async cleanUp(promotion, target, deployment) {
      // Before it is asked to deploy, a receiver hears nothing of a promotion.
      if (deployment === undefined) return { removed: [], left: [] };
      const answer = await send(target, "deployment.clean-up", `${promotion}_clean-up`, { promotion });
      const read = v.safeParse(cleaned, answer);
      if (read.success) return { removed: [], left: read.output.left };
      throw new Failure(
        "deployment-refused",
        `The receiver of the target '${target.name}' does not say what it could not remove: 'left' is a list of at most 20 texts, of up to 320 characters each.`,
      );
    },
  };

  async function describeRunning(target: Target): Promise<Running> {
    const { name, endpoint } = target;
    const answer = await send(target, "deployment.describe", `${name}_describe_${ports.nowMs()}`, {
      target: { name, endpoint },
    });
    const read = v.safeParse(described, answer);
    if (read.success) {
      const { revision } = read.output;
      // Whoever calls what runs by its promotion says which one it is.
      return { ...(isPromotionId(revision) ? { promotion: revision } : {}), ...read.output };
    }
    // To go back to what nobody could name is to go back to nothing.
    throw new Failure("deployment-refused", `The receiver of the target '${name}' does not say what runs there.`);
  }

  async function requirePromotion(id: PromotionId): Promise<Promotion> {
    const promotion = await ports.reports.load(id);
    if (promotion === undefined) throw new Failure("not-found", "There is no such promotion.");
    return promotion;
  }
}

/**
 * What a message that puts something back is known by: since when it is, so that each run asks for it by the same one; and once
 * its time is over, another, for a receiver drops what it has seen.
 */
function msOfPutBack({ putBackSince }: Order, withinSeconds: number, nowMs: number): number {
  if (putBackSince === undefined) return nowMs;
  const since = msOfInstant(putBackSince);
  const within = withinSeconds * 1000;
  return since + Math.max(0, Math.floor((nowMs - since) / within)) * within;
}

/** Where every frozen artifact lies, by version; all in the bucket of the model. */
function artifactsOf({ manifest, frozen = [] }: Promotion, modelUri: string): Json {
  const bucket = /^s3:\/\/[^/]+\//.exec(modelUri)?.[0] ?? "";
  return manifest.artifacts.flatMap(({ role, name, sha256 }) =>
    frozen
      .filter((copy) => copy.name === name)
      .map(({ key, versionId }) => ({ role, name, sha256, uri: `${bucket}${key}`, versionId })),
  );
}

/** How it goes, by what the receiver describes and what it has reported. */
function judged(
  { promotion, target: { name }, previous, putBackSince }: Deployment,
  given: {
    readonly running: Running;
    readonly report: DeploymentReport | undefined;
    readonly late: boolean;
    readonly goesBack: boolean;
  },
): Pick<Progress, "kind" | "why"> {
  const { running, report, late, goesBack } = given;
  const { revision, changingTo, broken } = running;
  const said = report === undefined ? "" : ` The receiver says: ${report.detail}`;
  const serves = concerns(running, promotion) && changingTo === undefined;
  if (broken !== undefined) return { kind: "broken", why: `What runs in ${name} is broken: ${broken}` };
  if (putBackSince !== undefined) {
    // What the receiver reported was of the deployment long ago.
    if (serves) return { kind: "serving", why: `What was approved runs in ${name} again.` };
    return late
      ? { kind: "unhealthy", why: `The receiver has not put back in time what was approved for ${name}.` }
      : { kind: "under-way", why: `The receiver has not put back yet what was approved for ${name}.` };
  }
  if (goesBack || report?.outcome === "rolled-back" || report?.outcome === "failed") {
    if (serves) return { kind: "unhealthy", why: `The candidate still runs in ${name}.${said}` };
    if (changingTo !== undefined) return { kind: "under-way", why: `What runs in ${name} is being changed.${said}` };
    return revision === previous
      ? { kind: "returned", why: `What ran before runs in ${name} again.${said}` }
      : { kind: "displaced", why: `Something else than before runs in ${name}.${said}` };
  }
  if (report?.outcome === "deployed") {
    if (serves) return { kind: "serving", why: `The candidate runs in ${name}.${said}` };
    // It was taken out of service: nothing is what it goes back to.
    if (revision === undefined && changingTo === undefined && previous === undefined)
      return { kind: "returned", why: `Nothing runs in ${name} any more.` };
    if (changingTo !== promotion)
      return { kind: "displaced", why: `It was reported as deployed, and something else runs in ${name}.${said}` };
  }
  if (late) return { kind: "unhealthy", why: `The receiver did not say in time what came of it in ${name}.` };
  return { kind: "under-way", why: `The receiver has not said yet what came of it in ${name}.` };
}
