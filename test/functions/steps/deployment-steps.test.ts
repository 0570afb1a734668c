import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { type VerdictInput, verdictOf } from "../../../core/attestation/verdict.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { type DeployPorts, deploy } from "../../../functions/steps/deploy/handler.ts";
import { stage } from "../../../functions/steps/stage/handler.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  digestOf,
  expiresAt,
  id,
  manifest,
  now,
  openStage,
  promotionInReview,
  requirements,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { mock } from "../mock.ts";

const image = `registry.example/scorer@sha256:${"a".repeat(64)}`;
const environment = utf8(JSON.stringify({ image: { reference: image } }));
const closed = { stage: openStage(1, { open: false }) };
const endpoint = "credit-scoring";
const modelUri = `s3://artifacts/frozen/${digestOf("model")}/model.json`;

const verdictInput: VerdictInput = {
  attestationBase,
  freezeDigest: promotionInReview().freezeDigest,
  target: manifest.target,
  requirements: requirements.sha256,
  signOffs: [],
  result: "PASSED",
  at: now,
};

async function withVerdict(over: Partial<VerdictInput> = {}, key = attestation) {
  const envelope = await signEnvelope(statementBytes(verdictOf({ ...verdictInput, ...over })), key.key.keyid, key.sign);
  const bytes = canonicalJsonBytes(envelope);
  const verdict = { sha256: sha256Hex(bytes), result: "PASSED", at: now } as const;
  return { bytes, promotion: promotionInReview({ ...closed, status: "approved", verdict }) };
}
const passed = await withVerdict();
const elsewhere = await withVerdict({ target: { ...manifest.target, endpoint: "other" } });
const other = await withVerdict({ freezeDigest: digestOf("other") });
const lenient = await withVerdict({ requirements: digestOf("other") });
const failed = await withVerdict({ result: "FAILED" });
const forged = await withVerdict({}, attestationKey());
type State = Awaited<ReturnType<DeployPorts["target"]["state"]>>;
const previous: State = { kind: "in-service", configName: "p-before" };

describe("staging a candidate", () => {
  it("creates what will serve it, from its frozen bytes", async () => {
    const staged: unknown[] = [];
    const answer = await stage({
      promotions: new MemoryPromotions([promotionInReview()]),
      readArtifact: async () => environment,
      artifactsBucket: "artifacts",
      servingRoleArn: "arn:aws:iam::000000000000:role/serving",
      target: { stage: async (...given) => void staged.push(given) },
    })({ promotionId: id });
    expect(answer).toEqual({ outcome: "staged" });
    expect(staged).toEqual([
      [id, { image, modelUri, target: manifest.target }, "arn:aws:iam::000000000000:role/serving"],
    ]);
  });

  it("is refused where the environment names its image by a tag", async () => {
    const work = stage({
      promotions: new MemoryPromotions([promotionInReview()]),
      readArtifact: async () => utf8('{"image":{"reference":"scorer:latest"}}'),
      artifactsBucket: "artifacts",
      servingRoleArn: "role",
      target: mock("target"),
    })({ promotionId: id });
    expect((await refused(work)).code).toBe("deployment-refused");
  });
});

