import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { assertRequestMatches } from "../answer-matches.ts";
import { ask, ines, service, statementOf, theo } from "../service-in-memory.ts";

export function answersToReviewers(): void {
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
      expect((await ask(sign(ines, mismatch), "POST", route, { parameters, body })).json["code"]).toBe(
        "nonce-mismatch",
      );
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
}
