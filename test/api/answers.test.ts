import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { channelKinds } from "../../cli/policy/channel-kinds.ts";
import { loanPeriodOf } from "../../core/approval/loan.ts";
import { failedExport, finishedExport, startedExport } from "../../core/archive/export/export-job.ts";
import { delegationIdOf } from "../../core/attestation/delegation-statement.ts";
import { signEnvelope } from "../../core/attestation/dsse.ts";
import { envelopeDigest } from "../../core/attestation/recorded-sign-off.ts";
import { reviewLink } from "../../core/attestation/review-link.ts";
import { statementBytes } from "../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../core/attestation/verdict.ts";
import { base64 } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { signCheckpoint } from "../../core/ledger/checkpoint.ts";
import type { Member } from "../../core/promotion/identity.ts";
import { withLoanRefused } from "../../core/promotion/lending.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import { answerSlack } from "../../functions/api/answer-slack/handler.ts";
import { describeService } from "../../functions/api/describe-service/handler.ts";
import { followLink } from "../../functions/api/follow-link/handler.ts";
import type { Respond } from "../../functions/api/http.ts";
import { proposePolicy } from "../../functions/api/propose-policy/handler.ts";
import { readCheckpoint } from "../../functions/api/read-checkpoint/handler.ts";
import { readLearning } from "../../functions/api/read-learning/handler.ts";
import { readPasskeys } from "../../functions/api/read-passkeys/handler.ts";
import { reportDrift } from "../../functions/api/report-drift/handler.ts";
import { reportOutcome } from "../../functions/api/report-outcome/handler.ts";
import { simulatePolicy } from "../../functions/api/simulate-policy/handler.ts";
import { submit } from "../../functions/api/submit/handler.ts";
import { withdraw } from "../../functions/api/withdraw/handler.ts";
import { attestation, attestationKey } from "../core/attestation/signing-keys.ts";
import { goodCandidate, shippedPolicy } from "../core/gates/candidate.ts";
import { approvedFacts, ofPromotion } from "../core/learning/told-facts.ts";
import { testSigner } from "../core/ledger/ed25519.ts";
import { attestationBase, issuer, now, id as passportPromotion, sam } from "../core/promotion/promotion-in-review.ts";
import {
  routes as absenceRoutes,
  delegationRequest,
  delegationScene,
  given,
} from "../functions/api/delegation-requests.ts";
import { monitor } from "../functions/api/deployed-promotion.ts";
import { device, guest, passkeyRequest, passkeyScene, routes } from "../functions/api/passkey-requests.ts";
import { passportScene } from "../functions/api/passport-scene.ts";
import { redriveScene } from "../functions/api/undelivered-queue.ts";
import { memoryDirectory } from "../functions/memory-directory.ts";
import { MemoryPromotions } from "../functions/memory-promotions.ts";
import { MemoryTurnBooks } from "../functions/memory-turn-books.ts";
import { inReview } from "../portal/candidate-in-review.ts";
import { assertRequestMatches, openApi } from "./answer-matches.ts";
import {
  type Asked,
  ask,
  directory,
  ines,
  kofi,
  machineClaims,
  mira,
  noor,
  noorAgain,
  person,
  policies,
  priya,
  requester,
  seen,
  service,
  statementOf,
  theo,
} from "./service-in-memory.ts";

/** That its deployment began, and nothing more. */
const outcomeOfNothing = {
  id: "p/1",
  type: "deployment-started",
  at: now,
  summary: "",
  body: {},
  attachments: [],
} as const;
const expired = new Failure("token-expired", "The sign-in has expired.");
const broken = async () => {
  throw new TypeError("Nobody thought of this.");
};
const down = async () => {
  throw new Failure("unavailable", "The table cannot be reached.");
};

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
      (await ask(redeem, "POST", "/v1/passports/redemption", { headers: { Authorization: `Bearer ${token}` } })).status,
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