describe("deploying", () => {
  function scene(
    given: {
      readonly promotion?: Promotion;
      readonly verdict?: Uint8Array;
      readonly state?: State;
      readonly ports?: Partial<DeployPorts>;
    } = {},
  ) {
    const { promotion = passed.promotion, verdict = passed.bytes, state = previous } = given;
    const promotions = new MemoryPromotions([promotion]);
    const served: unknown[] = [];
    const ports: DeployPorts = {
      now: () => now,
      calendar: () => ({ kind: "free" }),
      attestationBase,
      artifactsBucket: "artifacts",
      watchSeconds: 30,
      promotions: { load: promotions.load, move: promotions.move },
      blobs: new MemoryBlobs([verdict]),
      artifacts: { currentVersion: async () => "v1", read: async () => environment },
      verifyingKeys: async () => [attestation.key],
      verifySignature: verifyEcdsa,
      target: {
        requireStaged: async () => {},
        state: async () => state,
        serve: async (...what) => void served.push(what),
      },
      ...given.ports,
    };
    return { promotions, served, ports, run: () => deploy(ports)({ promotionId: id }) };
  }

  it("refuses in a freeze window that began after the verdict, but finishes what has begun", async () => {
    const calendar = () => ({ kind: "frozen", window: "Weekend", until: expiresAt }) as const;
    const { promotions, served, run } = scene({ ports: { calendar } });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id).reason).toBe(
      `Changes are frozen ('Weekend') until ${expiresAt}. Nothing is deployed before; submit it again.`,
    );
    expect(served).toEqual([]);
    const begun = scene();
    await begun.run();
    const again = scene({ promotion: begun.promotions.stored(id), ports: { calendar } });
    expect(await again.run()).toMatchObject({ outcome: "started" });
  });

  it("serves what was signed off, and remembers what served before", async () => {
    const { promotions, served, run } = scene();
    expect(await run()).toEqual({ outcome: "started", seconds: 30 });
    expect(served).toEqual([[id, endpoint, true]]);
    expect(promotions.stored(id)).toMatchObject({
      status: "deploying",
      deployment: {
        modelName: id,
        endpointConfigName: id,
        endpointName: endpoint,
        previousEndpointConfigName: "p-before",
        startedAt: now,
      },
    });
  });

  it("creates an endpoint that is not there yet", async () => {
    const { promotions, served, run } = scene({ state: { kind: "absent" } });
    await run();
    expect(served).toEqual([[id, endpoint, false]]);
    expect(promotions.stored(id).deployment).not.toHaveProperty("previousEndpointConfigName");
  });

  it("requires exactly the frozen image and model to be staged", async () => {
    const asked: unknown[] = [];
    const { ports } = scene();
    await deploy({ ...ports, target: { ...ports.target, requireStaged: async (...given) => void asked.push(given) } })({
      promotionId: id,
    });
    expect(asked).toEqual([[id, { image, modelUri, target: manifest.target }]]);
  });

  it.each<[string, Parameters<typeof scene>[0], RegExp]>([
    ["without a verdict", { promotion: promotionInReview({ ...closed, status: "approved" }) }, /has no verdict/],
    [
      "with a verdict for another target",
      { promotion: elsewhere.promotion, verdict: elsewhere.bytes },
      /for another target/,
    ],
    [
      "with a verdict over another candidate",
      { promotion: other.promotion, verdict: other.bytes },
      /something else than this promotion's freeze manifest/,
    ],
    [
      "with a verdict under other requirements",
      { promotion: lenient.promotion, verdict: lenient.bytes },
      /rests on other requirements/,
    ],
    [
      "with a verdict that FAILED, whatever the table says",
      { promotion: failed.promotion, verdict: failed.bytes },
      /result is not PASSED/,
    ],
    [
      "with a verdict by another key",
      { promotion: forged.promotion, verdict: forged.bytes },
      /a key that is not trusted/,
    ],
    ["an hour after its verdict", { ports: { now: () => addSeconds(now, 3600) } }, /too old/],
    [
      "what was written again after it was verified",
      { ports: { artifacts: { currentVersion: async () => "v2", read: async () => environment } } },
      /replaced or removed after it was verified/,
    ],
    [
      "what was deleted after it was verified",
      { ports: { artifacts: { currentVersion: async () => undefined, read: async () => environment } } },
      /replaced or removed after it was verified/,
    ],
    [
      "what is not what is staged",
      {
        ports: {
          target: mock<DeployPorts["target"]>("target", {
            requireStaged: async () => {
              throw new Failure("deployment-refused", "The staged model is another one.");
            },
          }),
        },
      },
      /staged model is another one/,
    ],
  ])("nothing %s", async (_, given, reason) => {
    const { promotions, served, run } = scene(given);
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: expect.stringMatching(reason) });
    expect(served).toEqual([]);
  });

  it.each(statuses.filter((status) => status !== "approved" && status !== "deploying"))(
    "nothing of a promotion that is %s, and leaves it so",
    async (status) => {
      const { promotions, served, run } = scene({ promotion: { ...passed.promotion, status } });
      expect(await run()).toEqual({ outcome: "refused" });
      expect(promotions.moves).toEqual([]);
      expect(served).toEqual([]);
    },
  );

  it("nothing over somebody else's deployment, which will pass", async () => {
    const { promotions, run } = scene({ state: { kind: "busy", configName: "p-other" } });
    expect((await refused(run())).code).toBe("unavailable");
    expect(promotions.moves).toEqual([]);
  });

  it.each(
    Array.from({ length: 11 }, (_, index) => index + 1).flatMap((call) =>
      (["before", "after"] as const).map((moment) => [moment, call] as const),
    ),
  )("comes to the same when it dies %s call %i and runs again", async (moment, call) => {
    let state: State = previous;
    const { promotions, ports } = scene();
    const target = {
      ...ports.target,
      state: async () => state,
      serve: async () => {
        state = { kind: "busy", configName: id };
      },
    };
    const living = { ...ports, target };
    const dying = deploy({ ...crashing(living, { call, moment }).ports, verifySignature: verifyEcdsa });
    await expect(dying({ promotionId: id })).rejects.toBeInstanceOf(Crashed);
    expect(await deploy(living)({ promotionId: id })).toEqual({ outcome: "started", seconds: 30 });
    expect(promotions.moves.map(({ status }) => status)).toEqual(["deploying"]);
    expect(promotions.stored(id).deployment?.previousEndpointConfigName).toBe("p-before");
    expect(state).toEqual({ kind: "busy", configName: id });
  });
});
