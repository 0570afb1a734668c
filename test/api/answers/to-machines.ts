import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Respond } from "../../../functions/api/http.ts";
import { reportDrift } from "../../../functions/api/report-drift/handler.ts";
import { reportOutcome } from "../../../functions/api/report-outcome/handler.ts";
import { submit } from "../../../functions/api/submit/handler.ts";
import { withdraw } from "../../../functions/api/withdraw/handler.ts";
import { goodCandidate } from "../../core/gates/candidate.ts";
import { now, id as passportPromotion } from "../../core/promotion/promotion-in-review.ts";
import { monitor } from "../../functions/api/deployed-promotion.ts";
import { passportScene } from "../../functions/api/passport-scene.ts";
import { memoryDirectory } from "../../functions/memory-directory.ts";
import { MemoryPromotions } from "../../functions/memory-promotions.ts";
import { inReview } from "../../portal/candidate-in-review.ts";
import { assertRequestMatches } from "../answer-matches.ts";
import {
  type Asked,
  ask,
  directory,
  machineClaims,
  mira,
  policies,
  priya,
  requester,
  service,
  theo,
} from "../service-in-memory.ts";

/** That its deployment began, and nothing more. */
const outcomeOfNothing = {
  id: "p/1",
  type: "deployment-started",
  at: now,
  summary: "",
  body: {},
  attachments: [],
} as const;
const broken = async () => {
  throw new TypeError("Nobody thought of this.");
};
const down = async () => {
  throw new Failure("unavailable", "The table cannot be reached.");
};