describe("answers to readers are as openapi.yaml says", () => {
  it("the list", async () => {
    const { read } = service();
    const { json } = await ask(read(), "GET", "/v1/promotions", {
      query: { model: "credit-scoring", limit: "5", standing: "true" },
    });
    expect(json["next"]).toBe("cursor");
    expect(json["promotions"]).toHaveLength(1);
    const refused = await ask(read(), "GET", "/v1/promotions", { query: { limit: "many" } });
    expect(refused.json["code"]).toBe("invalid-request");
  });

  it("a question and its answer, for both who ask and who read", async () => {
    const { questions, read, parameters } = service();
    const route = "/v1/promotions/{id}/questions";
    const body = { id: "1", text: "Why?" };
    const asked = await ask(questions(ines), "POST", route, { parameters, body });
    expect(asked.status).toBe(201);
    expect((await ask(questions(ines), "POST", route, { parameters, body })).status).toBe(200);
    const other = { ...body, text: "What?" };
    expect((await ask(questions(ines), "POST", route, { parameters, body: other })).json["code"]).toBe("conflict");
    expect((await ask(questions("pipeline"), "POST", route, { parameters, body })).json["code"]).toBe("forbidden");
    const answering = `${route}/{question}/answer`;
    const to = { parameters: { ...parameters, question: String(asked.json["question"]) }, body: { text: "Because." } };
    expect((await ask(questions(ines), "POST", answering, to)).json["code"]).toBe("forbidden");
    expect((await ask(questions("pipeline"), "POST", answering, to)).status).toBe(201);
    expect((await ask(questions("pipeline"), "POST", answering, to)).status).toBe(200);
    const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
    expect(json["questions"]).toMatchObject([
      { by: "Ines", text: "Why?", answer: { by: "The pipeline", text: "Because." } },
    ]);
    const list = async (who: Parameters<typeof questions>[0], asking = {}) =>
      ask(questions(who), "GET", route, { parameters, ...asking });
    expect((await list("pipeline")).json).toMatchObject({ questions: json["questions"], mayAnswer: true });
    expect((await list(ines)).json["questions"]).toEqual(json["questions"]);
    const none = { parameters: { id: promotionId("0".repeat(64) as Sha256, 1) } };
    expect((await list(ines, none)).json["code"]).toBe("not-found");
    expect((await list({ ...ines, groups: [] }, none)).json["code"]).toBe("forbidden");
    expect((await list(ines, { headers: { Authorization: "" } })).json["code"]).toBe("unauthenticated");
  });

  it("an evidence document", async () => {
    const { read, parameters, promotion } = service();
    const [document] = promotion.manifest.evidence;
    const asked = { parameters: { ...parameters, sha256: document?.sha256 ?? "" } };
    const route = "/v1/promotions/{id}/evidence/{sha256}";
    expect((await ask(read(), "GET", route, asked)).json["name"]).toBe(document?.name);
    const wrong = { ...asked, query: { offset: "-1" } };
    expect((await ask(read(), "GET", route, wrong)).json["code"]).toBe("invalid-request");
  });

  it("a promotion in review, with its report, its summary and its explanation", async () => {
    const { read, parameters } = service();
    const { json } = await ask(read("pipeline"), "GET", "/v1/promotions/{id}", { parameters });
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining(["gates", "summary", "signOffContext", "explanation", "timeline"]),
    );
    const asked = { parameters, query: { entries: "true" } };
    const { json: indexed } = await ask(read(), "GET", "/v1/promotions/{id}", asked);
    expect((indexed["timeline"] as readonly object[])[0]).toHaveProperty("entry");
  });

  it("what a model teaches, with how decisions were taken and without", async () => {
    const { promotions, promotion, blobs } = service({ status: "deployed" });
    const facts = Array.from({ length: 6 }, (_, at) => ofPromotion(approvedFacts(), at + 1));
    const given = facts.map(
      (history, at): Promotion => ({ ...promotion, id: promotionId(promotion.freezeDigest, at + 1), history }),
    );
    for (const each of given) promotions.put(each);
    const ports = {
      now: () => now,
      groups: policies.groups,
      verifyPerson: async () => ({ ...ines, authenticatedAt: now }),
      promotions,
      blobs,
    };
    const query = { model: "credit-scoring", target: "production" };
    const learning = { seenBy: ["compliance-officer"], fewestDecisions: 5 };
    const seeing = readLearning({ ...ports, matrix: { ...policies.matrix, learning } });
    expect((await ask(seeing, "GET", "/v1/learning", { query })).json["people"]).toHaveLength(1);
    const other = readLearning({ ...ports, matrix: policies.matrix });
    expect((await ask(other, "GET", "/v1/learning", { query })).json).not.toHaveProperty("people");
    expect((await ask(other, "GET", "/v1/learning")).json["code"]).toBe("invalid-request");
  });

  it("a proposal of other policies, and the same once more", async () => {
    const promotions = new MemoryPromotions();
    const respond = proposePolicy({
      now: () => now,
      policy: policies,
      inForce: async () => ({ digest: policies.digest, documents: [], since: now, number: 1 }),
      builtinsIn: () => [],
      channelKinds,
      tryGates: () => shippedPolicy.evaluate,
      directory,
      verifyPerson: async () => ({ ...mira, authenticatedAt: now }),
      promotions: {
        load: promotions.load,
        create: promotions.create,
        list: async () => ({ promotions: [] }),
      },
      files: { leave: async (folder) => ({ uri: `s3://exchange/incoming/${folder}` }) },
      start: async () => {},
    });
    const { texts, wasm } = policies.bundle;
    const files = {
      ...texts,
      "thresholds.yaml": texts["thresholds.yaml"].replace("auc: { min: 0.65 }", "auc: { min: 0.7 }"),
      "compiled/gates.wasm": base64(wasm),
    };
    const body = { title: "a higher bar", files };
    const first = await ask(respond, "POST", "/v1/policy/proposals", { body });
    expect(first).toMatchObject({ status: 202, json: { status: "gating", former: policies.digest, effects: [] } });
    expect(first.json["changes"]).toContain("New: recommendation in production: AUC at least 0.7.");
    const second = await ask(respond, "POST", "/v1/policy/proposals", { body });
    expect(second).toMatchObject({ status: 200, json: { id: first.json["id"] } });
    const same = { ...body, files: { ...files, "thresholds.yaml": texts["thresholds.yaml"] } };
    expect((await ask(respond, "POST", "/v1/policy/proposals", { body: same })).json["code"]).toBe("conflict");
  });

  it("the policies in sentences, and what would become of a request", async () => {
    const respond = simulatePolicy({
      now: () => now,
      inForce: async () => ({
        digest: policies.digest,
        documents: [],
        since: now,
        number: 2,
        signedBy: ["Ines Okafor"],
      }),
      policy: policies,
      groups: policies.groups,
      evaluate: shippedPolicy.evaluate,
      directory,
      verifyPerson: async () => ({ ...ines, authenticatedAt: now }),
    });
    expect((await ask(respond, "GET", "/v1/policy")).json["rules"]).toHaveLength(policies.matrix.rules.length);
    const [name, { kind, format }] = [
      "bias.json",
      goodCandidate.documents["bias.json"] ?? { kind: "bias", format: "plain" },
    ];
    const sketch = {
      model: { name: "credit-scoring", type: "credit-scoring" },
      target: "production",
      evidence: [{ name, kind, format }],
      lineage: { trainedBy: [{ address: theo.address }] },
    };
    const body = { request: sketch, decisions: [{ person: ines.address }], evidence: { [name]: "e30=" } };
    const route = "/v1/policy/simulations";
    assertRequestMatches("POST", route, body);
    const { json } = await ask(respond, "POST", route, { body });
    expect(json).toMatchObject({ outcome: "would-be-blocked", excluded: [{ name: "Theo" }] });
    expect((await ask(respond, "POST", route, { body: { request: { ...sketch, target: "moon" } } })).status).toBe(200);
    const nobody = { request: sketch, decisions: [{ person: "nobody" }] };
    expect((await ask(respond, "POST", route, { body: nobody })).json["code"]).toBe("invalid-person");
  });

  it("a promotion that has ended", async () => {
    const { stage: _, ...given } = service().promotion;
    const at = addSeconds(now, 60);
    const verdict = { sha256: given.freezeDigest, result: "FAILED", at } as const;
    const { read, parameters } = service({ ...given, status: "blocked", reason: "It failed.", verdict });
    const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
    expect(json["reason"]).toBe("It failed.");
  });

  it.each(["/v1/promotions", "/v1/promotions/{id}", "/v1/promotions/{id}/attestations"])(
    "refusals of %s",
    async (route) => {
      const { read, parameters } = service();
      const stranger = person("Stranger", "stranger@example.com");
      const outside = async (respond: Respond) => (await ask(respond, "GET", route, { parameters })).json["code"];
      expect(await outside(read(expired))).toBe("token-expired");
      expect(await outside(read(stranger))).toBe("forbidden");
      expect(await outside(read(new Failure("unavailable", "The keys cannot be fetched.")))).toBe("unavailable");
      if (route === "/v1/promotions") return;
      const missing = await ask(read(), "GET", route, { parameters: { id: "p-0" } });
      expect(missing.json["code"]).toBe("not-found");
    },
  );

  it("the attestations: a sign-off and the verdict", async () => {
    const { promotion, promotions, blobs, read, sign, statement, parameters } = service();
    const body = statementOf(statement(ines, ["compliance-officer"]));
    await ask(sign(ines), "POST", "/v1/promotions/{id}/sign-offs", { parameters, body });
    const route = "/v1/promotions/{id}/attestations";
    expect((await ask(read(), "GET", route, { parameters })).json["signOffs"]).toHaveLength(1);

    const [recorded] = promotions.recordedSignOffs();
    if (recorded === undefined) throw new Error("Nothing was recorded.");
    const verdict = verdictOf({
      attestationBase,
      freezeDigest: promotion.freezeDigest,
      target: promotion.manifest.target,
      requirements: promotion.requirements.sha256,
      signOffs: [{ id: recorded.signOff.id, envelope: envelopeDigest(recorded.envelope), passkey: false }],
      result: "PASSED",
      at: now,
    });
    const envelope = await signEnvelope(statementBytes(verdict), attestation.key.keyid, attestation.sign);
    const sha256 = await blobs.put(canonicalJsonBytes(envelope));
    promotions.put({ ...promotion, verdict: { sha256, result: "PASSED", at: now } });
    expect((await ask(read(), "GET", route, { parameters })).json).toHaveProperty("verdict.bundle");
  });
});

