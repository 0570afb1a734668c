import { beforeEach, describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { deployedPolicy, deployedPolicyFact, deployedPolicyId } from "../../../core/policy/activated-policy.ts";
import type { Policies } from "../../../core/policy/load-policies.ts";
import type { PolicyBundle } from "../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { policyManifest } from "../../../core/policy/proposed-policy.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { leafOf } from "../../../functions/ledger/told-otherwise.ts";
import { policiesAsTold } from "../../../functions/policies/policies-as-told.ts";
import { shipped, shippedWith } from "../../core/archive/house.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  now,
  promotionInReview,
  requirements,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

const matrix = shipped.bundle.texts["matrix.yaml"];
const withoutChange = matrix.replace(/^policyChange:\n(?:[ #].*\n|\n)*/m, "");
const theirs = shippedWith(`${matrix}\n# Nobody signed for this.\n`);

const moved = shippedWith(`${matrix}\n# A folder that was deployed since.\n`);

/** An installation: what its table and its ledger say, and what lies in its bucket. */
class Installation {
  pin: PolicyInForce | undefined;
  /** The folder that is deployed. */
  deployed: Policies = moved;
  /** Its clock, which goes on with each version. */
  #seconds = 0;
  readonly facts = new Map<string, Fact>();
  readonly promotions: Promotion[] = [];
  /** Promotions whose items are not what their keys say. */
  readonly unreadable: string[] = [];
  readonly bundles = new Map<Sha256, PolicyBundle>();
  readonly blobs = new MemoryBlobs();
  /** What the ledger has: the leaf of each record, by its id. */
  readonly ledger = new Map<string, { readonly leafHash: Sha256 }>();

  /** Puts policies in force in the table, as a deployment would, or whoever writes there. */
  write(policies: Policies, number = (this.pin?.number ?? 0) + 1): Fact {
    this.bundles.set(policies.digest, policies.bundle);
    this.pin = { ...deployedPolicy(policies, undefined, this.#tick()), number };
    const fact = deployedPolicyFact(this.pin);
    this.facts.set(fact.id, fact);
    return fact;
  }

  #tick(): Instant {
    this.#seconds += 60;
    return addSeconds(now, this.#seconds);
  }

  tell(...facts: readonly Fact[]): void {
    for (const fact of facts) this.ledger.set(fact.id, { leafHash: (leafOf(fact) ?? expect.unreachable()) as Sha256 });
  }

  deploy(policies: Policies): void {
    this.tell(this.write(policies));
  }

  /** The same, with a promotion in which people signed for it; `signer`: whose key signed its verdict. */
  async activate(policies: Policies, signer = attestation): Promise<void> {
    this.bundles.set(policies.digest, policies.bundle);
    const [number, since] = [(this.pin?.number ?? 0) + 1, this.#tick()];
    const manifest = policyManifest(policies, new Uint8Array(), { requester: cora.identity, title: `${number}` });
    const id = promotionId(freezeDigest(manifest), 1);
    const statement = verdictOf({
      ...{ attestationBase, freezeDigest: freezeDigest(manifest), target: manifest.target },
      ...{ requirements: requirements.sha256, signOffs: [], result: "PASSED", at: now },
    });
    const envelope = await signEnvelope(statementBytes(statement), signer.key.keyid, signer.sign);
    const fact: Fact = {
      ...{ id: `${id}/0`, type: "policy-activated", at: since, promotion: id, summary: "They come in force." },
      ...{ body: { policy: policies.digest, number, former: this.pin?.digest ?? "" }, attachments: [] },
    };
    this.promotions.push(
      promotionInReview({
        ...{ id, status: "deployed", manifest, freezeDigest: freezeDigest(manifest), history: [fact] },
        verdict: { sha256: await this.blobs.put(canonicalJsonBytes(envelope)), result: "PASSED", at: now },
      }),
    );
    this.pin = { digest: policies.digest, documents: [], since, number, promotion: id };
    this.tell(fact);
  }

  require(judging: Policies, meanwhile: () => void = () => undefined): Promise<void> {
    return policiesAsTold({
      now: () => addSeconds(now, 86_400),
      deployed: this.deployed.digest,
      policies: {
        inForce: async () => this.pin,
        get: async (digest) => this.bundles.get(digest) ?? expect.unreachable("They were never kept."),
      },
      promotions: {
        installationFacts: async (prefix) => {
          meanwhile();
          return [...this.facts.values()].filter(({ id }) => id.startsWith(prefix));
        },
        list: async ({ model, target }) => {
          expect([model, target]).toEqual(["policy", "policies"]);
          return { promotions: this.promotions, unreadable: this.unreadable };
        },
      },
      inLedger: async (ids) => new Map([...this.ledger].filter(([id]) => ids.includes(id))),
      blobs: this.blobs,
      installations: async () => [{ attestationBase: "https://before.example" }, { attestationBase }],
      verifyingKeys: async () => [attestation.key],
      verifySignature: verifyEcdsa,
    })(judging.digest);
  }
}

const apart = expect.objectContaining({
  code: "conflict",
  message: expect.stringMatching(/^Which policies are in force is told otherwise by the ledger than by the table/),
});
const notYet = expect.objectContaining({ code: "unavailable" });
let house: Installation;
beforeEach(() => {
  house = new Installation();
});

describe("policies are to be judged by", () => {
  it("that are deployed, before they were put in force, and by whoever broke the glass", async () => {
    house.deployed = shipped;
    await house.require(shipped);
    house.deploy(theirs);
    house.pin = undefined;
    await house.require(shipped);
    // Counted from the beginning, under an id that a record has already.
    house.pin = deployedPolicy(shipped, undefined, addSeconds(now, 90));
    await house.require(shipped);
    await house.activate(moved);
    await house.require(moved);
  });

  it("that came with the first deployment, whatever was deployed since", async () => {
    house.deploy(shipped);
    await house.require(shipped);
  });

  it("that came with a deployment, where those before left them to it", async () => {
    house.deploy(shippedWith(withoutChange));
    house.deploy(shipped);
    await house.require(shipped);
  });

  it("that people signed for, whatever the base was when they did", async () => {
    house.deploy(shipped);
    await house.activate(theirs);
    await house.require(theirs);
    await house.activate(shippedWith(withoutChange));
    house.deploy(shipped);
    await house.require(shipped);
  });
});

describe("policies are not to be judged by", () => {
  it("that somebody wrote into the table, whether or not the ledger was told of them since", async () => {
    house.deploy(shipped);
    const fact = house.write(theirs);
    await expect(house.require(theirs)).rejects.toEqual(notYet);
    house.tell(fact);
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it("of which nothing is recorded, from before others that are", async () => {
    house.deploy(shipped);
    const since = now;
    house.bundles.set(theirs.digest, theirs.bundle);
    house.pin = { digest: theirs.digest, documents: [], since, number: 2 };
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it("that somebody wrote there under a number before which the ledger tells of none", async () => {
    house.deploy(shipped);
    house.tell(house.write(theirs, 50));
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it.each([0, -1, 1.5])("that somebody wrote there as version %d", async (number) => {
    house.deploy(shipped);
    house.tell(house.write(theirs, number));
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it("that somebody wrote there as the first, under another id than that has", async () => {
    house.deploy(shipped);
    const first = house.pin;
    const fact = house.write(theirs, 0);
    const said: Fact = { ...fact, id: `${deployedPolicyId("")}first`, body: { ...fact.body, number: 1 } };
    house.facts.delete(fact.id);
    house.facts.set(said.id, said);
    house.tell(said);
    if (house.pin !== undefined) house.pin = { ...house.pin, number: first?.number ?? 0 };
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it("that somebody wrote there behind others that would leave it to deployments, written there as well", async () => {
    house.deploy(shipped);
    for (const each of [shippedWith(withoutChange), theirs]) house.tell(house.write(each));
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it("behind others that a promotion brought for which nobody signed", async () => {
    house.deploy(shipped);
    await house.activate(shippedWith(withoutChange), attestationKey());
    house.tell(house.write(theirs));
    await expect(house.require(theirs)).rejects.toMatchObject({ code: "signature-invalid" });
  });

  it("before the ledger tells of those whose place they took: that is waited for", async () => {
    const lax = house.write(shippedWith(withoutChange));
    house.deploy(shipped);
    await expect(house.require(shipped)).rejects.toEqual(notYet);
    house.tell(lax);
    await house.require(shipped);
  });

  it("whose promotion cannot be read: that is named, and not waited for", async () => {
    house.deploy(shipped);
    await house.activate(theirs);
    const [unreadable] = house.promotions.splice(0).map(({ id }) => id);
    house.unreadable.push(unreadable ?? expect.unreachable());
    await expect(house.require(theirs)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`cannot read ${unreadable}`),
    });
  });

  it("that somebody wrote over those of which the ledger tells", async () => {
    house.deploy(shipped);
    house.write(theirs, 1);
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it("that a promotion brings for which nobody signed", async () => {
    house.deploy(shipped);
    await house.activate(theirs, attestationKey());
    await expect(house.require(theirs)).rejects.toMatchObject({ code: "signature-invalid" });
  });

  it("in the name of a promotion in which people signed for others", async () => {
    house.deploy(shipped);
    await house.activate(shippedWith(`${matrix}\n# Signed for.\n`));
    house.bundles.set(theirs.digest, theirs.bundle);
    if (house.pin !== undefined) house.pin = { ...house.pin, digest: theirs.digest };
    await expect(house.require(theirs)).rejects.toEqual(apart);
  });

  it.each([
    ["a deployment brought others", async () => house.deploy(shipped)],
    ["people signed for others", async () => house.activate(shipped)],
  ] as const)("that were put back since %s", async (_, others) => {
    const lax = shippedWith(withoutChange);
    house.deploy(lax);
    const before = house.pin;
    await others();
    house.pin = before;
    await expect(house.require(lax)).rejects.toEqual(apart);
  });

  it("that were put back, where the record of those since was written over as well", async () => {
    const lax = shippedWith(withoutChange);
    house.deploy(lax);
    const before = house.pin;
    house.deploy(shipped);
    house.pin = before;
    const [first, second = expect.unreachable()] = [...house.facts.values()];
    house.facts.set(second.id, { ...second, at: first?.at ?? now });
    await expect(house.require(lax)).rejects.toEqual(apart);
  });

  it("in whose place others come this very moment: whoever asks begins again", async () => {
    const lax = shippedWith(withoutChange);
    house.deploy(lax);
    await expect(house.require(lax, () => house.deploy(shipped))).rejects.toEqual(notYet);
    await expect(house.require(lax)).rejects.toEqual(notYet);
  });
});
