import * as v from "valibot";
import { personOf } from "../../../core/approval/entitlement.ts";
import { excludedPeople } from "../../../core/approval/exclusions.ts";
import { groupsOf, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { reachable } from "../../../core/approval/reachability.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { membersOf } from "../../../core/encoding/members-of.ts";
import { requestSentence } from "../../../core/encoding/request-sentence.ts";
import { Failure } from "../../../core/failure.ts";
import { whyNotShown } from "../../../core/gates/evidence-summary.ts";
import { gatherFacts } from "../../../core/gates/gather-facts.ts";
import { policyData } from "../../../core/gates/policy-data.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import type { ChannelKind } from "../../../core/notification/channel.ts";
import { checkPolicies } from "../../../core/policy/check-policies.ts";
import { whyBuiltinRefused } from "../../../core/policy/gate-builtins.ts";
import { loadPolicies, type Policies } from "../../../core/policy/load-policies.ts";
import { bundleOf, type PolicyBundle, policyDocuments, requireManifest } from "../../../core/policy/policy-bundle.ts";
import { policyChanges } from "../../../core/policy/policy-changes.ts";
import { policyCheckBytes, policyCheckName, policyThresholds } from "../../../core/policy/policy-check-document.ts";
import { followsDeployment, type PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { effectsOn, policyManifest, policyPromotion } from "../../../core/policy/proposed-policy.ts";
import { type FreezeManifest, freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Identity, Member } from "../../../core/promotion/identity.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import type { Promotion, Source, Status } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import type { PromotionPage } from "../../steps/promotion-store.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { type ReaderPorts, readerOf } from "../readers.ts";
import { type BesideOthersPorts, refuseBesideAnothers, requireFew, requirePause } from "./beside-others.ts";

/** Lambda takes 6 MB of an event at most. */
const largestBody = 5 * 1024 * 1024;
const mostEffects = 500;

const schema = v.strictObject({
  /** What reviewers call the change. */
  title: v.pipe(
    v.string(),
    v.regex(
      /^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}$/,
      "must be 1 to 64 of A to Z, a to z, digits, spaces, dots, dashes, underscores or plus signs (no ä, ç or ş), the first a letter or a digit",
    ),
  ),
  /** By name in the folder policies/; the compiled gates in base64. */
  files: membersOf(v.string()),
});

export interface ProposePolicyPorts extends Pick<ReaderPorts, "now" | "verifyPerson"> {
  /** Those in force. */
  readonly policy: Policies;
  /** Which version is written down as the one in force. */
  readonly inForce: () => Promise<PolicyInForce | undefined>;
  /** Judges by compiled gates that nobody has tried yet. */
  readonly tryGates: (wasm: Uint8Array) => EvaluatePolicy;
  /** The builtins that compiled gates ask their host for. Throws `invalid-policy` where they do not say. */
  readonly builtinsIn: (wasm: Uint8Array) => readonly string[];
  /** Throws `invalid-policy` for policies that are too large to be put in force. */
  readonly requireKeepable: (bundle: PolicyBundle) => void;
  readonly channelKinds: readonly ChannelKind[];
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    create(promotion: Promotion): Promise<"created" | "exists">;
    list(
      filter: { readonly status: Status; readonly unreadable: "told" },
      limit: number,
      from?: string,
    ): Promise<PromotionPage>;
  } & BesideOthersPorts["promotions"];
  readonly files: { leave(folder: string, bytes: Uint8Array, mediaType: string): Promise<Source> };
  readonly start: (id: PromotionId) => Promise<void>;
}

/**
 * POST /v1/policy/proposals: somebody who holds a role asks to put other policies in force. They become a candidate like
 * a model: frozen, checked, signed off under the policies in force, and activated by their digest.
 */