describe("answers to auditors are as openapi.yaml says", () => {
  const route = "/v1/audit/exports";
  const one = `${route}/{id}`;
  const { jobs, exportFor, parameters: promotion } = service();

  it("an export on its way, from the request to the pack, for whoever asked", async () => {
    const own = { promotion: promotion.id, withoutPersonalData: true };
    assertRequestMatches("POST", route, own);
    const asked = await ask(exportFor("pipeline"), "POST", route, { body: own });
    expect([asked.status, asked.headers["location"]]).toEqual([202, `${route}/${asked.json["id"]}`]);
    const parameters = { id: String(asked.json["id"]) };
    const look = async () => (await ask(exportFor("pipeline"), "GET", one, { parameters })).json["status"];
    const job = jobs.all()[0];
    const running = job === undefined ? undefined : startedExport(job, now);
    if (job === undefined || running === undefined) throw new Error("Nothing was asked for.");
    jobs.put(running);
    expect(await look()).toBe("running");
    jobs.put(failedExport(running, "There is nothing.", now));
    expect(await look()).toBe("failed");
    const ledger = { origin: "countersign.example/ledger", entries: 1, rootHash: `${"A".repeat(43)}=` };
    jobs.put(finishedExport(running, { file: "audit.zip", bytes: 1, sha256: sha256Hex(utf8("a pack")), ledger }, now));
    expect(await look()).toBe("done");
    expect((await ask(exportFor(ines), "GET", one, { parameters })).json["code"]).toBe("not-found");
  });

  it("what is asked for wrongly, by the wrong one, or is not there", async () => {
    const code = async (respond: Respond, asked: Asked) => (await ask(respond, "POST", route, asked)).json["code"];
    const both = { promotion: promotion.id, model: "credit-scoring" };
    expect(() => assertRequestMatches("POST", route, both)).toThrow();
    expect(await code(exportFor(ines), { body: both })).toBe("invalid-request");
    expect(await code(exportFor("pipeline"), { body: {} })).toBe("forbidden");
    expect(await code(exportFor(expired), { body: {} })).toBe("token-expired");
    expect(await code(exportFor(ines), { body: " ".repeat(5000) })).toBe("body-too-large");
    expect(await code(exportFor(ines), { headers: { "Content-Type": "text/csv" } })).toBe("unsupported-media-type");
    const another = { promotion: "p-00000000000000000000000000000000-1" };
    expect(await code(exportFor(ines), { body: another })).toBe("not-found");
    expect((await ask(exportFor(expired), "GET", one, { parameters: { id: "x" } })).json["code"]).toBe("token-expired");
    const nobody = new Failure("forbidden", "You hold no role.");
    expect((await ask(exportFor(nobody), "GET", one, { parameters: { id: "x" } })).json["code"]).toBe("forbidden");
  });
});

