import { describe, expect, it } from "vitest";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { Failure } from "../../../core/failure.ts";
import { loadInForce } from "../../../core/policy/load-policies.ts";
import { type SimulatePolicyPorts, simulatePolicy } from "../../../functions/api/simulate-policy/handler.ts";
import { documents, shippedPolicy } from "../../core/gates/candidate.ts";
import { everybody } from "../../core/policy/policy-texts.ts";
import { refusedToday, takenBefore } from "../../core/policy/taken-before.ts";
import { now, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { apiRequest } from "./api-request.ts";

const policy = readPolicyFolder(new URL("../../../policies/", import.meta.url));

function handler(over: Partial<SimulatePolicyPorts> = {}) {
  return simulatePolicy({
    inForce: async () => undefined,
    now: () => now,
    policy,
    groups: policy.groups,
    evaluate: shippedPolicy.evaluate,
    directory: memoryDirectory([...everybody]),
    verifyPerson: async () => ({ ...sam, groups: ["sre"], authenticatedAt: now }),
    ...over,
  });
}

const request = { model: { name: "credit-scoring", type: "credit-scoring" }, target: "production" };
const simulations = "/v1/policy/simulations";
const post = (json: unknown, over: Partial<SimulatePolicyPorts> = {}) =>
  handler(over)(apiRequest({ route: simulations, json }));

describe("policy simulations", () => {
  it("explain a sketch of a request, with whom it waits for", async () => {
    const { json } = await post({ request, decisions: [{ person: "ines@example.com" }] });
    expect(json).toMatchObject({
      outcome: "would-wait",
      why: [
        "The gates were not judged: no evidence was given.",
        "Stage 'model and operations': Still needed: Lead data scientist, Site reliability engineer.",
      ],
      rule: { number: 2 },
    });
  });

  it("judge the evidence that comes with it", async () => {
    const evidence = Object.fromEntries(
      Object.entries(documents).map(([name, { content }]) => [
        name,
        Buffer.from(typeof content === "string" ? content : JSON.stringify(content)).toString("base64"),
      ]),
    );
    const given = Object.entries(documents).map(([name, { kind, format }]) => ({ name, kind, format }));
    const { json } = await post({ request: { ...request, evidence: given }, evidence, release: "first" });
    expect(json).toMatchObject({ outcome: "would-be-blocked", gates: { outcome: "blocked" } });
    expect(JSON.stringify(json)).toContain("AUC is 0.79; at least 0.72 is required.");
  });

  it("are refused where the body, the evidence or a person is none", async () => {
    expect((await refused(post({}))).sentence).toBe("The simulation cannot be read: request is missing.");
    expect((await refused(post({ request, more: 1 }))).code).toBe("invalid-request");
    expect(await refused(post({ request, evidence: { "a.json": "%" } }))).toEqual({
      code: "invalid-request",
      sentence: "The evidence 'a.json' is not in base64.",
    });
    expect((await refused(post({ request, evidence: { constructor: "%" } }))).sentence).toBe(
      "The evidence 'constructor' is not in base64.",
    );
    expect((await refused(post({ request, decisions: [{ person: "Nobody" }] }))).code).toBe("invalid-person");
    expect((await refused(post({ request, at: "today" }))).sentence).toContain("The simulation cannot be read: at ");
    const large = apiRequest({ route: simulations, method: "POST", body: new Uint8Array(4 * 1024 * 1024 + 1) });
    expect((await refused(handler()(large))).code).toBe("body-too-large");
  });

  it("are for people who hold a role", async () => {
    const outside = { verifyPerson: async () => ({ ...sam, groups: ["visitors"], authenticatedAt: now }) };
    expect((await refused(post({ request }, outside))).code).toBe("forbidden");
    const expired = {
      verifyPerson: async () => {
        throw new Failure("token-expired", "The sign-in has expired.");
      },
    };
    expect((await refused(post({ request }, expired))).code).toBe("token-expired");
  });
});

describe("the policies in force", () => {
  it("are told in sentences", async () => {
    const { json } = await handler()(apiRequest({ route: "/v1/policy" }));
    expect(json).toMatchObject({
      rules: [
        { number: 1 },
        {
          number: 2,
          modelType: "credit-scoring",
          sentences: [
            "It must be decided within 10 days of its submission.",
            "Nobody may approve who requested the promotion, started the CI run, trained the model, wrote the training code, owns the training data or wrote the infrastructure.",
            "An author whom nobody knows blocks it.",
            "In an emergency two people in the role 'Incident commander' may lend the missing seats for 4 hours; a model is given 2 loans each quarter at most.",
          ],
          stages: [
            {
              name: "compliance",
              requires: { text: "One person in the role 'Compliance officer'", parts: [] },
            },
            {
              name: "model and operations",
              sentences: ["One rejection ends the promotion."],
              requires: {
                text: "All of these",
                parts: [
                  { text: "One person in the role 'Lead data scientist'" },
                  { text: "One person in the role 'Site reliability engineer'" },
                ],
              },
            },
          ],
        },
        { number: 3, target: "cluster" },
        { number: 4, target: "offers" },
        { number: 5, target: "edge" },
      ],
    });
    expect(JSON.stringify(json)).toContain("Accuracy at least 0.72.");
  });

  it("say what they would be refused with if they came today", async () => {
    const told = async (over: Partial<SimulatePolicyPorts>) =>
      (await handler(over)(apiRequest({ route: "/v1/policy" }))).json;
    expect(await told({})).toMatchObject({ version: { sha256: policy.digest } });
    expect(JSON.stringify(await told({}))).not.toContain("refusedIfNew");
    const { digest: _, ...before } = loadInForce(takenBefore);
    for (const inForce of [undefined, { digest: policy.digest, documents: [], since: now, number: 2 }])
      expect(await told({ policy: { ...before, digest: policy.digest }, inForce: async () => inForce })).toMatchObject({
        version: { refusedIfNew: [expect.stringContaining(refusedToday)] },
      });
  });

  it("are at no other address", async () => {
    expect((await refused(handler()(apiRequest({ route: "/v1/policies" })))).code).toBe("not-found");
  });
});
