import type { PolicyFolder } from "../../../../adapters/policies/policy-folder.ts";
import type { KeptReceipt } from "../../../../core/archive/kept-receipts.ts";
import { verifierKeyText } from "../../../../core/archive/people/ledger-keys.ts";
import type { VerifyingKey } from "../../../../core/attestation/dsse.ts";
import {
  type Installation,
  installationFact,
  readInstallationRecord,
} from "../../../../core/attestation/installation-record.ts";
import { installationsAt } from "../../../../core/attestation/installations-in-force.ts";
import { keysInForce } from "../../../../core/attestation/key-periods.ts";
import { keyFactWith, keyGeneration } from "../../../../core/attestation/key-record.ts";
import type { DeploymentTarget } from "../../../../core/deployment/deployment-target.ts";
import { type Instant, instantFromMs } from "../../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { noteKey } from "../../../../core/ledger/note-key.ts";
import { deployedPolicy, deployedPolicyFact } from "../../../../core/policy/activated-policy.ts";
import { type PolicyBundle, policyDocuments } from "../../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../../core/policy/policy-in-force.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { Member } from "../../../../core/promotion/identity.ts";
import { listsApart } from "../../../../core/promotion/lists-apart.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { MemoryDelegations } from "../../../functions/memory-delegations.ts";
import { memoryDirectory } from "../../../functions/memory-directory.ts";
import { MemoryLanes } from "../../../functions/memory-lanes.ts";
import { MemoryLoanBooks } from "../../../functions/memory-loan-books.ts";
import { MemoryPasskeys } from "../../../functions/memory-passkeys.ts";
import { MemoryPromotions } from "../../../functions/memory-promotions.ts";
import { MemoryTurnBooks } from "../../../functions/memory-turn-books.ts";
import { portal } from "../../attestation/authenticator.ts";
import type { AttestationKey } from "../../attestation/signing-keys.ts";
import { MemoryLedger } from "../../ledger/memory-ledger.ts";
import { cora, dana, sam, tom } from "../people.ts";
import {
  attestationBase,
  attestationKey,
  clientId,
  type IdentityProvider,
  identityProvider,
  issuer,
  member,
} from "../reviewers.ts";
import { shipped } from "./shipped.ts";

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
  /** Begins an execution, once. */
  readonly start?: (id: PromotionId) => void;
  /** By how many milliseconds the clock of a host differs. */
  readonly apart?: () => number;
  /** When, in milliseconds since 1970. */
  readonly begins?: number;
  /** What the log begins with otherwise. */
  readonly installation?: Partial<Installation>;
}

/** What a house has: tables and buckets in memory, its keys, its clock, and every fact as the stream tells it. */
export abstract class RecordedHouse {
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
  protected policy: PolicyFolder;
  /** What people were answered as they signed. */
  readonly receipts: KeptReceipt[] = [];
  /** Everybody in the directory, who may come and go. */
  readonly people: Member[];
  protected readonly world: HouseWorld;
  protected readonly start = async (id: PromotionId): Promise<void> => this.world.start?.(id);
  protected readonly versions = new Map<Sha256, PolicyBundle>();
  protected inForce: PolicyInForce | undefined;
  protected readonly directory: ReturnType<typeof memoryDirectory>;
  protected time = Date.UTC(2026, 10, 23, 9);
  /** What pipelines and people handed in, by digest, which keys and addresses say. */
  readonly #handedIn = new Map<string, Uint8Array>();

  /** With the shipped policies, its own people and the log that packs are made of, unless others are given. */
  constructor(
    attestation: AttestationKey = attestationKey(),
    policy: PolicyFolder = shipped,
    people: readonly Member[] = [],
    log: LogSigner = MemoryLedger.signer,
    world: HouseWorld = {},
  ) {
    this.attestation = attestation;
    this.world = world;
    if (world.begins !== undefined) this.time = world.begins;
    this.provider = world.provider ?? identityProvider();
    this.#held.push(attestation.key);
    this.policy = policy;
    this.people = [cora, dana, sam, tom, member("Priya"), ...people];
    const { everybody } = memoryDirectory(this.people);
    this.directory = {
      everybody: async (groups) => {
        await world.listed?.();
        return everybody(groups);
      },
    };
    this.#begin(log);
  }

