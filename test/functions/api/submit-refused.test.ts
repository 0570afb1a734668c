import { describe, expect, it } from "vitest";
import { cora, dana, sam, tom } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { base, machineClaims, type Scene, scene } from "./submission-scene.ts";

/** By this target's name for it no endpoint can be called. */
const { policies } = scene().ports;
const production = {
  kind: "sagemaker-endpoint",
  endpoint: `{model}-${"x".repeat(60)}`,
  instanceType: "ml.m5.large",
  instanceCount: 1,
} as const;
const calledAtLength: Scene = { ports: { policies: { ...policies, targets: { production } } } };

describe("a submission is refused and leaves nothing behind", () => {
  it.each<[string, Scene, unknown, string]>([
    [
      "of another model than the pipeline may submit",
      {},
      { ...base, model: { ...base.model, name: "other" } },
      "forbidden",
    ],
    [
      "by a pipeline that nobody listed",
      {
        ports: {
          verifyMachine: async () => ({ ...machineClaims, claims: { ...machineClaims.claims, repository_id: "2" } }),
        },
      },
      base,
      "forbidden",
    ],
    [
      "with a token that has no id",
      {
        ports: {
          verifyMachine: async () => ({ ...machineClaims, claims: { ...machineClaims.claims, jti: undefined } }),
        },
      },
      base,
      "token-invalid",
    ],
    [
      "with a token that was used for something else",
      { ports: { replays: { use: async () => "replayed" } } },
      base,
      "token-replayed",
    ],
    ["for a target that is not there", {}, { ...base, target: "moon" }, "unknown-target"],
    ["for a target that every object inherits", {}, { ...base, target: "constructor" }, "unknown-target"],
    ["where it could not be called as the target calls it", calledAtLength, base, "unknown-target"],
    ["of a model type without a rule", {}, { ...base, model: { ...base.model, type: "vision" } }, "unknown-model-type"],
    ["without evidence that the gates ask for", {}, { ...base, evidence: [] }, "missing-evidence"],
    ["that nobody could approve", { members: [cora, tom, sam] }, base, "unreachable-quorum"],
    [
      "that names somebody whom nobody knows",
      {},
      { ...base, lineage: { ...base.lineage, trainedBy: [{ address: "ghost@example.org" }] } },
      "invalid-person",
    ],
    ["that is not complete", {}, { ...base, lineage: undefined }, "invalid-request"],
    ["that leaves no room for what is recorded later", {}, { ...base, note: "x".repeat(132_000) }, "body-too-large"],
  ])("%s", async (_, given, body, code) => {
    const { started, post, promotions } = scene(given);
    expect((await refused(post(body))).code).toBe(code);
    expect(started).toEqual([]);
    expect(promotions.all()).toEqual([]);
  });

  it.each([
    ["by its type", { type: "policy" }],
    ["by its name", { name: "policy" }],
  ])("of policies, which pipelines do not propose, %s, whatever they may submit", async (_, called) => {
    const [pipeline = expect.unreachable()] = policies.machines;
    const machines = [{ ...pipeline, submits: ["credit-scoring", "policy"] }];
    const { started, post, promotions } = scene({ ports: { policies: { ...policies, machines } } });
    expect(await refused(post({ ...base, model: { ...base.model, ...called } }))).toEqual({
      code: "invalid-request",
      sentence: "Policies are proposed by people: POST /v1/policy/proposals.",
    });
    expect([started, promotions.all()]).toEqual([[], []]);
  });

  it("and says who is missing for the quorum", async () => {
    const refusal = await refused(scene({ members: [cora, tom, dana] }).post());
    expect(refusal.code).toBe("unreachable-quorum");
    expect(refusal.sentence).toContain("SRE");
  });
});
