import { verifyEcdsa } from "../../../../adapters/node-crypto/signatures.ts";
import { builtinsIn } from "../../../../adapters/opa/builtins.ts";
import { compiledPolicy } from "../../../../adapters/opa/evaluate.ts";
import type { PolicyFolder } from "../../../../adapters/policies/policy-folder.ts";
import { base64 } from "../../../../core/encoding/base64.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { loadPolicies } from "../../../../core/policy/load-policies.ts";
import { bundleDigest, bundledWasm, type PolicyBundle } from "../../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../../core/policy/policy-in-force.ts";
import type { Member } from "../../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { proposePolicy } from "../../../../functions/api/propose-policy/handler.ts";
import { leafOf } from "../../../../functions/ledger/told-otherwise.ts";
import { adoptPolicy } from "../../../../functions/policies/adopt-policy.ts";
import { policiesAsTold } from "../../../../functions/policies/policies-as-told.ts";
import { activatePolicy } from "../../../../functions/steps/activate-policy/handler.ts";
import { channelKinds } from "../../../../functions/telling/channel-kinds.ts";
import { attestationBase } from "../reviewers.ts";
import { RecordedHouse } from "./recorded-house.ts";
import { request } from "./request.ts";

/** Its policies: what is in force, proposed and taken over. */
export abstract class HouseOfPolicies extends RecordedHouse {
  /** Those in force. */
  get policies(): PolicyFolder {
    return this.policy;
  }

  /** The texts of the policies in force. */
  policyTexts(): PolicyBundle["texts"] {
    return this.policy.bundle.texts;
  }

  protected readonly policyStore = {
    inForce: async () => this.inForce,
    get: async (digest: Sha256) => this.versions.get(digest) ?? this.policy.bundle,
    keep: async (bundle: PolicyBundle): Promise<Sha256> => {
      const digest = bundleDigest(bundle);
      this.versions.set(digest, bundle);
      return digest;
    },
    replace: async (former: Sha256 | undefined, next: PolicyInForce): Promise<"replaced" | "lost"> => {
      if (this.inForce?.digest !== former) return "lost";
      this.inForce = next;
      return "replaced";
    },
  };

  /** Writes down the policies that came with the deployment. */
  async adoptPolicy(): Promise<void> {
    await adoptPolicy({
      now: this.host(),
      deployed: this.policy,
      policies: this.policyStore,
      blobs: this.blobStore,
      recordFact: this.recordFact,
      promotions: this.promotions,
    });
    for (const { id } of this.promotions.all()) this.tell(id);
  }

  /**
   * Somebody proposes other policies; answers the promotion. `against`: what a service that lies says that they change.
   */
  async proposePolicy(
    by: Member,
    texts: Partial<PolicyBundle["texts"]>,
    { title = "a change", against = {} }: { title?: string; against?: Partial<PolicyBundle["texts"]> } = {},
  ): Promise<PromotionId> {
    const { bundle, digest } = this.policy;
    const told = loadPolicies({ ...bundle, texts: { ...bundle.texts, ...against } });
    const files = { ...bundle.texts, ...texts, [bundledWasm]: base64(bundle.wasm) };
    const answer = await proposePolicy({
      now: this.host(),
      policy: { ...told, digest },
      inForce: async () => {
        await this.adoptPolicy();
        return this.inForce;
      },
      builtinsIn,
      requireKeepable: () => {},
      channelKinds: channelKinds({ SENDER_ADDRESS: "", MAIL_CONFIGURATION_SET: "" }),
      tryGates: (wasm) => compiledPolicy(wasm).evaluate,
      directory: this.directory,
      verifyPerson: async () => ({ ...by, authenticatedAt: this.now() }),
      promotions: {
        load: this.promotions.load,
        create: this.promotions.create,
        list: async () => ({ promotions: [] }),
      },
      files: { leave: async (name, bytes) => ({ uri: this.handIn(name, bytes) }) },
      start: this.start,
    })({
      ...request({}, { title, files }),
      headers: { authorization: "Bearer token", "content-type": "application/json" },
    });
    const { id } = answer.json as { id: PromotionId };
    this.tell(id);
    return id;
  }

  /** Puts the policies of an approved promotion in force, here as well. */
  async activatePolicy(promotionId: PromotionId): Promise<"in-force" | "refused"> {
    const { outcome } = await activatePolicy({
      now: this.host(),
      attestationBase,
      promotions: {
        load: this.promotions.load,
        move: this.promotions.move,
        signOffs: this.promotions.signOffs,
        loans: this.promotions.loans,
        list: async ({ status }) => ({
          promotions: this.promotions.all().filter((promotion) => promotion.status === status),
        }),
      },
      delegations: this.delegations,
      directory: this.directory,
      policies: this.policyStore,
      readArtifact: async ({ key }) => this.bytesAt(key),
      blobs: this.blobStore,
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
    })({ promotionId });
    if (outcome === "in-force") await this.#goByThoseInForce();
    for (const { id } of this.promotions.all()) this.tell(id);
    return outcome;
  }

  /** Other policies come with a deployment. */
  async deployPolicies(deployed: PolicyFolder): Promise<void> {
    await adoptPolicy({
      now: this.host(),
      deployed,
      policies: this.policyStore,
      blobs: this.blobStore,
      recordFact: this.recordFact,
      promotions: this.promotions,
    });
    await this.#goByThoseInForce();
  }

  /** Holds those that are judged by against what the log tells of how they came in force; it is behind in nothing. */
  protected policiesAsTold(judging: Sha256): Promise<void> {
    const told = new Map(this.facts.map((fact) => [fact.id, fact]));
    return policiesAsTold({
      now: this.host(),
      // Whatever came with the deployment has its record here.
      deployed: sha256Hex(new Uint8Array()),
      policies: this.policyStore,
      promotions: {
        installationFacts: async (prefix) =>
          this.facts.filter(({ id, promotion }) => promotion === undefined && id.startsWith(prefix)),
        list: async ({ model, target }) => ({
          promotions: this.promotions
            .all()
            .filter(({ manifest }) => manifest.model.name === model && manifest.target.name === target),
        }),
      },
      inLedger: async (ids) =>
        new Map(
          ids.flatMap((id) => {
            const fact = told.get(id);
            const leafHash = fact && (leafOf(fact) as Sha256 | undefined);
            return leafHash === undefined ? [] : [[id, { leafHash }] as const];
          }),
        ),
      blobs: this.blobStore,
      installations: this.installations,
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
    })(judging);
  }

  async #goByThoseInForce(): Promise<void> {
    if (this.inForce === undefined || this.inForce.digest === this.policy.digest) return;
    this.policy = loadPolicies(await this.policyStore.get(this.inForce.digest));
  }
}
