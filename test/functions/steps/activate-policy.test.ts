import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { deployedPolicy } from "../../../core/policy/activated-policy.ts";
import type { Policies } from "../../../core/policy/load-policies.ts";
import { bundleDigest, policyDocuments } from "../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { policyManifest } from "../../../core/policy/proposed-policy.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { adoptPolicy } from "../../../functions/policies/adopt-policy.ts";
import { type ActivatePolicyPorts, activatePolicy } from "../../../functions/steps/activate-policy/handler.ts";
import { cleanUp } from "../../../functions/steps/clean-up/handler.ts";
import { shipped, shippedWith } from "../../core/archive/house.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  everybody,
  id,
  manifest,
  now,
  promotionInReview,
  requirements,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { type Crash, Crashed, crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { mock } from "../mock.ts";

function bytesOf({ bundle }: Policies, document: string): Uint8Array {
  const found = policyDocuments(bundle).find(({ name }) => name === document);
  return found?.bytes ?? expect.unreachable(`There is no ${document}.`);
}

it("puts no policies in force in the place of those that were signed off, whatever the table says", async () => {
  const proposal = { requester: cora.identity, title: "Others" };
  const signed = policyManifest(shipped, new Uint8Array(), proposal);
  const other = shippedWith(`${shipped.bundle.texts["matrix.yaml"]}\n# Nobody signed for this.\n`);
  const statement = verdictOf({
    ...{ attestationBase, freezeDigest: freezeDigest(signed), target: signed.target },
    ...{ requirements: requirements.sha256, signOffs: [], result: "PASSED", at: now },
  });
  const envelope = canonicalJsonBytes(
    await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
  );
  const promotions = new MemoryPromotions([
    promotionInReview({
      status: "approved",
      manifest: policyManifest(other, new Uint8Array(), proposal),
      freezeDigest: freezeDigest(signed),
      frozen: signed.artifacts.map(({ name }) => ({ name, key: "frozen/other", versionId: "v1" })),
      verdict: { sha256: sha256Hex(envelope), result: "PASSED", at: now },
    }),
  ]);
  const blobs = new MemoryBlobs();
  await blobs.put(envelope);
  const answer = await activatePolicy({
    now: () => now,
    attestationBase,
    promotions: mock<ActivatePolicyPorts["promotions"]>("promotions", { load: promotions.load, move: promotions.move }),
    delegations: mock("delegations"),
    directory: mock("directory"),
    policies: mock<ActivatePolicyPorts["policies"]>("policies", { inForce: async () => undefined }),
    readArtifact: async ({ name }) => bytesOf(other, name),
    blobs,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
  })({ promotionId: id });
  expect(answer).toEqual({ outcome: "refused" });
  expect(promotions.stored(id)).toMatchObject({
    status: "blocked",
    reason: "What is to be deployed is not the manifest that was signed.",
  });
});

/** The shipped policies without a word about who signs for a change. */
function leftToDeployments(comment = ""): Policies {
  const matrix = shipped.bundle.texts["matrix.yaml"] ?? "";
  return shippedWith(`${matrix.replace(/^policyChange:\n(?:[ #].*\n|\n)*/m, "")}\n${comment}\n`);
}

/** An approved change of the shipped policies, and a table in which those that it changes are in force. */
async function approvedChange(
  pin: PolicyInForce = { digest: shipped.digest, documents: [], since: now, number: 1 },
  proposed = shippedWith(`${shipped.bundle.texts["matrix.yaml"]}\n# Another comment.\n`),
) {
  const manifest = policyManifest(proposed, new Uint8Array(), { requester: cora.identity, title: "A comment" });
  const digest = freezeDigest(manifest);
  const asked = { attestationBase, freezeDigest: digest, target: manifest.target };
  const statement = verdictOf({
    ...asked,
    requirements: requirements.sha256,
    signOffs: [],
    result: "PASSED",
    at: now,
  });
  const envelope = canonicalJsonBytes(
    await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
  );
  const promotions = new MemoryPromotions([
    promotionInReview({
      status: "approved",
      manifest,
      freezeDigest: digest,
      frozen: manifest.artifacts.map(({ name }) => ({ name, key: "frozen/other", versionId: "v1" })),
      verdict: { sha256: sha256Hex(envelope), result: "PASSED", at: now },
      history: [
        {
          ...{ id: `${id}/0`, type: "policy-proposed", at: now, promotion: id, summary: "", attachments: [] },
          body: { former: shipped.digest, proposed: proposed.digest },
        },
      ],
    }),
  ]);
  const blobs = new MemoryBlobs();
  await blobs.put(envelope);
  const table = { pin };
  const ports: ActivatePolicyPorts = {
    now: () => now,
    attestationBase,
    promotions: {
      load: promotions.load,
      move: promotions.move,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
      list: async () => ({ promotions: [] }),
    },
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(everybody),
    policies: {
      inForce: async () => table.pin,
      keep: async (bundle) => bundleDigest(bundle),
      replace: async (former, next) => {
        if (table.pin.digest !== former) return "lost";
        table.pin = next;
        return "replaced";
      },
    },
    readArtifact: async ({ name }) => bytesOf(proposed, name),
    blobs: { get: blobs.get, put: blobs.put },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
  };
  const types = () => promotions.stored(id).history.map(({ type }) => type);
  return {
    proposed,
    promotions,
    ports,
    table,
    types,
    run: (using = ports) => activatePolicy(using)({ promotionId: id }),
  };
}

describe("policies that were signed off", () => {
  const whole = ["policy-proposed", "policy-activated", "deployed"];

  it("come in force as the next version, and the record says so", async () => {
    const { proposed, table, types, promotions, run } = await approvedChange();
    expect(await run()).toEqual({ outcome: "in-force" });
    expect(table.pin).toMatchObject({ digest: proposed.digest, number: 2, promotion: id });
    expect(types()).toEqual(["policy-proposed", "policy-activated", "deployed"]);
    expect(promotions.stored(id).history[1]?.body).toEqual({
      policy: proposed.digest,
      number: 2,
      former: shipped.digest,
    });
  });

  it("send back every other that they judge otherwise, also where one cannot be, which is tried again", async () => {
    const { ports, promotions, types, run } = await approvedChange();
    const [broken, ...others] = [
      promotionId(freezeDigest(manifest), 8),
      promotionId(freezeDigest(manifest), 7),
      promotionId(freezeDigest(manifest), 9),
    ];
    const asked = { requirements: { sha256: sha256Hex(new Uint8Array()) } };
    for (const each of [broken, ...others]) await promotions.create(promotionInReview({ ...asked, id: each }));
    // One of them stands behind it, in whatever order they are listed.
    const list: typeof promotions.list = async (filter) => {
      const page = await promotions.list(filter);
      return { promotions: page.promotions.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
    };
    const move: typeof promotions.move = async (next) => {
      if (next.id === broken && down) throw new Failure("unavailable", "The table does not answer.");
      return promotions.move(next);
    };
    let down = true;
    const using = { ...ports, promotions: { ...ports.promotions, list, move } };
    await expect(run(using)).rejects.toThrow("The table does not answer.");
    expect([types(), promotions.stored(broken).status]).toEqual([whole, "in-review"]);
    for (const other of others) expect(promotions.stored(other)).toMatchObject({ status: "gating", review: 2 });
    down = false;
    expect(await run(using)).toEqual({ outcome: "in-force" });
    expect(promotions.stored(broken)).toMatchObject({ status: "gating", review: 2 });
    for (const other of others) expect(promotions.stored(other).review).toBe(2);
  });

  it("are refused where others came in force since they were proposed", async () => {
    const other = { digest: sha256Hex(new Uint8Array()), documents: [], since: now, number: 2 };
    const { table, types, run } = await approvedChange(other);
    expect(await run()).toEqual({ outcome: "refused" });
    expect([table.pin, types()]).toEqual([other, ["policy-proposed", "blocked"]]);
  });

  it("are refused where keeping them took until the end of their verdict", async () => {
    const { ports, table, types, promotions, run } = await approvedChange();
    let time = addSeconds(now, 3590);
    const keep: ActivatePolicyPorts["policies"]["keep"] = async (bundle) => {
      time = addSeconds(now, 3600);
      return bundleDigest(bundle);
    };
    expect(await run({ ...ports, now: () => time, policies: { ...ports.policies, keep } })).toEqual({
      outcome: "refused",
    });
    expect([table.pin.number, types()]).toEqual([1, ["policy-proposed", "blocked"]]);
    expect(promotions.stored(id).reason).toMatch(/^The verdict is too old/);
  });

  it("that lose the race leave no record that they came in force", async () => {
    const { ports, table, types, promotions, run } = await approvedChange();
    const winner = { digest: sha256Hex(new Uint8Array()), documents: [], since: now, number: 2 };
    const policies: ActivatePolicyPorts["policies"] = {
      ...ports.policies,
      replace: async () => {
        table.pin = winner;
        return "lost";
      },
    };
    expect(await run({ ...ports, policies })).toEqual({ outcome: "refused" });
    expect(types()).toEqual(["policy-proposed", "blocked"]);
    expect(promotions.stored(id).reason).toMatch(/^Other policies came in force in the same moment/);
  });

  it("come in force once, and are recorded once, after a crash anywhere", async () => {
    // Checking a signature asks nobody outside.
    const dying = (ports: ActivatePolicyPorts, crash?: Crash) => {
      const wrapped = crashing(ports, crash);
      return { ports: { ...wrapped.ports, verifySignature: verifyEcdsa }, calls: wrapped.calls };
    };
    const counting = dying((await approvedChange()).ports);
    const sound = await approvedChange();
    await activatePolicy(counting.ports)({ promotionId: id });
    await sound.run();
    for (let call = 1; call <= counting.calls(); call += 1) {
      for (const moment of ["before", "after"] as const) {
        const { ports, table, types, run } = await approvedChange();
        const crash = dying(ports, { call, moment });
        await expect(run(crash.ports), `${moment} call ${call}`).rejects.toThrow(Crashed);
        expect(await run()).toEqual({ outcome: "in-force" });
        expect(types(), `${moment} call ${call}`).toEqual(sound.types());
        expect(table.pin).toEqual(sound.table.pin);
      }
    }
  }, 60_000);

  /** The function dies after they were put in force, and before that is told. */
  async function brokenOff(proposed?: Policies) {
    const scene = await approvedChange(undefined, proposed);
    const promotions = { ...scene.ports.promotions, move: async () => Promise.reject(new Crashed()) };
    await expect(scene.run({ ...scene.ports, promotions })).rejects.toThrow(Crashed);
    expect([scene.table.pin.promotion, scene.types()]).toEqual([id, ["policy-proposed"]]);
    return scene;
  }
  it("are told of by the retry, however old the verdict is by then", async () => {
    const { ports, types, run } = await brokenOff();
    expect(await run({ ...ports, now: () => addSeconds(now, 86_400) })).toEqual({ outcome: "in-force" });
    expect(types()).toEqual(whole);
  });

  it("are told of by the clean-up, where the step is not tried again, and are no failure", async () => {
    const { ports, promotions, types } = await brokenOff();
    const clean = cleanUp({
      ...{ now: () => now, watchSeconds: 30, promotions, shadows: {}, targets: everyKind(new MemoryTarget()) },
      policies: ports.policies,
    });
    const failure = { Error: "Runtime.ExitError" };
    expect(await clean({ promotionId: id, failure })).toEqual({ outcome: "cleaned", status: "deployed" });
    expect(types()).toEqual(whole);
  });

  it("are told of within minutes where nothing comes any more", async () => {
    const { ports, promotions, types, table } = await brokenOff();
    const adopt = () =>
      adoptPolicy({
        ...{ now: () => now, deployed: shipped, blobs: ports.blobs, promotions },
        policies: { ...ports.policies, get: async () => shipped.bundle },
        recordFact: async () => expect.unreachable("They did not come with a deployment."),
      });
    expect(await adopt()).toEqual(table.pin);
    await adopt();
    expect(types()).toEqual(whole);
  });

  it("are told of before those of a deployment take their place, where they leave that to it", async () => {
    const leaving = leftToDeployments();
    expect(leaving.matrix.policyChange).toBeUndefined();
    const { ports, promotions, types, table, run } = await brokenOff(leaving);
    const told: string[] = [];
    await adoptPolicy({
      ...{ now: () => addSeconds(now, 60), deployed: shipped, blobs: ports.blobs, promotions },
      policies: { ...ports.policies, get: async () => leaving.bundle },
      recordFact: async (fact) => {
        expect(types()).toEqual(whole);
        told.push(fact.id);
        return "recorded";
      },
    });
    expect(promotions.stored(id).history[1]?.body).toMatchObject({ policy: leaving.digest, number: 2 });
    expect([told, table.pin.number]).toEqual([["installation/policy/3"], 3]);
    expect(await run()).toEqual({ outcome: "in-force" });
    expect(types()).toEqual(whole);
  });

  it("of a deployment are told of before others take their place, where whoever put them there died", async () => {
    const [untold, deployed] = [leftToDeployments("# Untold."), leftToDeployments("# Newer.")];
    const { ports, promotions, table } = await approvedChange({ ...deployedPolicy(untold, undefined, now), number: 7 });
    const told: string[] = [];
    await adoptPolicy({
      ...{ now: () => addSeconds(now, 60), deployed, blobs: ports.blobs, promotions },
      policies: { ...ports.policies, get: async () => untold.bundle },
      recordFact: async (fact) => {
        told.push(`${fact.id} ${String(fact.body["policy"])}`);
        return "recorded";
      },
    });
    expect(told).toEqual([`installation/policy/7 ${untold.digest}`, `installation/policy/8 ${deployed.digest}`]);
    expect(table.pin.digest).toBe(deployed.digest);
  });
});

describe("policies are put in force by nothing else than a change that was signed off", () => {
  const other = shippedWith(`${shipped.bundle.texts["matrix.yaml"]}\n# Nobody signed for this.\n`);

  /** What comes of the change where the table tells it otherwise, and what was put in force. */
  async function told(over: Partial<Promotion>, ports: Partial<ActivatePolicyPorts> = {}) {
    const change = await approvedChange();
    change.promotions.put({ ...change.promotions.stored(id), ...over });
    const { outcome } = await change.run({ ...change.ports, ...ports });
    const { status, reason } = change.promotions.stored(id);
    return { outcome, number: change.table.pin.number, status, reason };
  }

  it("is put in force also where it was found to be deploying", async () => {
    expect(await told({ status: "deploying" })).toMatchObject({ outcome: "in-force", number: 2 });
  });

  it.each(statuses.filter((status) => !["approved", "deploying", "deployed"].includes(status)))(
    "refuses one that is %s, and leaves it so",
    async (status) => {
      const unread = { readArtifact: async () => expect.unreachable() };
      expect(await told({ status }, unread)).toEqual({ outcome: "refused", number: 1, status, reason: undefined });
    },
  );

  it.each<[string, Partial<Promotion>, Partial<ActivatePolicyPorts>, string]>([
    [
      "that goes elsewhere",
      { manifest: promotionInReview().manifest },
      {},
      "The promotion is approved, and no approved change of the policies.",
    ],
    ["whose policies were never frozen", { frozen: [] }, {}, "The proposed policies were never frozen."],
    [
      "whose frozen policies were replaced",
      {},
      { readArtifact: async ({ name }) => bytesOf(other, name) },
      "The frozen policies are not those that were signed off.",
    ],
  ])("blocks one %s", async (_, over, ports, reason) => {
    expect(await told(over, ports)).toEqual({ outcome: "refused", number: 1, status: "blocked", reason });
  });

  it("blocks one without a verdict", async () => {
    const { promotions, table, run } = await approvedChange();
    const { verdict: _, ...unverified } = promotions.stored(id);
    promotions.put(unverified);
    expect(await run()).toEqual({ outcome: "refused" });
    expect([promotions.stored(id).reason, table.pin.number]).toEqual(["The promotion has no verdict.", 1]);
  });

  it("blocks one that was compared with others than those in force, and says so", async () => {
    const { promotions, run } = await approvedChange({ digest: other.digest, documents: [], since: now, number: 7 });
    await run();
    expect(promotions.stored(id).reason).toMatch(/^Other policies came in force since these were proposed/);
  });

  it.each(["unavailable", "ledger-invalid"] as const)("decides nothing while the outside is %s", async (code) => {
    const { promotions, ports, run } = await approvedChange();
    const away = new Failure(code, "Not now.");
    const readArtifact = async () => {
      throw away;
    };
    await expect(run({ ...ports, readArtifact })).rejects.toBe(away);
    expect(promotions.stored(id).status).toBe("approved");
  });

  it("names who signed for it, and nobody whose seat it is not", async () => {
    const change = await approvedChange();
    const stored = change.promotions.stored(id);
    const [byCora, bySam] = await Promise.all([givenSignOff(stored, cora), givenSignOff(stored, sam)]);
    const seats = [{ role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }];
    change.promotions.put({ ...stored, settled: [{ index: 0, seats }] });
    for (const each of [byCora, bySam]) await change.promotions.recordSignOff(each);
    await change.run();
    expect(change.table.pin.signedBy).toEqual(["Cora"]);
  });
});

describe("what is in review when policies come in force", () => {
  const verdict = { sha256: sha256Hex(new Uint8Array()), result: "PASSED", at: now } as const;
  const numbered = (at: number, over: Partial<Promotion> = {}) =>
    promotionInReview({ id: promotionId(sha256Hex(new Uint8Array([at])), 1), ...over });

  it("goes back to its gates where it is asked for otherwise now, on whichever page it stands; nothing else does", async () => {
    const { proposed, promotions, ports, run } = await approvedChange();
    const kept = { requirements: { sha256: requirementsNow(proposed, promotionInReview()).sha256 } };
    const others = {
      inReview: numbered(1),
      approved: numbered(2, { status: "approved" }),
      onTheNextPage: numbered(3),
      askedForAsBefore: numbered(4, kept),
      verified: numbered(5, { status: "approved", verdict }),
      deployedMeanwhile: numbered(6, { status: "deploying" }),
      rejectedMeanwhile: numbered(7, { status: "rejected" }),
    };
    for (const each of Object.values(others)) promotions.put(each);
    const { onTheNextPage, approved, verified, ...first } = others;
    const list: ActivatePolicyPorts["promotions"]["list"] = async ({ status }, _, from) => {
      if (status === "approved") return { promotions: [approved, verified] };
      return from === undefined
        ? { promotions: Object.values(first), next: "2" }
        : { promotions: from === "2" ? [onTheNextPage] : [] };
    };
    expect(await run({ ...ports, promotions: { ...ports.promotions, list } })).toEqual({ outcome: "in-force" });
    const now = Object.entries(others).map(([name, { id: of }]) => [name, promotions.stored(of).status]);
    expect(Object.fromEntries(now)).toEqual({
      inReview: "gating",
      approved: "gating",
      onTheNextPage: "gating",
      askedForAsBefore: "in-review",
      verified: "approved",
      deployedMeanwhile: "deploying",
      rejectedMeanwhile: "rejected",
    });
  });

  it("stays where it is as long as others are in force by then", async () => {
    const { promotions, ports, table, run } = await approvedChange();
    const open = numbered(1);
    promotions.put(open);
    promotions.put({ ...promotions.stored(id), status: "deployed" });
    const list = async () => ({ promotions: [open] });
    expect(table.pin.promotion).toBeUndefined();
    await run({ ...ports, promotions: { ...ports.promotions, list } });
    expect(promotions.stored(open.id)).toEqual(open);
  });
});