describe("answers to lenders are as openapi.yaml says", () => {
  const route = "/v1/promotions/{id}/loan";
  const terms = { seconds: 3600, incident: "https://incidents.example/417" };

  it("of one person, ten requests in a review and no more, by whatever account; and they may confirm another's, once", async () => {
    const { lend, loan, parameters } = service();
    const again = (at: number, who = noor, confirms?: { readonly sha256: Sha256 }) =>
      ask(lend(who), "POST", route, {
        parameters,
        body: loan(who, {
          terms,
          salt: String(at).padEnd(22, "A"),
          ...(confirms === undefined ? {} : { confirms }),
        }),
      });
    for (let at = 0; at < 10; at += 1) expect((await again(at)).status).toBe(201);
    const refused = {
      status: 409,
      json: {
        code: "conflict",
        detail:
          "You have signed 10 requests for a loan in this review; no more of yours are taken. You may still confirm another's.",
      },
    };
    expect(await again(10)).toMatchObject(refused);
    expect(await again(11, noorAgain)).toMatchObject(refused);
    expect((await again(9)).status).toBe(200);
    const another = await again(10, kofi);
    expect(another.status).toBe(201);
    const confirms = { sha256: another.json["id"] as Sha256 };
    expect((await again(12, noor, confirms)).status).toBe(201);
    expect((await again(13, noorAgain, confirms)).json).toMatchObject({
      code: "conflict",
      detail: "You have confirmed this request already.",
    });
  });

  it("a request for a loan, the same again, and its confirmation", async () => {
    const { lend, read, loan, parameters } = service();
    const body = loan(noor, { terms });
    assertRequestMatches("POST", route, body);
    const asked = await ask(lend(noor), "POST", route, { parameters, body });
    expect(asked.status).toBe(201);
    expect((await ask(lend(noor), "POST", route, { parameters, body })).status).toBe(200);
    const second = loan(noor, { terms, salt: "BBBBBBBBBBBBBBBBBBBBBA" });
    const atOnce = [1, 2].map(() => ask(lend(noor), "POST", route, { parameters, body: second }));
    expect((await Promise.all(atOnce)).map(({ status }) => status).toSorted()).toEqual([200, 201]);
    const confirms = { sha256: asked.json["id"] as Sha256 };
    expect((await ask(lend(kofi), "POST", route, { parameters, body: loan(kofi, { terms, confirms }) })).status).toBe(
      201,
    );
    const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
    expect(json["loan"]).toMatchObject({
      requests: [
        { lender: noor.name, seconds: 3600, incident: terms.incident },
        { lender: noor.name, seconds: 3600, incident: terms.incident },
        { lender: kofi.name, confirms: confirms.sha256 },
      ],
    });
    const attestations = await ask(read(), "GET", "/v1/promotions/{id}/attestations", { parameters });
    expect(attestations.json["loans"]).toHaveLength(3);
  });

  it("a confirmation of what was asked for in an earlier review is refused, not taken and forgotten", async () => {
    const earlier = service();
    const asked = await ask(earlier.lend(noor), "POST", route, {
      parameters: earlier.parameters,
      body: earlier.loan(noor, { terms }),
    });
    const { lend, loan, read, promotions, parameters } = service({ review: 2 });
    const [recorded = expect.unreachable()] = await earlier.promotions.loans(earlier.promotion.id);
    await promotions.recordLoan(recorded);
    const body = loan(kofi, { terms, confirms: { sha256: asked.json["id"] as Sha256 } });
    expect(await ask(lend(kofi), "POST", route, { parameters, body })).toMatchObject({
      status: 409,
      json: { code: "loan-refused", detail: "The request for a loan is of an earlier review: ask again." },
    });
    const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
    expect(json["loan"]).toMatchObject({ requests: [{ lender: noor.name, review: 1 }] });
  });

  it("tells whoever may lend why nothing is lent at the moment, and nobody else", async () => {
    const { lend, loan, read, loanBooks, promotion, parameters } = service();
    const told = async (who: Member) =>
      (await ask(read(who), "GET", "/v1/promotions/{id}", { parameters })).json["nothingLent"];
    expect(await told(noor)).toBeUndefined();
    const loans = ["a", "b"].map((digit) => digit.repeat(64) as Sha256);
    await loanBooks.move(promotion.manifest.model.name, loanPeriodOf("quarter", now), { revision: 1, loans });
    const why = "The budget of 'credit-scoring' is used up: 2 loans each quarter.";
    expect(await told(noor)).toBe(why);
    expect(await told(ines)).toBeUndefined();
    expect((await ask(lend(noor), "POST", route, { parameters, body: loan(noor, { terms }) })).json).toMatchObject({
      code: "loan-refused",
      detail: why,
    });
  });

  it("says of a confirmation why nothing was lent by it", async () => {
    const { lend, loan, read, promotion, promotions, parameters } = service();
    const asked = await ask(lend(noor), "POST", route, { parameters, body: loan(noor, { terms }) });
    const confirms = { sha256: asked.json["id"] as Sha256 };
    await ask(lend(kofi), "POST", route, { parameters, body: loan(kofi, { terms, confirms }) });
    const loans = await promotions.loans(promotion.id);
    const second = loans.find(({ signature }) => signature.confirms !== undefined) ?? expect.unreachable();
    const refused = withLoanRefused(promotion, second.signature, "The budget is used up.", now);
    await promotions.move(refused ?? expect.unreachable());
    const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
    expect(json["loan"]).toMatchObject({
      requests: [{ lender: noor.name }, { lender: kofi.name, refused: "The budget is used up." }],
    });
  });

  it("refusals", async () => {
    const { lend, loan, parameters } = service();
    const code = async (who: Member, body: unknown) =>
      (await ask(lend(who), "POST", route, { parameters, body })).json["code"];
    expect(await code(noor, loan(noor, { terms: { ...terms, seconds: 14_401 } }))).toBe("loan-refused");
    expect(await code(ines, loan(ines, { terms }))).toBe("not-entitled");
    expect(await code(kofi, loan(noor, { terms }))).toBe("statement-mismatch");
    expect(await code(noor, loan(noor, { terms: { ...terms, incident: "javascript:alert(1)" } }))).toBe(
      "invalid-request",
    );
    expect(await code(noor, { ...loan(noor, { terms }), more: 1 })).toBe("invalid-request");
    expect(await code(noor, "{")).toBe("malformed-json");
  });
});