export function proposePolicy(ports: ProposePolicyPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const { policy: former } = ports;
    const people = { ...ports, groups: former.groups, claimsMachine: () => false, verifyMachine: noMachine };
    const reader = await readerOf(http, people, "acts");
    if (reader.kind !== "person") throw await noMachine();
    const body = jsonBody(http, largestBody);
    if (followsDeployment(former))
      throw new Failure(
        "conflict",
        "The policies in force do not say who signs for a change ('policyChange' of the matrix): deploy them instead.",
      );
    const { proposals, others, notLookedAt } = await openPromotions();
    const proposer = reader.person.identity;
    const keyOf = personOf(await ports.directory.everybody(former.groups), former.people);
    const isTheirs = (requester: Identity) => keyOf(requester) === keyOf(proposer);
    await refuseBesideAnothers(proposals, isTheirs, ports.now(), ports);
    await requirePause(isTheirs, ports.now(), ports);
    // What nobody knows yet is run last of all.
    const { title, proposed } = readProposal(body);
    if (proposed.digest === former.digest)
      throw new Failure("conflict", "These policies are in force already: nothing would change.");
    const now = ports.now();
    const changes = policyChanges(former, proposed);
    const unseen = whyNotShown(changes);
    if (unseen !== undefined) throw new Failure("invalid-request", unseen);
    const check = policyCheckBytes({ ...(await checked(former, proposed, now)), changes });
    const manifest = policyManifest(proposed, check, { requester: proposer, title });
    // Whoever asks for the same one again has lost the answer.
    const digest = freezeDigest(manifest);
    if (!proposals.some((each) => each.freezeDigest === digest)) await requireFew(proposals, isTheirs, now, ports);
    const requirements = requirementsNow(former, { manifest, facts: { release: "update" } });
    await requireReachable(manifest, requirements.document);
    // What follows them has to say what it follows.
    if ((await ports.inForce())?.digest !== former.digest)
      throw new Failure(
        "conflict",
        "The policies that came with the deployment are not written down yet, which takes five minutes: propose again then.",
      );
    // Another proposal is judged by the same rules again, whatever it says.
    const effects = effectsOn(others, proposed);
    const documents: [string, Source][] = [];
    for (const { name, bytes, mediaType } of policyDocuments(proposed.bundle))
      documents.push([name, await ports.files.leave("policies", bytes, mediaType)]);
    const sources = {
      ...Object.fromEntries(documents),
      [policyCheckName]: await ports.files.leave("policies", check, "application/json"),
    };
    const { promotion, found } = await findOrCreate(manifest, (id, attempt) =>
      policyPromotion({
        id,
        attempt,
        manifest,
        sources,
        former: former.digest,
        at: now,
        expiresAt: addSeconds(now, requirements.document.rule.expiresAfterSeconds),
        requirements: requirements.sha256,
        proposer: reader.person.name,
        changes: changes.length,
        effects,
        notLookedAt,
      }),
    );
    // Also for one that was there before: a crash between writing and starting is repaired by asking again.
    await ports.start(promotion.id);
    return {
      status: found ? 200 : 202,
      headers: { location: `/v1/promotions/${promotion.id}` },
      json: {
        id: promotion.id,
        status: promotion.status,
        former: former.digest,
        proposed: proposed.digest,
        expiresAt: promotion.expiresAt,
        changes,
        effects,
        notLookedAt,
      },
    };
  };

  function readProposal(body: unknown): { readonly title: string; readonly proposed: Policies } {
    const result = v.safeParse(schema, body);
    if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues, "The proposal"));
    const { title, files } = result.output;
    try {
      const bundle = bundleOf(files);
      requireManifest(bundle);
      ports.requireKeepable(bundle);
      for (const name of ports.builtinsIn(bundle.wasm)) {
        const why = whyBuiltinRefused(name);
        if (why !== undefined) throw new Failure("invalid-policy", `compiled/gates.wasm: ${why}`);
      }
      return { title, proposed: loadPolicies(bundle) };
    } catch (cause) {
      if (!(cause instanceof Failure) || cause.code !== "invalid-policy") throw cause;
      throw new Failure("invalid-request", cause.message, { cause });
    }
  }

  /** Looks at the policies as a whole. Throws `invalid-request` with every error that there is. */
  async function checked(former: Policies, proposed: Policies, now: Instant) {
    const members = await ports.directory.everybody([...new Set([...former.groups, ...proposed.groups])]);
    const { findings } = checkPolicies(proposed.bundle.texts, members, now, ports.channelKinds);
    const told = findings.map(({ file, line, sentence }) => `${file}:${line}: ${sentence}`);
    const errors = findings.filter(({ severity }) => severity === "error");
    const trial = ports.tryGates(proposed.wasm)(factsOfNothing(proposed, now), policyData(policyThresholds).data);
    if (errors.length > 0 || trial.kind === "failed") {
      const sentences = errors.map(({ file, line, sentence }) => `${file}:${line}: ${sentence}`);
      if (trial.kind === "failed") sentences.push(`compiled/gates.wasm: ${trial.sentence}`);
      throw new Failure("invalid-request", sentences.join(" ").slice(0, 4000));
    }
    return {
      former: former.digest,
      proposed: proposed.digest,
      errors: 0,
      warnings: findings.length,
      findings: told,
    };
  }

  async function requireReachable(manifest: FreezeManifest, { rule, roles }: Requirements): Promise<void> {
    const { people } = ports.policy;
    const members = await ports.directory.everybody(
      groupsOf({ rule, roles, requirementsVersion: 1, gates: ports.policy.gatePolicy(rule.modelType, rule.target) }),
    );
    const { excluded } = excludedPeople({ manifest, startedBy: undefined, duties: rule.excludes, members, people });
    const quorum = reachable({ rule, roles, excluded, members, people });
    if (quorum.kind === "unreachable") throw new Failure("unreachable-quorum", quorum.why);
  }

  /** All proposals that are open, the first of the others, and how many more of those there are. */
  async function openPromotions() {
    const proposals: Promotion[] = [];
    const others: Promotion[] = [];
    const seen = new Set<PromotionId>();
    let notLookedAt = 0;
    for (const status of ["gating", "shadowing", "in-review", "approved", "loaned"] as const) {
      let from: string | undefined;
      do {
        const page = await ports.promotions.list({ status, unreadable: "told" }, 50, from);
        notLookedAt += page.unreadable?.length ?? 0;
        for (const each of page.promotions) {
          // One that moves on between two reads is in the lists of both statuses.
          if (seen.has(each.id)) continue;
          seen.add(each.id);
          if (isProposal(each)) proposals.push(each);
          else if (others.length < mostEffects) others.push(each);
          else notLookedAt += 1;
        }
        from = page.next;
      } while (from !== undefined);
    }
    return { proposals, others, notLookedAt };
  }

  async function findOrCreate(
    manifest: FreezeManifest,
    create: (id: PromotionId, attempt: number) => Promotion,
  ): Promise<{ readonly promotion: Promotion; readonly found: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const id = promotionId(freezeDigest(manifest), attempt);
      const known = await ports.promotions.load(id);
      if (known !== undefined) {
        if (isOpen(known.status)) return { promotion: known, found: true };
        continue;
      }
      const promotion = create(id, attempt);
      if ((await ports.promotions.create(promotion)) === "created") return { promotion, found: false };
      attempt--;
    }
  }
}

function isProposal({ manifest }: Promotion): boolean {
  return manifest.target.kind === "policy";
}

/** Something to judge: whether the compiled gates answer at all. */
function factsOfNothing(proposed: Policies, now: Instant) {
  const requester = { issuer: "urn:countersign:proposal", subject: "trial" };
  const manifest = policyManifest(proposed, new Uint8Array(), { requester, title: "trial" });
  return gatherFacts(manifest, { computedDigests: new Map(), evidence: new Map() }, { now }).facts;
}

async function noMachine(): Promise<never> {
  throw new Failure("token-invalid", "Policies are proposed by people, with their own sign-in.");
}
