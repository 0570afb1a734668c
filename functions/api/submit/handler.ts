import { resolveTarget } from "../../../core/approval/loading/load-targets.ts";
import { whyNoSuchName } from "../../../core/approval/loading/place-name.ts";
import { identifyMachine, type MachineClaims, type Submitter } from "../../../core/approval/machine-identity.ts";
import { policyModelType } from "../../../core/approval/matrix.ts";
import { whyNobodyCouldSign } from "../../../core/approval/out-of-reach.ts";
import { groupsOf, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { type Fact, saysDeployed } from "../../../core/promotion/fact.ts";
import { type FreezeManifest, freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { CandidateFacts, Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { authorJson } from "../../../core/promotion/reapproval.ts";
import {
  manifestOf,
  type PromotionRequest,
  parsePromotionRequest,
  sourcesOf,
} from "../../../core/promotion/request.ts";
import type { Target } from "../../../core/promotion/target.ts";
import type { PolicyBook } from "../../policies/policy-book.ts";
import type { PromotionPage } from "../../steps/promotion-store.ts";
import { requireAllRead } from "../../unreadable-promotion.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";

/** A promotion is one item of the table, of 400 KB at most: what is recorded of it later has to find room beside the request. */
const largestBody = 128 * 1024;

export interface SubmitPorts {
  readonly policies: PolicyBook;
  readonly now: () => Instant;
  readonly verifyMachine: (token: string) => Promise<MachineClaims>;
  readonly replays: { use(token: Submitter["token"], request: Sha256): Promise<"fresh" | "replayed"> };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    create(promotion: Promotion): Promise<"created" | "exists">;
    list(
      filter: { readonly model: string; readonly target: string; readonly unreadable: "told" },
      limit: number,
      from?: string,
    ): Promise<PromotionPage>;
  };
  readonly start: (id: PromotionId) => Promise<void>;
}

/** POST /v1/promotions: a pipeline asks to let a candidate run. The same candidate again finds its open promotion. */
export function submit(ports: SubmitPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const submitter = identifyMachine(ports.policies.machines, await ports.verifyMachine(bearerToken(http)));
    const request = parsePromotionRequest(jsonBody(http, largestBody));
    if (request.model.type === policyModelType || request.model.name === policyModelType)
      throw new Failure("invalid-request", "Policies are proposed by people: POST /v1/policy/proposals.");
    if (!submitter.machine.submits.includes(request.model.name)) {
      throw new Failure(
        "forbidden",
        `The pipeline '${submitter.machine.name}' may not submit the model '${request.model.name}'.`,
      );
    }
    const manifest = manifestOf(request, targetOf(request, ports.policies), submitter.identity);
    const facts: CandidateFacts = { release: await releaseOf(manifest) };
    const requirements = requirementsNow(ports.policies, { manifest, facts });
    requireEvidence(request, ports.policies);
    await requireReachable({ manifest, submitter, requirements: requirements.document }, ports);
    if ((await ports.replays.use(submitter.token, sha256Hex(http.body))) === "replayed") {
      throw new Failure(
        "token-replayed",
        "This token was used for another request before; ask the CI system for a new one.",
      );
    }

    const now = ports.now();
    const digest = freezeDigest(manifest);
    const expiresAt = addSeconds(now, requirements.document.rule.expiresAfterSeconds);
    const { promotion, found } = await findOrCreate(digest, (id, attempt) => ({
      id,
      attempt,
      revision: 1,
      status: "gating",
      freezeDigest: digest,
      manifest,
      sources: sourcesOf(request),
      submittedAt: now,
      expiresAt,
      ...(submitter.startedBy === undefined ? {} : { startedBy: submitter.startedBy }),
      ...(submitter.run === undefined ? {} : { run: submitter.run }),
      requirements: { sha256: requirements.sha256 },
      facts,
      review: 1,
      settled: [],
      invalidated: [],
      history: [requestFact({ id, manifest, submitter, at: now, expiresAt, requirements: requirements.sha256, facts })],
    }));
    // Also for one that was there before: a crash between writing and starting is repaired by CI's retry.
    await ports.start(promotion.id);
    return {
      status: found ? 200 : 202,
      headers: { location: `/v1/promotions/${promotion.id}` },
      json: {
        id: promotion.id,
        status: promotion.status,
        attempt: promotion.attempt,
        freezeDigest: promotion.freezeDigest,
        expiresAt: promotion.expiresAt,
      },
    };
  };

  /** Whether a version of the model was ever deployed in the target. Throws `conflict` where one that cannot be read may have been. */
  async function releaseOf({ model, target }: FreezeManifest): Promise<"first" | "update"> {
    const unreadable: string[] = [];
    let from: string | undefined;
    do {
      const filter = { model: model.name, target: target.name, unreadable: "told" } as const;
      const page = await ports.promotions.list(filter, 25, from);
      // One that was an update came after one that was deployed: however many failed since, that is said by each of them.
      if (page.promotions.some(({ history, facts }) => facts?.release === "update" || history.some(saysDeployed)))
        return "update";
      unreadable.push(...(page.unreadable ?? []));
      from = page.next;
    } while (from !== undefined);
    requireAllRead(unreadable, "whether the model is new there");
    return "first";
  }

  async function findOrCreate(
    digest: Sha256,
    create: (id: PromotionId, attempt: number) => Promotion,
  ): Promise<{ readonly promotion: Promotion; readonly found: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const id = promotionId(digest, attempt);
      const known = await ports.promotions.load(id);
      if (known !== undefined) {
        if (isOpen(known.status)) return { promotion: known, found: true };
        continue;
      }
      const promotion = create(id, attempt);
      if ((await ports.promotions.create(promotion)) === "created") return { promotion, found: false };
      // Another run of the pipeline was quicker: look at this attempt again.
      attempt--;
    }
  }
}