describe("answers to reviewers are as openapi.yaml says", () => {
  const route = "/v1/promotions/{id}/sign-offs";

  it("a sign-off, and the same statement again", async () => {
    const { sign, statement, parameters } = service();
    const body = statementOf(statement(ines, ["compliance-officer"]));
    assertRequestMatches("POST", route, body);
    expect((await ask(sign(ines), "POST", route, { parameters, body })).status).toBe(201);
    expect((await ask(sign(ines), "POST", route, { parameters, body })).status).toBe(200);
  });

  it.each([
    [400, "invalid-request", { statement: {} }],
    [413, "body-too-large", " ".repeat(70_000)],
  ] as const)("%i %s", async (status, code, body) => {
    const { sign, parameters } = service();
    const answer = await ask(sign(ines), "POST", route, { parameters, body });
    expect([answer.status, answer.json["code"]]).toEqual([status, code]);
  });

  it("another type of body, and another promotion", async () => {
    const { sign, parameters } = service();
    const typed = await ask(sign(ines), "POST", route, { parameters, headers: { "Content-Type": "text/plain" } });
    expect(typed.json["code"]).toBe("unsupported-media-type");
    expect((await ask(sign(ines), "POST", route, { parameters: { id: "p-0" } })).json["code"]).toBe("not-found");
  });

  it("a token that is another decision's, a person without the role, a rejection without a reason", async () => {
    const { sign, statement, parameters } = service();
    const body = statementOf(statement(ines, ["compliance-officer"]));
    const mismatch = new Failure("nonce-mismatch", "The sign-in was made for another decision.");
    expect((await ask(sign(ines, mismatch), "POST", route, { parameters, body })).json["code"]).toBe("nonce-mismatch");
    const trainer = await ask(sign(theo), "POST", route, {
      parameters,
      body: statementOf(statement(theo, ["lead-data-scientist"])),
    });
    expect([trainer.status, trainer.json["code"]]).toEqual([403, "not-entitled"]);
    const silent = await ask(sign(ines), "POST", route, {
      parameters,
      body: statementOf(statement(ines, ["compliance-officer"], { result: "reject" })),
    });
    expect([silent.status, silent.json["code"]]).toEqual([422, "reason-required"]);
  });

  it("a decision that was taken already, and a service that is down", async () => {
    const ended = service({ status: "rejected" });
    const body = statementOf(ended.statement(ines, ["compliance-officer"]));
    const { parameters } = ended;
    expect((await ask(ended.sign(ines), "POST", route, { parameters, body })).json["code"]).toBe("already-decided");
    const { sign, statement } = service();
    const open = statementOf(statement(ines, ["compliance-officer"]));
    const unavailable = new Failure("unavailable", "The keys cannot be fetched.");
    expect((await ask(sign(ines, unavailable), "POST", route, { parameters, body: open })).status).toBe(503);
  });
});

