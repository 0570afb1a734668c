import { describe, expect, it } from "vitest";
import { channelKinds } from "../../../cli/policy/channel-kinds.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { envelopeDigest } from "../../../core/attestation/recorded-sign-off.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { Respond } from "../../../functions/api/http.ts";
import { proposePolicy } from "../../../functions/api/propose-policy/handler.ts";
import { readLearning } from "../../../functions/api/read-learning/handler.ts";
import { simulatePolicy } from "../../../functions/api/simulate-policy/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { goodCandidate, shippedPolicy } from "../../core/gates/candidate.ts";
import { approvedFacts, ofPromotion } from "../../core/learning/told-facts.ts";
import { attestationBase, now } from "../../core/promotion/promotion-in-review.ts";
import { MemoryPromotions } from "../../functions/memory-promotions.ts";
import { assertRequestMatches } from "../answer-matches.ts";
import { ask, directory, ines, mira, person, policies, service, statementOf, theo } from "../service-in-memory.ts";

const expired = new Failure("token-expired", "The sign-in has expired.");

export function answersToReaders(): void {
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
      const to = {
        parameters: { ...parameters, question: String(asked.json["question"]) },
        body: { text: "Because." },
      };
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
        requireKeepable: () => {},
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
      expect((await ask(respond, "POST", route, { body: { request: { ...sketch, target: "moon" } } })).status).toBe(
        200,
      );
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
}
