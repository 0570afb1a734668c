import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { builtinsIn } from "../../../adapters/opa/builtins.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { type PolicyFolder, readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { calendarNow, pinnedRequirements, shadowPlanInForce } from "../../../core/approval/promotion-approval.ts";
import { type KeptReceipt, readReceipts } from "../../../core/archive/kept-receipts.ts";
import { verifierKeyText } from "../../../core/archive/people/ledger-keys.ts";
import {
  type DelegationDeed,
  type DelegationDocument,
  delegationIdOf,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import {
  type Installation,
  installationFact,
  readInstallationRecord,
} from "../../../core/attestation/installation-record.ts";
import { installationsAt } from "../../../core/attestation/installations-in-force.ts";
import { keysInForce } from "../../../core/attestation/key-periods.ts";
import { keyFactWith, keyGeneration } from "../../../core/attestation/key-record.ts";
import { loanStatement } from "../../../core/attestation/loan-statement.ts";
import { verifyAssertion } from "../../../core/attestation/passkey-assertion.ts";
import { type PasskeyDeed, passkeyStatement } from "../../../core/attestation/passkey-statement.ts";
import { delegationBlobs, delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import { loanBlobs, loanFact } from "../../../core/attestation/recorded-loan.ts";
import { passkeyBlobs, passkeyFact } from "../../../core/attestation/recorded-passkey.ts";
import { blobsOf, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { challengeOf, signOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import type {
  Deployment,
  DeploymentTarget,
  Progress,
  StagingTarget,
} from "../../../core/deployment/deployment-target.ts";
import type { ShadowTarget } from "../../../core/deployment/shadow-target.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant, instantFromMs, msOfInstant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import { deployedPolicy, deployedPolicyFact } from "../../../core/policy/activated-policy.ts";
import { loadPolicies } from "../../../core/policy/load-policies.ts";
import { bundleDigest, bundledWasm, type PolicyBundle, policyDocuments } from "../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { advance, type Change } from "../../../core/promotion/life-cycle.ts";
import { listsApart } from "../../../core/promotion/lists-apart.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { ReleaseConditions } from "../../../core/promotion/release-conditions.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { buildCandidate } from "../../../examples/credit-scoring/candidate.ts";
import type { VariantName } from "../../../examples/credit-scoring/variants.ts";
import type { Answer, ApiRequest } from "../../../functions/api/http.ts";
import { proposePolicy } from "../../../functions/api/propose-policy/handler.ts";
import { readPromotions } from "../../../functions/api/read-promotions/handler.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { recordDelegation } from "../../../functions/api/record-delegation/handler.ts";
import { recordLoan } from "../../../functions/api/record-loan/handler.ts";
import { recordPasskey } from "../../../functions/api/record-passkey/handler.ts";
import { recordSignOff } from "../../../functions/api/record-sign-off/handler.ts";
import { reportDrift } from "../../../functions/api/report-drift/handler.ts";
import { submit } from "../../../functions/api/submit/handler.ts";
import { withdraw } from "../../../functions/api/withdraw/handler.ts";
import { type RestrictEvent, restrict } from "../../../functions/events/restrict/handler.ts";
import { adoptPolicy } from "../../../functions/policies/adopt-policy.ts";
import { openReapproval } from "../../../functions/running/restrict-model.ts";
import { surveyLane } from "../../../functions/running/what-runs.ts";
import { activatePolicy } from "../../../functions/steps/activate-policy/handler.ts";
import { type CleanUpAnswer, type CleanUpInput, cleanUp } from "../../../functions/steps/clean-up/handler.ts";
import { type DeployAnswer, deploy } from "../../../functions/steps/deploy/handler.ts";
import { earlierReleases } from "../../../functions/steps/evaluate-gates/earlier-releases.ts";
import { evaluateGates, type GatesAnswer } from "../../../functions/steps/evaluate-gates/handler.ts";
import { keepReview } from "../../../functions/steps/evaluate-gates/keep-review.ts";
import { keepSignOffs } from "../../../functions/steps/evaluate-gates/keep-sign-offs.ts";
import { takeOver } from "../../../functions/steps/evaluate-gates/take-over.ts";
import { type ExpireAnswer, expire } from "../../../functions/steps/expire/handler.ts";
import { type FreezeAnswer, freeze } from "../../../functions/steps/freeze/handler.ts";
import { openStage } from "../../../functions/steps/open-stage/handler.ts";
import { runInShadow, type ShadowAnswer } from "../../../functions/steps/run-in-shadow/handler.ts";
import { type StageAnswer, stage } from "../../../functions/steps/stage/handler.ts";
import { candidateCheck } from "../../../functions/steps/verify-sign-offs/candidate.ts";
import { verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { lenderCheck, signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { type WatchAnswer, watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { decide } from "../../../functions/streams/decide/handler.ts";
import { channelKinds } from "../../../functions/telling/channel-kinds.ts";
import { monitor } from "../../functions/api/deployed-promotion.ts";
import { MemoryDelegations } from "../../functions/memory-delegations.ts";
import { memoryDirectory } from "../../functions/memory-directory.ts";
import { MemoryLanes } from "../../functions/memory-lanes.ts";
import { MemoryLoanBooks } from "../../functions/memory-loan-books.ts";
import { MemoryPasskeys } from "../../functions/memory-passkeys.ts";
import { MemoryPromotions } from "../../functions/memory-promotions.ts";
import { everyKind } from "../../functions/memory-target.ts";
import { MemoryTurnBooks } from "../../functions/memory-turn-books.ts";
import { mock } from "../../functions/mock.ts";
import { type Authenticator, portal } from "../attestation/authenticator.ts";
import { passkeyPredicate } from "../attestation/given-passkey.ts";
import type { AttestationKey } from "../attestation/signing-keys.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { cora, dana, sam, tom } from "./people.ts";
import { quietEvidence } from "./quiet-evidence.ts";
import {
  attestationBase,
  attestationKey,
  clientId,
  type IdentityProvider,
  identityProvider,
  issuer,
  member,
  salt,
} from "./reviewers.ts";

export { attestationBase };
export const shipped = readPolicyFolder(new URL("../../../policies/", import.meta.url));

/** The shipped policies with another approval matrix, and more behind the shipped targets and thresholds. */
export function shippedWith(matrix: string, more = { targets: "", thresholds: "", people: "" }): PolicyFolder {
  const { bundle } = shipped;
  const texts = {
    "matrix.yaml": matrix,
    "targets.yaml": `${bundle.texts["targets.yaml"]}${more.targets}`,
    "thresholds.yaml": `${bundle.texts["thresholds.yaml"]}${more.thresholds}`,
    "people.yaml": `${bundle.texts["people.yaml"]}${more.people}`,
  };
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, ...texts } });
}

const { evaluate } = compiledPolicy(shipped.wasm);
const environment = "environment.json";
/** Training takes longer than all else here, and comes to the same each time. */
const trained = new Map<VariantName, ReadonlyMap<string, string>>();
function candidateOf(variant: VariantName): ReadonlyMap<string, string> {
  const files = trained.get(variant) ?? buildCandidate(variant);
  trained.set(variant, files);
  return files;
}
const evidence = [
  ["model-quality", "plain", "evidence/model-quality.json"],
  ["bias", "plain", "evidence/bias.json"],
  ["explainability", "plain", "evidence/explainability.json"],
  ["data-schema", "plain", "evidence/data-schema.json"],
  ["security-scan", "plain", "evidence/security-scan.json"],
  ["unit-tests", "junit", "evidence/unit-tests.xml"],
  ["iac-plan", "terraform-plan", "evidence/iac-plan.json"],
] as const;
const artifacts = [
  ["model", "model.json"],
  ["environment", environment],
  ["training-data", "training-data.json"],
  ["infrastructure", "infrastructure.json"],
] as const;

export { cora, dana, sam, tom };

/** Whose log it is: the name and the key of its checkpoints. */
type LogSigner = Pick<typeof MemoryLedger.signer, "origin" | "publicKey">;

/** What the log begins with. */
export const installation: Omit<Installation, "logOrigin"> = {
  issuer,
  audiences: [clientId],
  subjectClaim: "sub",
  passkeys: { rpId: portal.rpId, origins: [portal.origin] },
  attestationBase,
};

/** What is around a house, where a test has its own. */
export interface HouseWorld {
  readonly provider?: IdentityProvider;
  readonly newer?: (promotion: Promotion) => Promise<PromotionId | undefined>;
  readonly target?: DeploymentTarget;
  /** Comes about while the directory is asked. */
  readonly listed?: () => Promise<void>;
  /** Comes about between a sign-in and what it was for: somebody answers a telephone first. */
  readonly signedIn?: () => Promise<void>;
  /** By how many milliseconds the clock of a host differs. */
  readonly apart?: () => number;
  /** When, in milliseconds since 1970. */
  readonly begins?: number;
  /** What the log begins with otherwise. */
  readonly installation?: Partial<Installation>;
}

/** The product's own functions over tables and buckets in memory, with real keys: what they record is told to `onFact`. */
export class House {
  /** The one in use. */
  attestation: AttestationKey;
  readonly #held: VerifyingKey[] = [];
  readonly provider: IdentityProvider;
  readonly passkeys = new MemoryPasskeys();
  readonly delegations = new MemoryDelegations();
  readonly promotions = new MemoryPromotions();
  readonly lanes = new MemoryLanes();
  readonly loanBooks = new MemoryLoanBooks();
  readonly turns = new MemoryTurnBooks();
  readonly blobs = new Map<Sha256, Uint8Array>();
  /** Every fact in the order in which the stream would tell it. */
  readonly facts: Fact[] = [];
  readonly #told = new Set<string>();
  #policy: PolicyFolder;
  /** What people were answered as they signed. */
  readonly receipts: KeptReceipt[] = [];
  /** Everybody in the directory, who may come and go. */
  readonly people: Member[];
  readonly #world: HouseWorld;
  readonly #versions = new Map<Sha256, PolicyBundle>();
  #inForce: PolicyInForce | undefined;
  readonly #directory: ReturnType<typeof memoryDirectory>;
  #time = Date.UTC(2026, 10, 23, 9);
  /** What pipelines and people handed in, by digest, which keys and addresses say. */
  readonly #handedIn = new Map<string, Uint8Array>();
  readonly #serving = new Map<string, string>();

  /** With the shipped policies, its own people and the log that packs are made of, unless others are given. */
  constructor(
    attestation: AttestationKey = attestationKey(),
    policy: PolicyFolder = shipped,
    people: readonly Member[] = [],
    log: LogSigner = MemoryLedger.signer,
    world: HouseWorld = {},
  ) {
    this.attestation = attestation;
    this.#world = world;
    if (world.begins !== undefined) this.#time = world.begins;
    this.provider = world.provider ?? identityProvider();
    this.#held.push(attestation.key);
    this.#policy = policy;
    this.people = [cora, dana, sam, tom, member("Priya"), ...people];
    const { everybody } = memoryDirectory(this.people);
    this.#directory = {
      everybody: async (groups) => {
        await world.listed?.();
        return everybody(groups);
      },
    };
    this.#begin(log);
  }

  /** What every log begins with: what the installation is, its keys, and the policies that came with it. */
  #begin({ origin, publicKey }: LogSigner): void {
    const at = instantFromMs(this.#time);
    const text = verifierKeyText(noteKey(origin, "ed25519", publicKey));
    const keys = [keyGeneration("attestation", 1, this.attestation.key.pem), keyGeneration("checkpoint", 1, text)];
    const { bundle } = this.#policy;
    this.#inForce = deployedPolicy(this.#policy, undefined, at);
    this.#versions.set(this.#inForce.digest, bundle);
    for (const { bytes } of policyDocuments(bundle)) this.blobs.set(sha256Hex(bytes), bytes);
    this.#add(installationFact({ ...installation, ...this.#world.installation, logOrigin: origin }, 1, at));
    for (const key of keys) this.#add(keyFactWith(key, { change: "published" }, at, undefined));
    this.#add(deployedPolicyFact(this.#inForce));
  }

  /** What the log tells of the installation. */
  #installed() {
    const facts = this.facts.filter(({ type }) => type === "installation");
    const told = facts.map((fact) => ({ ...readInstallationRecord(fact), at: fact.at }));
    const [last] = told.slice(-1);
    if (last === undefined) throw new Error("The log tells of no installation.");
    return { told, last };
  }

  readonly #installations = async (at: Instant): Promise<readonly Installation[]> => {
    const { told, last } = this.#installed();
    return installationsAt(told, last, at);
  };

  /** By whom tokens are that some function takes: while a deployment goes on, functions of before and of after it are there. */
  signInsBy: readonly string[] = [issuer];

  /** Another deployment changes what the installation is. */
  moveTo(over: Partial<Installation>): void {
    const { told, last } = this.#installed();
    this.#add(installationFact({ ...last, ...over }, told.length + 1, this.now()));
  }

  /** Those that are known, the oldest first. */
  get keysHeld(): readonly VerifyingKey[] {
    return this.#held;
  }

  /** Makes another key known beside the ones before, as a deployment does. */
  hold(key: VerifyingKey): void {
    this.#held.push(key);
  }

  /** Tells the ledger what was recorded about the keys since. */
  async tellOfKeys(): Promise<void> {
    for (const fact of await this.promotions.keyFacts()) this.#add(fact);
  }

  /** So much later is the clock whenever somebody looks. */
  tick = 1000;

  readonly now = (): Instant => {
    this.#time += this.tick;
    return instantFromMs(this.#time);
  };

  /** The clock of whichever host a function runs on this time, which may be ahead of others or behind them. */
  host(): () => Instant {
    const apart = this.#world.apart?.() ?? 0;
    return () => {
      this.#time += this.tick;
      return instantFromMs(this.#time + apart);
    };
  }

  /** What the clock of a host shows. */
  get hostClock(): Instant {
    return instantFromMs(this.#time + (this.#world.apart?.() ?? 0));
  }

  /** What the clock showed whoever looked last. */
  get clock(): Instant {
    return instantFromMs(this.#time);
  }

  /** The account of whoever starts CI's runs, where its token says so. */
  actor: string | undefined;

  pass(seconds: number): void {
    this.#time += seconds * 1000;
  }

  async submit(
    variant: VariantName,
    version: string,
    changed: Readonly<Record<string, string>> = {},
    target = "production",
    model = "credit-scoring",
  ): Promise<PromotionId> {
    const files = new Map([...candidateOf(variant), ...Object.entries(changed)]);
    const answer = await submit({
      policies: this.#policy,
      now: this.host(),
      verifyMachine: async () => ({
        issuerName: "ci",
        issuer: "https://ci.example",
        claims: {
          repository_id: "74001",
          repository_owner_id: "9001",
          environment: "production",
          ref: "refs/heads/main",
          jti: `job-${this.#time}`,
          exp: Math.floor(this.#time / 1000) + 600,
          run_id: "100",
          ...(this.actor === undefined ? {} : { actor_id: this.actor }),
        },
      }),
      replays: { use: async () => "fresh" },
      directory: this.#directory,
      promotions: this.promotions,
      start: async () => {},
    })(request({}, { ...this.#requestBody(files, version, model), target }));
    const { id } = answer.json as { id: PromotionId };
    this.#tell(id);
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
        readSource: async (_, { uri }) => this.#bytesAt(uri),
      },
      blobs: this.#blobs,
    })({ promotionId });
    this.#tell(promotionId);
    return outcome;
  }

  async judge(promotionId: PromotionId): Promise<GatesAnswer["outcome"]> {
    const now = this.host();
    const { outcome } = await evaluateGates({
      now,
      policy: this.#policy,
      policyDocuments: policyDocuments(this.#policy.bundle),
      thresholds: this.#policy.thresholds,
      wasm: this.#policy.wasm,
      evaluate,
      promotions: this.promotions,
      blobs: this.#blobs,
      directory: this.#directory,
      earlierReleases: earlierReleases({ now, promotions: this.promotions, blobs: this.#blobs }),
      takeOver: takeOver({
        now,
        promotions: this.promotions,
        lanes: this.lanes,
        keepSignOffs: keepSignOffs({
          now,
          policy: this.#policy,
          promotions: {
            signOffs: this.promotions.signOffs,
            loans: this.promotions.loans,
            recordFact: async (fact) => {
              this.#add(fact);
              return this.promotions.recordFact(fact);
            },
          },
          delegations: this.delegations,
          directory: this.#directory,
          blobs: this.#blobs,
          verifyingKey: async () => this.attestation.key,
        }),
      }),
      keepReview: keepReview({
        now,
        policy: this.#policy,
        promotions: this.promotions,
        delegations: this.delegations,
        directory: this.#directory,
        blobs: this.#blobs,
      }),
    })({ promotionId });
    for (const { id } of this.promotions.all()) this.#tell(id);
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
      policy: this.#policy,
      verifyMachine: async () => monitor({ reports: [model] }),
      directory: this.#directory,
      promotions: this.promotions,
      files: { readSource: async () => bytes },
      blobs: this.#blobs,
      start: async () => {},
    })(
      request(
        { name: model },
        {
          id: `run-${this.#time}`,
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
    for (const { id } of this.promotions.all()) this.#tell(id);
    for (const fact of this.promotions.recordedFacts()) if (fact.type === "drift") this.#add(fact);
    return (answer.json as { reapproval: PromotionId }).reapproval;
  }

  /** Those in force. */
  get policies(): PolicyFolder {
    return this.#policy;
  }

  /** The texts of the policies in force. */
  policyTexts(): PolicyBundle["texts"] {
    return this.#policy.bundle.texts;
  }

  /** What the matrix says about it is done: what the target says then is `progress`. */
  async restrict(promotionId: PromotionId, progress: Partial<Progress> = {}): Promise<void> {
    const target = this.#world.target ?? this.#target(this.#servingFor(promotionId), () => progress);
    await this.restrictBy(
      { "detail-type": "Countersign Fact Recorded", detail: { promotionId, type: "drift" } },
      target,
    );
  }

  async restrictBy(event: RestrictEvent, target: DeploymentTarget): Promise<void> {
    await restrict({
      now: this.host(),
      log: () => {},
      policies: this.#policy,
      monitored: async () => {},
      reapprove: openReapproval({
        ...{ now: this.now, policy: this.#policy, directory: this.#directory, promotions: this.promotions },
        start: async () => {},
      }),
      attestationBase,
      artifactsBucket: "artifacts",
      promotions: this.promotions,
      blobs: this.#blobs,
      artifacts: { currentVersion: async () => "v1", read: async ({ key }) => this.#bytesAt(key) },
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
      targets: everyKind(target),
    })(event);
    for (const { id } of this.promotions.all()) this.#tell(id);
  }

  /** Writes down the policies that came with the deployment. */
  async adoptPolicy(): Promise<void> {
    await adoptPolicy({
      now: this.host(),
      deployed: this.#policy,
      policies: this.#policies,
      blobs: this.#blobs,
      recordFact: this.#recordFact,
      promotions: this.promotions,
    });
    for (const { id } of this.promotions.all()) this.#tell(id);
  }

  /**
   * Somebody proposes other policies; answers the promotion. `against`: what a service that lies says that they change.
   */
  async proposePolicy(
    by: Member,
    texts: Partial<PolicyBundle["texts"]>,
    { title = "a change", against = {} }: { title?: string; against?: Partial<PolicyBundle["texts"]> } = {},
  ): Promise<PromotionId> {
    const { bundle, digest } = this.#policy;
    const told = loadPolicies({ ...bundle, texts: { ...bundle.texts, ...against } });
    const files = { ...bundle.texts, ...texts, [bundledWasm]: base64(bundle.wasm) };
    const answer = await proposePolicy({
      now: this.host(),
      policy: { ...told, digest },
      inForce: async () => {
        await this.adoptPolicy();
        return this.#inForce;
      },
      builtinsIn,
      channelKinds: channelKinds({ SENDER_ADDRESS: "", MAIL_CONFIGURATION_SET: "" }),
      tryGates: (wasm) => compiledPolicy(wasm).evaluate,
      directory: this.#directory,
      verifyPerson: async () => ({ ...by, authenticatedAt: this.now() }),
      promotions: {
        load: this.promotions.load,
        create: this.promotions.create,
        list: async () => ({ promotions: [] }),
      },
      files: { leave: async (name, bytes) => ({ uri: this.#handIn(name, bytes) }) },
      start: async () => {},
    })({
      ...request({}, { title, files }),
      headers: { authorization: "Bearer token", "content-type": "application/json" },
    });
    const { id } = answer.json as { id: PromotionId };
    this.#tell(id);
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
      directory: this.#directory,
      policies: this.#policies,
      readArtifact: async ({ key }) => this.#bytesAt(key),
      blobs: this.#blobs,
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
    })({ promotionId });
    if (outcome === "in-force") await this.#goByThoseInForce();
    for (const { id } of this.promotions.all()) this.#tell(id);
    return outcome;
  }

  /** What will serve it is made, without letting it serve. */
  async stage(promotionId: PromotionId, target: StagingTarget): Promise<StageAnswer["outcome"]> {
    const { outcome } = await stage({
      now: this.host(),
      artifactsBucket: "artifacts",
      readArtifact: async ({ key }) => this.#bytesAt(key),
      promotions: this.promotions,
      targets: everyKind(target),
    })({ promotionId });
    this.#tell(promotionId);
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
      blobs: this.#blobs,
      readArtifact: async ({ key }) => this.#bytesAt(key),
      artifactsBucket: "artifacts",
      targets: { "sagemaker-endpoint": target },
    })({ promotionId });
    this.#tell(promotionId);
    return answer;
  }

  /** What the page shows of a promotion. */
  async view(id: PromotionId): Promise<PromotionView> {
    const { json } = await readPromotions({
      now: this.host(),
      claimsMachine: () => false,
      verifyPerson: async () => ({ ...cora, authenticatedAt: this.now() }),
      verifyMachine: async () => cora.identity,
      groups: this.#policy.groups,
      attestationBase,
      policy: this.#policy,
      promotions: { ...this.promotions, list: this.promotions.list },
      loanBooks: this.loanBooks,
      delegations: this.delegations,
      absences: { list: async () => [] },
      directory: this.#directory,
      blobs: this.#blobs,
      ledger: { markers: async () => new Map() },
    })({ ...request({ id }, {}), method: "GET", route: "/v1/promotions/{id}" });
    return json as PromotionView;
  }

  /** Other policies come with a deployment. */
  async deployPolicies(deployed: PolicyFolder): Promise<void> {
    await adoptPolicy({
      now: this.host(),
      deployed,
      policies: this.#policies,
      blobs: this.#blobs,
      recordFact: this.#recordFact,
      promotions: this.promotions,
    });
    await this.#goByThoseInForce();
  }

  async #goByThoseInForce(): Promise<void> {
    if (this.#inForce === undefined || this.#inForce.digest === this.#policy.digest) return;
    this.#policy = loadPolicies(await this.#policies.get(this.#inForce.digest));
  }

  /** The pipeline that asked for it takes its request back, or whoever proposed policies. */
  async withdraw(promotionId: PromotionId): Promise<void> {
    const { requester, target } = this.promotions.stored(promotionId).manifest;
    await withdraw({
      now: this.host(),
      claimsMachine: () => target.kind !== "policy",
      verifyMachine: async () => requester,
      verifyPerson: async () => ({ identity: requester }),
      promotions: this.promotions,
    })(request({ id: promotionId }, {}));
    this.#tell(promotionId);
  }

  async openStage(promotionId: PromotionId): Promise<void> {
    await openStage({
      now: this.host(),
      promotions: this.promotions,
      delegations: this.delegations,
      directory: this.#directory,
      blobs: this.#blobs,
      tokens: { keep: async () => {} },
      policy: this.#policy,
    })({ promotionId, taskToken: "t" });
    this.#tell(promotionId);
  }

  /** A person decides, in all roles that the open stage asks for and that they hold. */
  async sign(
    promotionId: PromotionId,
    who: Member,
    result: SignOffResult = "approve",
    {
      reason = "",
      claims = {},
      device,
      inPlaceOf,
      conditions,
      unheard = false,
      roles = rolesOf(who, this.#policy),
    }: {
      readonly roles?: readonly string[];
      /** A service that lies records it, and decides as if it were not there. */
      readonly unheard?: boolean;
      readonly conditions?: ReleaseConditions;
      readonly inPlaceOf?: { readonly who: Member; readonly delegation: Sha256; readonly role: string };
      readonly reason?: string;
      readonly claims?: Readonly<Record<string, unknown>>;
      readonly device?: Authenticator;
    } = {},
  ): Promise<void> {
    this.pass(60);
    const context = signOffContextOf(this.promotions.stored(promotionId), attestationBase);
    const issuedAt = this.now();
    const statement = signOffStatement(context, {
      result,
      reason,
      roles: inPlaceOf === undefined ? roles : [inPlaceOf.role],
      reviewer: who.identity,
      ...(inPlaceOf === undefined
        ? {}
        : { onBehalfOf: { person: inPlaceOf.who.identity, delegation: { sha256: inPlaceOf.delegation } } }),
      ...(conditions === undefined ? {} : { conditions }),
      salt: salt(),
      issuedAt,
      expiresAt: addSeconds(issuedAt, 600),
    });
    const idToken = this.provider.token(who, challengeOf(statement), this.now(), claims);
    const passkey =
      device === undefined
        ? {}
        : { passkey: { id: device.id, ...device.assertion(challengeOf(statement), { counter: 3 }) } };
    await this.#send((again) =>
      recordSignOff({
        now: this.host(),
        turns: this.turns,
        attestationBase,
        policy: this.#policy,
        promotions: this.promotions,
        blobs: this.#blobs,
        passkeys: this.passkeys,
        delegations: this.delegations,
        verifyAssertion: async (assertion, expected) => verifyAssertion(assertion, expected, verifyJws),
        directory: this.#directory,
        verifyReviewer: this.#verifyReviewer,
        ...this.#signing(),
      })(
        request(
          { id: promotionId },
          {
            statement,
            idToken: again ? this.provider.token(who, challengeOf(statement), this.now(), claims) : idToken,
            ...passkey,
          },
        ),
      ),
    );
    const recorded = this.promotions.recordedSignOffs().at(-1);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of blobsOf(recorded)) await this.#blobs.put(bytes);
    this.#add(signOffFact(recorded));
    if (!unheard) await this.decide(promotionId);
  }

  async decide(promotionId: PromotionId): Promise<void> {
    await decide({
      now: this.host(),
      policy: this.#policy,
      promotions: this.promotions,
      blobs: this.#blobs,
      delegations: this.delegations,
      directory: this.#directory,
      tokens: { find: async () => undefined, forget: async () => {} },
      loanBooks: this.loanBooks,
      ring: async () => "rung",
    })(promotionId);
    this.#tell(promotionId);
  }

  /** A person lends the seats that are missing: asks for it, or confirms what another has asked for. */
  async lend(
    promotionId: PromotionId,
    who: Member,
    {
      seconds,
      confirms,
      role = "incident-commander",
      beforeTheOther = false,
      unheard = false,
      device,
    }: {
      readonly seconds: number;
      readonly confirms?: Sha256;
      readonly role?: string;
      readonly beforeTheOther?: boolean;
      readonly unheard?: boolean;
      readonly device?: Authenticator;
    },
  ): Promise<Sha256> {
    this.pass(60);
    const { stage: _, ...context } = signOffContextOf(this.promotions.stored(promotionId), attestationBase);
    const issuedAt = this.now();
    const statement = loanStatement(context, {
      terms: { seconds, incident: "https://incidents.example/417" },
      reason: "The model in production turns everybody down.",
      role,
      lender: who.identity,
      ...(confirms === undefined ? {} : { confirms: { sha256: confirms } }),
      salt: salt(),
      issuedAt,
      expiresAt: addSeconds(issuedAt, 600),
    });
    const idToken = this.provider.token(who, challengeOf(statement), this.now());
    const passkey =
      device === undefined ? {} : { passkey: { id: device.id, ...device.assertion(challengeOf(statement)) } };
    const send = () =>
      recordLoan({
        now: this.host(),
        turns: this.turns,
        attestationBase,
        policy: this.#policy,
        promotions: this.promotions,
        delegations: this.delegations,
        // At the same moment as another, whose place in the budget is not written yet.
        loanBooks: beforeTheOther ? new MemoryLoanBooks() : this.loanBooks,
        passkeys: this.passkeys,
        verifyAssertion: async (assertion, expected) => verifyAssertion(assertion, expected, verifyJws),
        directory: this.#directory,
        verifyReviewer: this.#verifyReviewer,
        ...this.#signing(),
      })(request({ id: promotionId }, { statement, idToken, ...passkey }));
    const answer = await this.#send(send);
    const { id } = answer.json as { id: Sha256 };
    const recorded = (await this.promotions.loans(promotionId)).find(({ signature }) => signature.id === id);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of loanBlobs(recorded)) await this.#blobs.put(bytes);
    this.#add(loanFact(recorded));
    if (!unheard) await this.decide(promotionId);
    return id;
  }

  /** The time of the open stage, or of the loan, is over. */
  async expire(promotionId: PromotionId): Promise<ExpireAnswer> {
    const answer = await expire({
      now: this.host(),
      policy: this.#policy,
      promotions: this.promotions,
      delegations: this.delegations,
      loanBooks: this.loanBooks,
      directory: this.#directory,
    })({ promotionId });
    this.#tell(promotionId);
    return answer;
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
      policies: this.#policies,
      targets: everyKind(this.#world.target ?? this.#target(undefined)),
    })(input);
    this.#tell(input.promotionId);
    return answer;
  }

  /** Somebody does something about a passkey. */
  async passkey(deed: PasskeyDeed, device: Authenticator, owner: Member, by: Member = owner): Promise<void> {
    this.pass(60);
    const issuedAt = this.now();
    const expiresAt = addSeconds(issuedAt, 600);
    const predicate = passkeyPredicate(deed, device, owner, { person: by.identity, salt: salt(), issuedAt, expiresAt });
    const statement = passkeyStatement(attestationBase, predicate);
    const idToken = this.provider.token(by, challengeOf(statement), this.now());
    const assertion = device.assertion(challengeOf(statement));
    const routes = {
      enrol: "/v1/passkeys",
      confirm: "/v1/passkeys/{id}/confirmation",
      revoke: "/v1/passkeys/{id}/revocation",
    };
    const send = () =>
      recordPasskey({
        now: this.host(),
        attestationBase,
        portal,
        policy: { roles: this.#policy.matrix.roles, people: [], groups: this.#policy.groups },
        passkeys: this.passkeys,
        directory: this.#directory,
        verifyReviewer: this.#verifyReviewer,
        verifyRegistration: async () => device,
        verifyAssertion: async (answer, expected) => verifyAssertion(answer, expected, verifyJws),
        ...this.#signing(),
      })({
        ...request(
          { id: device.id },
          {
            statement,
            idToken,
            ...(deed === "enrol" ? { assertion, registration: { clientDataJSON: "AA", attestationObject: "AA" } } : {}),
          },
        ),
        route: routes[deed],
      });
    await this.#send(send);
    const recorded = (await this.passkeys.deeds(device.id)).find((each) => each.deed === deed);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of passkeyBlobs(recorded)) await this.#blobs.put(bytes);
    this.#add(passkeyFact(recorded));
  }

  /** Somebody lets another stand in their place for a day, or ends that. */
  async delegate(
    deed: DelegationDeed,
    delegation: DelegationDocument,
    by: Member,
    device?: Authenticator,
  ): Promise<Sha256> {
    this.pass(60);
    const issuedAt = this.now();
    const predicate = { deed, delegation, person: by.identity, issuedAt, expiresAt: addSeconds(issuedAt, 600) };
    const statement = delegationStatement(attestationBase, predicate);
    const id = delegationIdOf(delegation);
    const parameters: Record<string, string> = deed === "delegate" ? {} : { id };
    const idToken = this.provider.token(by, challengeOf(statement), this.now());
    const passkey =
      device === undefined ? {} : { passkey: { id: device.id, ...device.assertion(challengeOf(statement)) } };
    const send = () =>
      recordDelegation({
        now: this.host(),
        turns: this.turns,
        attestationBase,
        policy: this.#policy,
        delegations: this.delegations,
        passkeys: this.passkeys,
        verifyAssertion: async (assertion, expected) => verifyAssertion(assertion, expected, verifyJws),
        directory: this.#directory,
        verifyReviewer: this.#verifyReviewer,
        ...this.#signing(),
      })({
        ...request(parameters, { statement, idToken, ...passkey }),
        route: deed === "delegate" ? "/v1/delegations" : "/v1/delegations/{id}/revocation",
      });
    await this.#send(send);
    const recorded = this.delegations.recorded.at(-1);
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    for (const { bytes } of delegationBlobs(recorded)) await this.#blobs.put(bytes);
    this.#add(delegationFact(recorded));
    return id;
  }

  readonly #verifyReviewer: Parameters<typeof recordSignOff>[0]["verifyReviewer"] = async (token, expected) => {
    const { claims, algorithm, keyId, signingInput, signature } = readToken(token);
    const { keys } = this.provider.keysOf?.(claims["iss"]) ?? this.provider.jwks;
    const jwk = keys.find(({ kid }) => kid === keyId);
    if (jwk === undefined || !verifyJws(algorithm, jwk, signingInput, signature))
      throw new Failure("token-invalid", "The token is signed by no key of its provider.");
    const by = this.signInsBy.find((each) => each === claims["iss"]) ?? this.signInsBy.at(-1) ?? issuer;
    const { subjectClaim } = this.#installed().last;
    return {
      ...checkReviewerClaims(claims, { issuer: by, audiences: [clientId], subjectClaim, ...expected }),
      jwks: { keys: [jwk] },
    };
  };

  /** @param passkeys what the service says was done about passkeys, where it lies */
  async verify(promotionId: PromotionId, passkeys: Pick<MemoryPasskeys, "deeds"> = this.passkeys): Promise<string> {
    const now = this.host();
    const ceremonies = {
      attestationBase,
      passkeys,
      installations: this.#installations,
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
      verifyJws,
    };
    const answer = await verifySignOffs({
      now,
      attestationBase,
      policy: this.#policy,
      policyDocuments: policyDocuments(this.#policy.bundle),
      salt: () => sha256Hex(utf8(`${this.facts.length}`)).slice(0, 32),
      promotions: this.promotions,
      passkeys,
      delegations: this.delegations,
      directory: this.#directory,
      blobs: this.#blobs,
      requireCandidate: candidateCheck({
        now,
        artifacts: { measure: async (key) => this.#measured(key), recorded: async (key) => this.#measured(key) },
        blobs: this.#blobs,
        thresholds: this.#policy.thresholds,
        shadowPlan: (promotion) => shadowPlanInForce(this.#policy, promotion),
        wasm: this.#policy.wasm,
        evaluate,
      }),
      requireSignOff: signOffCheck({ ...ceremonies, delegations: this.delegations }),
      requireLender: lenderCheck(ceremonies),
      ...this.#signing(),
    })({ promotionId });
    this.#tell(promotionId);
    return answer.outcome;
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
      calendar: (promotion, at) => calendarNow(this.#policy, promotion, at),
      isPinned: (promotion) => pinnedRequirements(this.#policy, promotion) !== undefined,
      attestationBase,
      artifactsBucket: "artifacts",
      watchSeconds: 5,
      promotions: this.promotions,
      blobs: this.#blobs,
      artifacts: { currentVersion: async () => "v1", read: async ({ key }) => this.#bytesAt(key) },
      verifyingKeys: this.keysInForce,
      verifySignature: verifyEcdsa,
      facts: this.promotions.facts,
      describeChangeSet: async () => undefined,
      targets: everyKind(target),
    })({ promotionId, understands });
    this.#tell(promotionId);
    return answer;
  }

  async watch(promotionId: PromotionId, target: DeploymentTarget): Promise<WatchAnswer> {
    const answer = await watchDeployment({
      now: this.host(),
      watchSeconds: 5,
      promotions: this.promotions,
      blobs: this.#blobs,
      newer: this.#world.newer ?? (async () => undefined),
      targets: everyKind(target),
      log: () => {},
    })({ promotionId });
    this.#tell(promotionId);
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
      this.#time = Math.max(this.#time, msOfInstant(addSeconds(startedAt, traffic.waitSeconds)));
  }

  #servingFor(promotionId: PromotionId): string | undefined {
    return this.#serving.get(placeIn(this.promotions.stored(promotionId).manifest.target));
  }

  #serve(target: Target, revision: string | undefined): void {
    if (revision === undefined) this.#serving.delete(placeIn(target));
    else this.#serving.set(placeIn(target), revision);
  }

  /** What some other function does with a promotion, as far as its record tells. */
  move(id: PromotionId, change: Change, fact: Omit<Fact, "id" | "promotion" | "at">): void {
    this.promotions.put(advance(this.promotions.stored(id), change, { ...fact, at: this.now() }));
    this.#tell(id);
  }

  /** What is told about, and is no change of a promotion. */
  tellOf(fact: Fact): void {
    this.#add(fact);
  }

  readonly keysInForce = async (at: Instant): Promise<readonly VerifyingKey[]> => {
    const generations = this.#held.map((key, index) => ({ ...key, generation: index + 1 }));
    return keysInForce(generations, "attestation", await this.promotions.keyFacts(), at);
  };

  readonly readBlob = (sha256: Sha256): Promise<Uint8Array> => this.#blobs.get(sha256);

  readonly keepBlob = (bytes: Uint8Array): Promise<Sha256> => this.#blobs.put(bytes);

  readonly #blobs = {
    get: async (sha256: Sha256): Promise<Uint8Array> => {
      const bytes = this.blobs.get(sha256);
      if (bytes === undefined) throw new Error(`There is no blob ${sha256}.`);
      return bytes;
    },
    put: async (bytes: Uint8Array): Promise<Sha256> => {
      const sha256 = sha256Hex(bytes);
      this.blobs.set(sha256, bytes);
      return sha256;
    },
  };

  readonly #policies = {
    inForce: async () => this.#inForce,
    get: async (digest: Sha256) => this.#versions.get(digest) ?? this.#policy.bundle,
    keep: async (bundle: PolicyBundle): Promise<Sha256> => {
      const digest = bundleDigest(bundle);
      this.#versions.set(digest, bundle);
      return digest;
    },
    replace: async (former: Sha256 | undefined, next: PolicyInForce): Promise<"replaced" | "lost"> => {
      if (this.#inForce?.digest !== former) return "lost";
      this.#inForce = next;
      return "replaced";
    },
  };

  readonly #recordFact = async (fact: Fact): Promise<"recorded" | "exists"> => {
    this.#add(fact);
    return this.promotions.recordFact(fact);
  };

  #tell(id: PromotionId): void {
    for (const fact of this.promotions.stored(id).history) this.#add(fact);
  }

  #add(fact: Fact): void {
    if (this.#told.has(fact.id)) return;
    this.#told.add(fact.id);
    this.facts.push(fact);
    const lists = listsApart(fact).document;
    if (lists !== undefined) this.blobs.set(sha256Hex(lists.bytes), lists.bytes);
  }

  /** By the key of whichever host a function runs on this time. */
  #signing() {
    const { sign, key } = this.attestation;
    return { sign, verifyingKey: async () => key };
  }

  readonly #sent: ((again: boolean) => Promise<Answer>)[] = [];

  async #send(send: (again: boolean) => Promise<Answer>): Promise<Answer> {
    this.#sent.push(send);
    await this.#world.signedIn?.();
    const answer = await send(false);
    this.#keep(answer);
    return answer;
  }

  /** Whose answer was lost sends the same once more, after another sign-in where it is a decision and `again`. */
  async resend(back: number, again: boolean): Promise<void> {
    const answer = await this.#sent.at(-1 - (back % Math.max(1, this.#sent.length)))?.(again);
    if (answer !== undefined) this.#keep(answer);
  }

  #keep({ json }: Answer): void {
    this.receipts.push(...readReceipts(`receipt ${this.receipts.length}`, canonicalJsonBytes(json as Json)));
  }

  #handIn(name: string, bytes: Uint8Array): string {
    const sha256 = sha256Hex(bytes);
    this.#handedIn.set(sha256, bytes);
    return `s3://exchange/incoming/${sha256}/${name}`;
  }

  /** What stands under a key or an address that says its digest. */
  #bytesAt(place: string): Uint8Array {
    const bytes = this.#handedIn.get(place.split("/").at(-2) ?? "");
    if (bytes === undefined) throw new Error(`There is nothing at ${place}.`);
    return bytes;
  }

  #measured(key: string) {
    const bytes = this.#bytesAt(key);
    return { sha256: sha256Hex(bytes), size: bytes.length, versionId: "v1" };
  }

  #requestBody(files: ReadonlyMap<string, string>, version: string, model: string) {
    const file = (name: string, path: string) => {
      const bytes = utf8(files.get(path) ?? "");
      const mediaType = "application/json";
      return { name, mediaType, size: bytes.length, sha256: sha256Hex(bytes), uri: this.#handIn(name, bytes) };
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

function placeIn({ name, endpoint }: Target): string {
  return `${name} ${endpoint}`;
}

function rolesOf({ groups }: Member, policy: PolicyFolder): readonly string[] {
  return Object.entries(policy.matrix.roles).flatMap(([role, { groups: giving }]) =>
    giving.some((group) => groups.includes(group)) ? [role] : [],
  );
}

function request(parameters: Readonly<Record<string, string>>, body: unknown): ApiRequest {
  const headers = { "content-type": "application/json", authorization: "Bearer token" };
  return { method: "POST", route: "", parameters, query: {}, headers, body: utf8(JSON.stringify(body)) };
}