describe("answers to anybody are as openapi.yaml says", () => {
  const key = "a key of the test";
  const mac = (message: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(message).digest());
  const { promotion, promotions } = service();
  const target = { promotion: promotion.id, stage: 0, reviewer: "A".repeat(43) };
  const follow = followLink({
    now: () => now,
    portalUrl: "https://portal.example",
    verifyMac: async (message, given) => Buffer.compare(mac(message), given) === 0,
    promotions,
  });
  const linkUntil = (seconds: number) => reviewLink(target, addSeconds(now, seconds), async (text) => mac(text));

  it("a review link, by GET and by HEAD", async () => {
    const parameters = { link: await linkUntil(3600) };
    const { status, headers } = await ask(follow, "GET", "/r/{link}", { parameters });
    expect([status, headers["location"]]).toEqual([303, `https://portal.example/#/promotions/${promotion.id}`]);
    expect((await ask(follow, "HEAD", "/r/{link}", { parameters })).status).toBe(303);
  });

  it("a review link that is over, and one that was altered", async () => {
    const over = await ask(follow, "GET", "/r/{link}", { parameters: { link: await linkUntil(-1) } });
    expect([over.status, over.json["code"]]).toEqual([410, "link-expired"]);
    const altered = await ask(follow, "GET", "/r/{link}", { parameters: { link: "nothing" } });
    expect([altered.status, altered.json["code"]]).toEqual([404, "link-invalid"]);
  });

  it("what could not be told, and that it is tried again", async () => {
    const { as } = redriveScene([
      { id: "m-1", since: addSeconds(now, -60), fact: `${promotion.id}/3` },
      { id: "m-2", since: now },
    ]);
    const { undelivered, redrive, discard } = {
      undelivered: "/v1/notifications/undelivered",
      redrive: "/v1/notifications/redrive",
      discard: "/v1/notifications/discard",
    };
    expect((await ask(as(), "GET", undelivered)).json).toMatchObject({ undelivered: [{ type: "stage-opened" }] });
    expect((await ask(as(ines), "GET", undelivered)).json["code"]).toBe("forbidden");
    const body = { before: now };
    assertRequestMatches("POST", redrive, body);
    expect((await ask(as(), "POST", redrive, { body })).json).toMatchObject({ redriven: [{ type: "stage-opened" }] });
    expect((await ask(as(), "POST", redrive, { body: {} })).json["code"]).toBe("invalid-request");
    const given = { message: "m-2", reason: "Nobody is there." };
    assertRequestMatches("POST", discard, given);
    expect((await ask(as(), "POST", discard, { body: given })).json).toMatchObject({ discarded: { message: "m-2" } });
    expect((await ask(as(), "POST", discard, { body: given })).json["code"]).toBe("not-found");
    expect((await ask(as(), "POST", discard, { body: {} })).json["code"]).toBe("invalid-request");
  });

  it("what somebody filled in in Slack, and what is refused there", async () => {
    const form = {
      kind: "filled-in",
      deed: "ask",
      promotion: promotion.id,
      user: { id: "U0" },
      dialog: "V0",
      text: "?",
    } as const;
    const respond = answerSlack({
      now: () => now,
      portalUrl: "https://portal.example",
      people: [],
      groups: [],
      directory,
      promotions,
      turns: new MemoryTurnBooks(),
      mac: async (text) => mac(text),
      receive: async ({ body }) => {
        if (body.length > 2) throw new Failure("token-invalid", "The request is not signed.");
        return { event: form, first: async () => true, show: async () => undefined };
      },
      inItsPlace: (dialog) => ({ response_action: "update", view: dialog }),
    });
    expect((await ask(respond, "POST", "/v1/slack/interactions")).json).toHaveProperty("view");
    expect((await ask(respond, "POST", "/v1/slack/interactions", { body: "payload=1" })).json["code"]).toBe(
      "token-invalid",
    );
  });

  it("the deployment", async () => {
    const settings = {
      issuer,
      portalClientId: "portal",
      cliClientId: "cli",
      attestationBase,
      logOrigin: "countersign.example/ledger",
      audiences: ["portal", "cli"],
      subjectClaim: "oid" as const,
      passkeys: { rpId: "sign.example", origins: ["https://sign.example"] },
    };
    const respond = describeService({
      settings,
      attestationKeys: async () => [attestation.key, attestationKey().key],
      checkpointKeys: async () => [7, 8].map((seed) => testSigner("countersign.example/ledger", seed).publicKey),
    });
    expect((await ask(respond, "GET", "/v1/service")).json).toMatchObject(settings);
  });

  it("the ledger's checkpoint, and that there is none yet", async () => {
    const signer = testSigner("countersign.example/ledger", 7);
    const note = await signCheckpoint({ size: 3, root: new Uint8Array(32) }, signer, addSeconds(now, 0));
    const route = "/v1/audit/checkpoint";
    expect((await ask(readCheckpoint({ readCheckpoint: async () => note }), "GET", route)).status).toBe(200);
    const empty = await ask(readCheckpoint({ readCheckpoint: async () => undefined }), "GET", route);
    expect(empty.json["code"]).toBe("not-found");
  });
});

