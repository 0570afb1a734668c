import { describe, expect, it } from "vitest";
import { answerCommand } from "../../cli/commands/answer.ts";
import { askCommand } from "../../cli/commands/ask.ts";
import { statusCommand } from "../../cli/commands/status.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { id, now } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { browserOf, coraHerself, freePort, identityProvider } from "./signed-in-person.ts";
import { stubService } from "./stub-service.ts";

const question = "0123456789abcdef0123456789abcdef";
const path = `/v1/promotions/${id}/questions`;
const recorded = { status: 201, body: { promotion: id, question, at: now } };
const pipeline = { environment: { COUNTERSIGN_TOKEN: "ci-token" } };

describe("ask", () => {
  it("asks under the person's sign-in, and the same words again are the same question", async () => {
    const { settings } = await identityProvider();
    const service = await stubService({ "GET /v1/service": { body: settings }, [`POST ${path}`]: recorded });
    const ask = async (text: string) => {
      const start = instantFromMs(Date.now());
      const world = recordedSurroundings({ start, openBrowser: browserOf(coraHerself).open });
      await run(askCommand(world), id, text, "--url", service.url, "--port", await freePort(), "--open");
      return world;
    };
    expect((await ask("Why so?")).printed).toEqual([question]);
    await ask("Why so?");
    const [first, again] = service.requests.filter(({ method }) => method === "POST");
    expect(first?.body).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), text: "Why so?" });
    expect(again?.body).toEqual(first?.body);
    expect(first?.authorization).toMatch(/^Bearer ey/);
  });
});

describe("a command of people in a CI job", () => {
  const job = { environment: { CI: "true" } };

  it("is refused at once, rather than wait for somebody to sign in", async () => {
    const { settings } = await identityProvider();
    const { url } = await stubService({ "GET /v1/service": { body: settings } });
    const world = recordedSurroundings(job);
    expect(await run(askCommand(world), id, "Why so?", "--url", url, "--port", await freePort())).toBe(
      "This is a CI job (CI is set), and nobody is at a terminal to sign in: a person runs this command.",
    );
    expect(world.noted).toEqual([]);
  });

  it("is let in where somebody is at a terminal, or says with --sign-in that a person signs in", async () => {
    const { settings } = await identityProvider();
    const service = await stubService({
      "GET /v1/service": { body: settings },
      [`POST ${path}`]: recorded,
      [`GET /v1/promotions/${id}`]: { body: servedPromotion() },
    });
    const signedIn = async () => ({
      start: instantFromMs(Date.now()),
      openBrowser: browserOf(coraHerself).open,
      common: ["--url", service.url, "--port", await freePort(), "--open"],
    });
    const { common, ...here } = await signedIn();
    expect(await run(askCommand(recordedSurroundings({ ...job, ...here, attended: true })), id, "?", ...common)).toBe(
      undefined,
    );
    const { common: others, ...there } = await signedIn();
    const status = statusCommand(recordedSurroundings({ ...job, ...there }));
    expect(await run(status, id, "--sign-in", ...others)).toBeUndefined();
  });
});

describe("answer", () => {
  it("is given by the pipeline with its own token", async () => {
    const service = await stubService({ [`POST ${path}/${question}/answer`]: recorded });
    const world = recordedSurroundings(pipeline);
    expect(await run(answerCommand(world), id, question, "Because.", "--url", service.url)).toBeUndefined();
    expect(service.requests).toMatchObject([{ authorization: "Bearer ci-token", body: { text: "Because." } }]);
    expect(world.noted).toEqual(["Answered. Whoever asked is told."]);
  });

  it("says why it was not taken", async () => {
    const body = { code: "conflict", detail: "The question was answered before; ask another one." };
    const service = await stubService({
      [`POST ${path}/${question}/answer`]: { status: 409, type: "application/problem+json", body },
    });
    expect(
      await run(answerCommand(recordedSurroundings(pipeline)), id, question, "Because.", "--url", service.url),
    ).toBe("The question was answered before; ask another one. (conflict)");
  });

  it("names what a question's id looks like", async () => {
    expect(await run(answerCommand(recordedSurroundings(pipeline)), id, "1", "x", "--url", "http://127.0.0.1:9")).toBe(
      "A question's id is 32 hexadecimal digits; 'show' lists them.",
    );
  });
});

describe("what was asked", () => {
  it("is listed with its answer, or that there is none yet, whatever it holds", async () => {
    const asked = { id: question, by: "Cora\u001b[2J", at: now, text: "Why\nso?" };
    const answered = { ...asked, answer: { by: "The pipeline", at: now, text: "Because." } };
    const body = { ...servedPromotion(), questions: [answered, asked] };
    const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body } });
    const world = recordedSurroundings(pipeline);
    await run(statusCommand(world), id, "--url", url);
    const start = world.printed.indexOf("Questions");
    expect(world.printed.slice(start, start + 6)).toEqual([
      "Questions",
      `  ${question}  Cora [2J asks: Why so?`,
      "    The pipeline answers: Because.",
      `  ${question}  Cora [2J asks: Why so?`,
      "    Not answered yet.",
      "",
    ]);
  });

  describe("of whoever had a hand in the candidate and holds no role", () => {
    const forbidden = {
      status: 403,
      type: "application/problem+json",
      body: { code: "forbidden", detail: "You are signed in, but hold no role in any review here." },
    };
    const model = { name: "credit-scoring", type: "credit-scoring", version: "1.4.0" };
    const asked = { promotion: id, model, target: "production", status: "in-review", questions: [], mayAnswer: true };

    it("is listed, with how it stands and no more", async () => {
      const questions = [{ id: question, by: "Cora", at: now, text: "Why so?" }];
      const { url } = await stubService({
        [`GET /v1/promotions/${id}`]: forbidden,
        [`GET ${path}`]: { body: { ...asked, questions } },
      });
      const world = recordedSurroundings(pipeline);
      expect(await run(statusCommand(world), id, "--url", url)).toBeUndefined();
      expect(world.printed).toEqual([
        "credit-scoring 1.4.0 (credit-scoring) for production",
        `promotion      ${id}`,
        "In review.",
        "You had a hand in this candidate. The review itself is shown to those who hold a role in one.",
        "",
        "Questions",
        `  ${question}  Cora asks: Why so?`,
        "    Not answered yet.",
      ]);
    });

    it("may be nothing yet; and why it ended is said", async () => {
      const body = { ...asked, status: "rejected", reason: "The instance is too small." };
      const { url } = await stubService({ [`GET /v1/promotions/${id}`]: forbidden, [`GET ${path}`]: { body } });
      const world = recordedSurroundings(pipeline);
      await run(statusCommand(world), id, "--url", url);
      expect(world.printed).toContain("Rejected: The instance is too small.");
      expect(world.printed.at(-1)).toBe("Nobody has asked anything.");
      const json = recordedSurroundings(pipeline);
      await run(statusCommand(json), id, "--url", url, "--json");
      expect(json.printed).toEqual([JSON.stringify(body)]);
    });

    it("is for them alone: others are told that they hold no role", async () => {
      const { url } = await stubService({ [`GET /v1/promotions/${id}`]: forbidden, [`GET ${path}`]: forbidden });
      expect(await run(statusCommand(recordedSurroundings(pipeline)), id, "--url", url)).toBe(
        "You are signed in, but hold no role in any review here. (forbidden)",
      );
    });
  });
});
