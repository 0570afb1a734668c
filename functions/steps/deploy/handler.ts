import { type CalendarOutcome, frozenSentence } from "../../../core/approval/calendar.ts";
import { parseEnvelope, type VerifyingKey, type VerifySignature } from "../../../core/attestation/dsse.ts";
import { requireVerdict } from "../../../core/attestation/verdict.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { FrozenCopy, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";
import { type Serving, servingOf } from "../serving.ts";

type EndpointState =
  | { readonly kind: "absent" }
  | { readonly kind: "busy"; readonly configName: string }
  | { readonly kind: "in-service"; readonly configName: string }
  | { readonly kind: "failed"; readonly why: string };

export interface DeployPorts {
  readonly now: () => Instant;
  readonly calendar: (promotion: Promotion, now: Instant) => CalendarOutcome;
  readonly attestationBase: string;
  readonly artifactsBucket: string;
  readonly watchSeconds: number;
  readonly promotions: PromotionMoves;
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  readonly artifacts: {
    currentVersion(key: string): Promise<string | undefined>;
    read(copy: FrozenCopy, largest: number): Promise<Uint8Array>;
  };
  /** The keys whose signatures of an instant count. */
  readonly verifyingKeys: (at: Instant) => Promise<readonly VerifyingKey[]>;
  readonly verifySignature: VerifySignature;
  readonly target: {
    requireStaged(id: PromotionId, serving: Serving): Promise<void>;
    state(endpointName: string): Promise<EndpointState>;
    serve(id: PromotionId, endpointName: string, exists: boolean): Promise<void>;
  };
}

export type DeployAnswer = { readonly outcome: "started"; readonly seconds: number } | { readonly outcome: "refused" };

/**
 * Deploy the candidate. Trusts nothing that woke it: holds the verdict against what it is about to deploy, and what
 * is staged against what was frozen (design 3.2).
 */
export function deploy(ports: DeployPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<DeployAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    try {
      await requireApproved(promotion);
      await requireUntouched(promotion);
      const serving = await servingOf(promotion, ports.artifactsBucket, ports.artifacts.read);
      await ports.target.requireStaged(promotionId, serving);
      await serve(promotion);
      return { outcome: "started", seconds: ports.watchSeconds };
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "unavailable" || error.code === "ledger-invalid") throw error;
      await refuse(promotionId, error);
      return { outcome: "refused" };
    }
  };

  async function requireApproved(promotion: Promotion): Promise<void> {
    if (promotion.status !== "approved" && promotion.status !== "deploying") {
      throw new Failure("deployment-refused", `The promotion is ${promotion.status}, not approved.`);
    }
    const calendar = ports.calendar(promotion, ports.now());
    // The window began between the verdict and this moment. What has begun to deploy is not left half done.
    if (calendar.kind === "frozen" && promotion.deployment === undefined)
      throw new Failure(
        "deployment-refused",
        `${frozenSentence(calendar)} Nothing is deployed before; submit it again.`,
      );
    if (promotion.verdict === undefined) throw new Failure("verdict-invalid", "The promotion has no verdict.");
    const bytes = await ports.blobs.get(promotion.verdict.sha256);
    requireVerdict(parseEnvelope(JSON.parse(fromUtf8(bytes))), {
      attestationBase: ports.attestationBase,
      freezeDigest: promotion.freezeDigest,
      target: promotion.manifest.target,
      requirements: promotion.requirements.sha256,
      now: ports.now(),
      keys: await ports.verifyingKeys(promotion.verdict.at),
      verify: ports.verifySignature,
    });
  }

  /** The target reads the newest version of a key: it must still be the one whose bytes were verified. */
  async function requireUntouched(promotion: Promotion): Promise<void> {
    for (const copy of promotion.frozen ?? []) {
      if ((await ports.artifacts.currentVersion(copy.key)) !== copy.versionId) {
        throw new Failure(
          "deployment-refused",
          `The frozen artifact '${copy.name}' was replaced or removed after it was verified.`,
        );
      }
    }
  }

  async function serve(promotion: Promotion): Promise<void> {
    const { id } = promotion;
    const { endpoint } = promotion.manifest.target;
    const state = await ports.target.state(endpoint);
    if (state.kind === "busy" && state.configName !== id) {
      throw new Failure("unavailable", `The endpoint '${endpoint}' is being changed at the moment.`);
    }
    // Written before the target is touched: a crash in between is finished by the retry, and never forgotten.
    await moveOn(ports.promotions, id, (current) =>
      current.deployment === undefined ? withDeployment(current, state) : undefined,
    );
    const served = (state.kind === "in-service" || state.kind === "busy") && state.configName === id;
    if (!served) await ports.target.serve(id, endpoint, state.kind !== "absent");
  }

  function withDeployment(promotion: Promotion, state: EndpointState): Promotion {
    const { endpoint, name } = promotion.manifest.target;
    const at = ports.now();
    return advance(
      promotion,
      {
        status: "deploying",
        deployment: {
          modelName: promotion.id,
          endpointConfigName: promotion.id,
          endpointName: endpoint,
          ...(state.kind === "in-service" ? { previousEndpointConfigName: state.configName } : {}),
          startedAt: at,
        },
      },
      {
        type: "deployment-started",
        at,
        summary: `The deployment to the endpoint '${endpoint}' in ${name} has started.`,
        body: {
          endpoint,
          previous: state.kind === "in-service" ? state.configName : null,
          verdict: promotion.verdict?.sha256 ?? null,
        },
        attachments: [],
      },
    );
  }

  function refuse(id: PromotionId, failure: Failure): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) =>
      current.status === "approved" || current.status === "deploying"
        ? advance(
            current,
            { status: "blocked", reason: failure.message },
            {
              type: "blocked",
              at: ports.now(),
              summary: failure.message,
              body: { code: failure.code, step: "deploy" },
              attachments: [],
            },
          )
        : undefined,
    );
  }
}