describe("answers about passkeys are as openapi.yaml says", () => {
  it("what is done about one, and all of them", async () => {
    const { passkeys, respond } = passkeyScene();
    const parameters = { id: device.id as string };
    const done = [
      [routes.enrol, passkeyRequest("enrol"), {}],
      [routes.confirm, passkeyRequest("confirm", { by: sam }), { parameters }],
      [routes.revoke, passkeyRequest("revoke"), { parameters }],
    ] as const;
    for (const [route, body, at] of done) {
      expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(201);
      expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(200);
    }
    const read = (who: Member) =>
      readPasskeys({
        now: () => now,
        groups: sam.groups,
        passkeys,
        verifyPerson: async () => ({ ...who, authenticatedAt: now }),
      });
    const { json } = await ask(read(sam), "GET", routes.enrol);
    expect(json["passkeys"]).toMatchObject([{ id: device.id, revoked: { name: "Cora" } }]);
    expect((await ask(read(guest), "GET", routes.enrol)).json["code"]).toBe("forbidden");
    expect((await ask(read(sam), "GET", routes.enrol, { query: { owner: "you" } })).json["code"]).toBe(
      "invalid-request",
    );
  });

  it("refusals", async () => {
    const { respond } = passkeyScene();
    const code = async (body: object, route: string = routes.enrol) =>
      (await ask(respond, "POST", route, { body, parameters: { id: device.id } })).json["code"];
    const sent = passkeyRequest("enrol");
    expect(await code({ ...sent, assertion: device.assertion("another") })).toBe("passkey-invalid");
    expect(await code(passkeyRequest("confirm"), routes.confirm)).toBe("not-entitled");
    expect(await code(passkeyRequest("confirm", { by: sam }), routes.confirm)).toBe("not-found");
  });
});

