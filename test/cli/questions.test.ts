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
});
