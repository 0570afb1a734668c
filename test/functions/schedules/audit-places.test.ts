import { describe, expect, it } from "vitest";
import type { DeploymentTarget, Running } from "../../../core/deployment/deployment-target.ts";
import { Failure } from "../../../core/failure.ts";
import type { ComponentTarget } from "../../../core/promotion/target.ts";
import { manifest, policiesWithoutRule } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { mock } from "../mock.ts";
import { approved, intruder, machines, own, rule, scene, shared, sharing, strict, targets } from "./audit-scene.ts";

/** What is asked what runs there, in its order. */
function asking(answer: (endpoint: string) => Running | Promise<Running>, neighbours: readonly string[] = []) {
  const asked: string[] = [];
  const target = Object.assign(new MemoryTarget(), {
    progress: { kind: "serving", why: "It serves." },
    neighbours: async () => neighbours,
    describeRunning: async ({ endpoint }: { readonly endpoint: string }) => {
      asked.push(endpoint);
      return answer(endpoint);
    },
  });
  return { asked, target };
}

describe("a place", () => {
  it("is looked at once, whoever else has its name, and where a pipeline deploys nobody looks", async () => {
    const { asked, target } = asking(() => own);
    const pipeline = { kind: "pipeline", endpoint: "edge/{model}", audiences: ["vault"], withinSeconds: 60 } as const;
    const policies = {
      ...strict,
      matrix: { ...strict.matrix, rules: [...strict.matrix.rules, { ...rule, target: "edge" }] },
      machines,
      targets: { ...targets, edge: pipeline },
    };
    const { audit, told } = scene([approved.promotion], own, {
      policies,
      targets: { ...everyKind<DeploymentTarget>(target), pipeline: mock("pipeline") },
      endpoints: async () => ["credit-scoring"],
    });
    await audit();
    expect([asked, told("intruder-found")]).toEqual([["credit-scoring"], []]);
  });

  it.each([
    ["info", new Failure("unavailable", "Throttled.")],
    ["error", new Error("AccessDenied")],
  ])("that does not say what runs is written down: %s", async (level, error) => {
    const lines: unknown[] = [];
    const { target } = asking(() => Promise.reject(error));
    const { audit } = scene([approved.promotion], own, {
      log: (...line) => void lines.push(line),
      targets: everyKind(target),
    });
    expect((await refused(audit())).sentence).toBe("1 places did not say what runs there; the others were looked at.");
    expect(lines).toEqual([[level, "place not read", expect.objectContaining({ target: "production" })]]);
  });
});

it.each(policiesWithoutRule.slice(0, 1))(
  "what is found is only told of under policies without a rule: %s",
  async (_, policy) => {
    const { audit, told } = scene(undefined, intruder, { policies: { ...policy, machines, targets } });
    await audit();
    expect(told("intruder-found").map(({ body }) => body["action"])).toEqual(["report"]);
  },
);

describe("an inference component", () => {
  const component = (endpoint: string): ComponentTarget => ({ ...shared, name: "shared", endpoint });

  it.each([
    ["of a model that nobody may submit any more is held against its own approvals", component("fraud"), []],
    ["that was approved under another name is found", component("other"), ["unapproved"]],
    ["that was approved as an endpoint is found", { ...manifest.target, endpoint: "fraud" }, ["unapproved"]],
  ])("%s, and one of which a target speaks is looked at once", async (_, target, kinds) => {
    const candidate = { target, model: { ...manifest.model, name: "fraud" } };
    const { promotion, bytes } = await approvedPromotion("2.0.0", { candidate });
    const runs = { revision: promotion.id, promotion: promotion.id };
    const { asked, target: components } = asking(
      (endpoint) => (endpoint === "fraud" ? runs : {}),
      ["credit-scoring", "fraud"],
    );
    const { audit, told } = scene(
      [promotion],
      {},
      {
        policies: sharing,
        targets: everyKind(components),
        blobs: new MemoryBlobs([bytes]),
      },
    );
    await audit();
    expect(told("intruder-found").map(({ body }) => body["kind"])).toEqual(kinds);
    expect(asked.filter((endpoint) => endpoint === "credit-scoring")).toHaveLength(1);
  });
});