export function answersToMachines(): void {
  describe("answers to pipelines are as openapi.yaml says", () => {
    const { manifest } = inReview(goodCandidate, now).promotion;
    const declared = <File extends { readonly name: string }>(file: File) => ({
      ...file,
      uri: `s3://exchange/incoming/7/${file.name}`,
    });
    const request = {
      model: manifest.model,
      target: "production",
      artifacts: manifest.artifacts.map(declared),
      evidence: manifest.evidence.map(declared),
      lineage: manifest.lineage,
    };
    const submitting = (over: Partial<Parameters<typeof submit>[0]> = {}) =>
      submit({
        policies,
        now: () => now,
        verifyMachine: async () => machineClaims,
        replays: { use: async () => "fresh" },
        directory,
        promotions: new MemoryPromotions(),
        start: async () => undefined,
        ...over,
      });
    const submitted = (respond: Respond, asked: Asked) => ask(respond, "POST", "/v1/promotions", asked);

    it("a submission, and the same again", async () => {
      assertRequestMatches("POST", "/v1/promotions", request);
      const respond = submitting();
      const first = await submitted(respond, { body: request });
      expect([first.status, first.json["status"]]).toEqual([202, "gating"]);
      expect(first.headers["location"]).toBe(`/v1/promotions/${String(first.json["id"])}`);
      expect((await submitted(respond, { body: request })).status).toBe(200);
    });

    it.each([
      [400, "malformed-json", submitting(), { body: "{" }],
      [400, "invalid-request", submitting(), { body: { ...request, more: 1 } }],
      [401, "unauthenticated", submitting(), { body: request, headers: { Authorization: "" } }],
      [401, "token-replayed", submitting({ replays: { use: async () => "replayed" } }), { body: request }],
      [403, "forbidden", submitting({ verifyMachine: async () => ({ ...machineClaims, claims: {} }) }), {}],
      [413, "body-too-large", submitting(), { body: " ".repeat(600_000) }],
      [415, "unsupported-media-type", submitting(), { headers: { "Content-Type": "text/plain" } }],
      [422, "unknown-target", submitting(), { body: { ...request, target: "moon" } }],
      [422, "missing-evidence", submitting(), { body: { ...request, evidence: [] } }],
      [422, "unreachable-quorum", submitting({ directory: memoryDirectory([theo, mira, priya]) }), { body: request }],
      [500, "internal", submitting({ start: broken }), { body: request }],
      [503, "unavailable", submitting({ start: down }), { body: request }],
    ] as const)("%i %s", async (status, code, respond, asked) => {
      const answer = await submitted(respond, asked);
      expect([answer.status, answer.json["code"]]).toEqual([status, code]);
      expect(answer.type).toBe("application/problem+json");
    });

    it("a withdrawal, for the pipeline that asked and until it is decided", async () => {
      const route = "/v1/promotions/{id}/withdrawal";
      const { promotions, parameters } = service();
      const ports = {
        now: () => now,
        claimsMachine: () => true,
        verifyMachine: async () => requester,
        verifyPerson: async () => expect.unreachable(),
        people: [],
        groups: [],
        directory: { everybody: async () => expect.unreachable() },
        promotions,
      };
      const other = { ...ports, verifyMachine: async () => ({ ...requester, subject: "another" }) };
      expect((await ask(withdraw(other), "POST", route, { parameters })).json["code"]).toBe("not-found");
      expect((await ask(withdraw(ports), "POST", route, { parameters })).json["status"]).toBe("withdrawn");
      expect((await ask(withdraw(ports), "POST", route, { parameters })).status).toBe(200);
      const ended = service({ status: "rejected" });
      const late = await ask(withdraw({ ...ports, promotions: ended.promotions }), "POST", route, {
        parameters: ended.parameters,
      });
      expect(late.json["code"]).toBe("already-decided");
    });
  });

  describe("answers to monitors are as openapi.yaml says", () => {
    it("drift, and the same again", async () => {
      const route = "/v1/models/{name}/drift";
      const parameters = { name: "credit-scoring" };
      const bytes = utf8("{}");
      const { promotions, blobs } = service({ status: "deployed", frozen: [] });
      const respond = reportDrift({
        now: () => now,
        policy: policies,
        verifyMachine: async () => monitor(),
        directory: memoryDirectory([theo, mira, priya]),
        promotions,
        files: { readSource: async () => bytes },
        blobs,
        start: async () => undefined,
      });
      const body = {
        id: "1",
        target: "production",
        window: { from: addSeconds(now, -60), until: now },
        source: "monitor",
        metrics: [{ name: "psi", value: 0.3, max: 0.2 }],
        report: {
          name: "drift.json",
          mediaType: "application/json",
          size: bytes.length,
          sha256: sha256Hex(bytes),
          uri: "s3://exchange/incoming/drift.json",
        },
      };
      assertRequestMatches("POST", route, body);
      expect((await ask(respond, "POST", route, { parameters, body })).status).toBe(202);
      expect((await ask(respond, "POST", route, { parameters, body })).status).toBe(200);
      const nowhere = { parameters, body: { ...body, target: "staging" } };
      expect((await ask(respond, "POST", route, nowhere)).json["code"]).toBe("not-found");
    });

    it("an outcome, the same again, and one of a candidate that never ran", async () => {
      const route = "/v1/promotions/{id}/outcomes";
      const given = service().promotion;
      const history = [...given.history, { ...outcomeOfNothing, promotion: given.id }];
      const outcome = (over: Parameters<typeof service>[0]) => {
        const { promotions, blobs, parameters } = service(over);
        const respond = reportOutcome({
          now: () => now,
          groups: policies.groups,
          claimsMachine: () => true,
          verifyMachine: async () => monitor(),
          verifyPerson: broken,
          promotions,
          files: { readSource: broken },
          blobs,
        });
        return (body: unknown) => ask(respond, "POST", route, { parameters, body });
      };
      const body = {
        id: "1",
        kind: "metric",
        window: { from: addSeconds(now, -60), until: now },
        source: "monitor",
        description: "",
        metric: { name: "auc", value: 0.7, min: 0.75 },
      };
      assertRequestMatches("POST", route, body);
      const post = outcome({ status: "deployed", history });
      expect((await post(body)).status).toBe(201);
      expect((await post(body)).status).toBe(200);
      expect((await post({ ...body, source: "another" })).json["code"]).toBe("conflict");
      expect((await post({ ...body, kind: "rumour" })).json["code"]).toBe("invalid-request");
      expect((await outcome({})(body)).json["code"]).toBe("conflict");
    });
  });

  describe("answers about passports are as openapi.yaml says", () => {
    it("a passport, its redemption, what came of it, and how anybody verifies one", async () => {
      const image = "registry.example/scorer";
      const model = { uri: "s3://artifacts/frozen/m", versionId: "v1", sha256: "0".repeat(64) as Sha256 };
      const release = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } } as const;
      const deployment = { startedAt: now, serves: { image, model }, release };
      const { functions, verdict: held } = await passportScene({ promotion: { deployment } });
      const { issue, redeem, report, check } = functions;
      const parameters = { id: passportPromotion };
      const asked = { audience: "vault" };
      assertRequestMatches("POST", "/v1/promotions/{id}/passport", asked);
      const given = await ask(issue, "POST", "/v1/promotions/{id}/passport", { parameters, body: asked });
      expect(given.status).toBe(201);
      const again = await ask(issue, "POST", "/v1/promotions/{id}/passport", { parameters, body: asked });
      expect(again.json["code"]).toBe("conflict");
      const token = String(given.json["passport"]);
      expect(
        (await ask(redeem, "POST", "/v1/passports/redemption", { headers: { Authorization: `Bearer ${token}` } }))
          .status,
      ).toBe(200);
      expect(
        (await ask(redeem, "POST", "/v1/passports/redemption", { headers: { Authorization: `Bearer ${token}` } })).json[
          "code"
        ],
      ).toBe("token-replayed");
      expect((await ask(redeem, "GET", "/v1/passports/jwks.json")).status).toBe(200);
      expect((await ask(redeem, "GET", "/v1/passports/.well-known/openid-configuration")).status).toBe(200);
      const query = { target: "edge", image, model: model.sha256 };
      const whether = (verdict: string) =>
        ask(check, "GET", "/v1/promotions/{id}/verdict", { parameters, query: { ...query, verdict } });
      expect((await whether(held)).status).toBe(200);
      expect((await whether("1".repeat(64))).json["code"]).toBe("deployment-refused");
      const body = { outcome: "deployed", detail: "It runs." };
      assertRequestMatches("POST", "/v1/promotions/{id}/deployment", body);
      expect((await ask(report, "POST", "/v1/promotions/{id}/deployment", { parameters, body })).status).toBe(201);
      expect((await ask(report, "POST", "/v1/promotions/{id}/deployment", { parameters, body })).status).toBe(200);
    });
  });
}