describe("answers about absence are as openapi.yaml says", () => {
  it("who stands in for whom, and who is away", async () => {
    const { respond, as } = delegationScene();
    const { delegate, revoke, absence } = absenceRoutes;
    for (const [route, body, id] of [
      [delegate, delegationRequest("delegate"), undefined],
      [revoke, delegationRequest("revoke"), delegationIdOf(given)],
    ] as const) {
      const at = id === undefined ? {} : { parameters: { id } };
      expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(201);
      expect((await ask(respond, "POST", route, { body, ...at })).status).toBe(200);
    }
    const until = addSeconds(now, 3600);
    expect((await ask(as(sam), "POST", absence, { body: { until } })).json).toEqual({ until });
    const { json } = await ask(as(sam), "GET", delegate);
    expect(json).toMatchObject({ absentUntil: until, delegations: [{ revokedAt: now }] });
    expect((await ask(as(guest), "POST", absence, { body: { until } })).json["code"]).toBe("forbidden");
  });
});

it("every answer that is described and is no refusal was given above", () => {
  const described = Object.entries(openApi.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      Object.keys((operation as { readonly responses?: object }).responses ?? {})
        .filter((status) => Number(status) < 400)
        .map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  );
  expect(described.filter((answer) => !seen.has(answer))).toEqual([]);
});