function targetOf(request: PromotionRequest, policies: PolicyBook): Target {
  const rule = Object.hasOwn(policies.targets, request.target) ? policies.targets[request.target] : undefined;
  if (rule === undefined) {
    const known = Object.keys(policies.targets).join(", ");
    throw new Failure("unknown-target", `There is no target '${request.target}'; there is: ${known}.`);
  }
  const target = resolveTarget(request.target, rule, request.model);
  const why = whyNoSuchName(target);
  if (why !== undefined) throw new Failure("unknown-target", why);
  return target;
}

function requireEvidence(request: PromotionRequest, policies: PolicyBook): void {
  const given = new Set(request.evidence.map(({ kind }) => kind));
  const missing = policies.requiredEvidence(request.model.type, request.target).filter((kind) => !given.has(kind));
  if (missing.length > 0) {
    throw new Failure(
      "missing-evidence",
      `The gates of '${request.model.type}' need evidence that the request does not name: ${missing.join(", ")}.`,
    );
  }
}

async function requireReachable(
  {
    manifest,
    submitter,
    requirements: document,
  }: { readonly manifest: FreezeManifest; readonly submitter: Submitter; readonly requirements: Requirements },
  ports: SubmitPorts,
): Promise<void> {
  const members = await ports.directory.everybody(groupsOf(document));
  const { startedBy } = submitter;
  const why = whyNobodyCouldSign({ manifest, startedBy }, document, { members, people: ports.policies.people });
  if (why !== undefined) throw why;
}

/** Everything that the archive needs to judge again who may sign, under what, and until when. */
function requestFact(asked: {
  readonly id: PromotionId;
  readonly manifest: FreezeManifest;
  readonly submitter: Submitter;
  readonly at: Instant;
  readonly expiresAt: Instant;
  readonly requirements: Sha256;
  readonly facts: CandidateFacts;
}): Fact {
  const { id, manifest, submitter, at, expiresAt, requirements, facts } = asked;
  const { model, target } = manifest;
  const { startedBy, run } = submitter;
  return {
    id: `${id}/0`,
    type: "request",
    at,
    promotion: id,
    summary: `The pipeline '${submitter.machine.name}' asked to let ${model.name} ${model.version} run in ${target.name}.`,
    body: {
      model: { ...model },
      target: target.name,
      freezeDigest: freezeDigest(manifest),
      requester: { ...submitter.identity },
      expiresAt,
      requirements,
      ...(facts.release === undefined ? {} : { release: facts.release }),
      ...(startedBy === undefined ? {} : { startedBy: authorJson(startedBy) }),
      ...(run === undefined ? {} : { run: { ...run } }),
    },
    attachments: [],
  };
}