  /** What every log begins with: what the installation is, its keys, and the policies that came with it. */
  #begin({ origin, publicKey }: LogSigner): void {
    const at = instantFromMs(this.time);
    const text = verifierKeyText(noteKey(origin, "ed25519", publicKey));
    const keys = [keyGeneration("attestation", 1, this.attestation.key.pem), keyGeneration("checkpoint", 1, text)];
    const { bundle } = this.policy;
    this.inForce = deployedPolicy(this.policy, undefined, at);
    this.versions.set(this.inForce.digest, bundle);
    for (const { bytes } of policyDocuments(bundle)) this.blobs.set(sha256Hex(bytes), bytes);
    this.add(installationFact({ ...installation, ...this.world.installation, logOrigin: origin }, 1, at));
    for (const key of keys) this.add(keyFactWith(key, { change: "published" }, at, undefined));
    this.add(deployedPolicyFact(this.inForce));
  }

  /** What the log tells of the installation. */
  protected installed() {
    const facts = this.facts.filter(({ type }) => type === "installation");
    const told = facts.map((fact) => ({ ...readInstallationRecord(fact), at: fact.at }));
    const [last] = told.slice(-1);
    if (last === undefined) throw new Error("The log tells of no installation.");
    return { told, last };
  }

  protected readonly installations = async (at: Instant): Promise<readonly Installation[]> => {
    const { told, last } = this.installed();
    return installationsAt(told, last, at);
  };

  /** By whom tokens are that some function takes: while a deployment goes on, functions of before and of after it are there. */
  signInsBy: readonly string[] = [issuer];

  /** Another deployment changes what the installation is. */
  moveTo(over: Partial<Installation>): void {
    const { told, last } = this.installed();
    this.add(installationFact({ ...last, ...over }, told.length + 1, this.now()));
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
    for (const fact of await this.promotions.keyFacts()) this.add(fact);
  }

  /** So much later is the clock whenever somebody looks. */
  tick = 1000;

  readonly now = (): Instant => {
    this.time += this.tick;
    return instantFromMs(this.time);
  };

  /** The clock of whichever host a function runs on this time, which may be ahead of others or behind them. */
  host(): () => Instant {
    const apart = this.world.apart?.() ?? 0;
    return () => {
      this.time += this.tick;
      return instantFromMs(this.time + apart);
    };
  }

  /** What the clock of a host shows. */
  get hostClock(): Instant {
    return instantFromMs(this.time + (this.world.apart?.() ?? 0));
  }

  /** What the clock showed whoever looked last. */
  get clock(): Instant {
    return instantFromMs(this.time);
  }

  pass(seconds: number): void {
    this.time += seconds * 1000;
  }

  /** What is told about, and is no change of a promotion. */
  tellOf(fact: Fact): void {
    this.add(fact);
  }

  readonly keysInForce = async (at: Instant): Promise<readonly VerifyingKey[]> => {
    const generations = this.#held.map((key, index) => ({ ...key, generation: index + 1 }));
    return keysInForce(generations, "attestation", await this.promotions.keyFacts(), at);
  };

  readonly readBlob = (sha256: Sha256): Promise<Uint8Array> => this.blobStore.get(sha256);

  readonly keepBlob = (bytes: Uint8Array): Promise<Sha256> => this.blobStore.put(bytes);

  protected readonly blobStore = {
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

  protected readonly recordFact = async (fact: Fact): Promise<"recorded" | "exists"> => {
    this.add(fact);
    return this.promotions.recordFact(fact);
  };

  protected tell(id: PromotionId): void {
    for (const fact of this.promotions.stored(id).history) this.add(fact);
  }

  protected add(fact: Fact): void {
    if (this.#told.has(fact.id)) return;
    this.#told.add(fact.id);
    this.facts.push(fact);
    const lists = listsApart(fact).document;
    if (lists !== undefined) this.blobs.set(sha256Hex(lists.bytes), lists.bytes);
  }

  protected handIn(name: string, bytes: Uint8Array): string {
    const sha256 = sha256Hex(bytes);
    this.#handedIn.set(sha256, bytes);
    return `s3://exchange/incoming/${sha256}/${name}`;
  }

  /** What stands under a key or an address that says its digest. */
  protected bytesAt(place: string): Uint8Array {
    const bytes = this.#handedIn.get(place.split("/").at(-2) ?? "");
    if (bytes === undefined) throw new Error(`There is nothing at ${place}.`);
    return bytes;
  }

  protected measured(key: string) {
    const bytes = this.bytesAt(key);
    return { sha256: sha256Hex(bytes), size: bytes.length, versionId: "v1" };
  }
}
