import { describe, expect, it } from "vitest";
import { waitCommand } from "../../cli/commands/wait.ts";
import { exitCodes } from "../../cli/exit-codes.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { id, now, openStage } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { type StubAnswer, stubService } from "./stub-service.ts";

const path = `GET /v1/promotions/${id}`;
const token = { environment: { COUNTERSIGN_TOKEN: "ci-token" } };

/** A service that answers one after the other, the last one for ever. */
async function answering(...answers: readonly (Partial<Promotion> | StubAnswer)[]) {
  let next = 0;
  return stubService({
    [path]: () => {
      const answer = answers[Math.min(next++, answers.length - 1)] ?? {};
      return "body" in answer ? answer : { body: servedPromotion(answer as Partial<Promotion>) };
    },
  });
}

describe("wait", () => {
  it("says every change of state once, until the promotion is deployed", async () => {
    const { url, requests } = await answering(
      { status: "gating" },
      { stage: openStage(0) },
      { stage: openStage(0) },
      { stage: openStage(1) },
      { status: "approved" },
      { status: "deployed" },
    );
    const world = recordedSurroundings(token);
    expect(await run(waitCommand(world), id, "--url", url)).toBeUndefined();
    expect(world.printed.map((line) => line.slice(25))).toEqual([
      "The candidate is being frozen and the gates are evaluated.",
      "In review: the stage 'compliance' is open until 2026-11-24 11:00:00 UTC.",
      "In review: the stage 'model and operations' is open until 2026-11-24 11:00:00 UTC.",
      "Approved; the sign-offs are verified again before the deployment.",
      "Deployed.",
    ]);
    expect(world.exitCode()).toBe(0);
    expect(requests.every(({ authorization }) => authorization === "Bearer ci-token")).toBe(true);
  });

  it("says what an approved promotion waits for, until that is told to be there", async () => {
    const fact = (type: Fact["type"], summary: string): Fact => ({
      id: `${id}/${type}`,
      type,
      at: now,
      promotion: id,
      summary,
      body: {},
      attachments: [],
    });
    const decided = fact("stage-decided", "The stage is decided.");
    const held = fact("held", "Everybody has signed; it is deployed once the plan is applied.");
    const letter = fact("notification-sent", "A letter was sent.");
    const reported = fact("plan-reported", "The plan is applied.");
    const { url } = await answering(
      { status: "approved", history: [decided] },
      { status: "approved", history: [decided, held, letter] },
      { status: "approved", history: [decided, held, letter, reported] },
      { status: "deployed" },
    );
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url);
    expect(world.printed.map((line) => line.slice(25))).toEqual([
      "Approved; the sign-offs are verified again before the deployment.",
      "Approved. Everybody has signed; it is deployed once the plan is applied.",
      "Approved; the sign-offs are verified again before the deployment.",
      "Deployed.",
    ]);
  });

  it.each([
    ["blocked", 2],
    ["rejected", 3],
    ["expired", 4],
    ["withdrawn", 5],
    ["rolled-back", 6],
    ["failed", 7],
    ["superseded", 9],
    ["restricted", 10],
    ["loaned", 11],
  ] as const)("ends with its own code and the reason when the promotion is %s", async (status, code) => {
    const { url } = await answering({ status, reason: "AUC is 0.6; at least 0.72 is required." });
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url);
    expect(world.exitCode()).toBe(code);
    expect(world.printed.join()).toContain("AUC is 0.6; at least 0.72 is required.");
  });

  it("stops after its own timeout with 8 and leaves the promotion alone", async () => {
    const { url } = await answering({ stage: openStage(0) });
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url, "--timeout", "10s");
    expect(world.exitCode()).toBe(8);
    expect(world.pauses.reduce((sum, each) => sum + each, 0)).toBe(10_000);
    expect(world.noted).toEqual([`The wait is over; the promotion is not. Wait again with: countersign wait ${id}`]);
  });

  it("does not say that the promotion goes on where the service was away as the wait ended", async () => {
    const away = {
      status: 503,
      type: "application/problem+json",
      body: { code: "unavailable", detail: "Please try again." },
    };
    const { url } = await answering({ stage: openStage(0) }, away);
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url, "--timeout", "10s");
    expect(world.exitCode()).toBe(8);
    expect(world.noted).toEqual([
      "Please try again. (unavailable) Trying again.",
      `The wait is over. Please try again. (unavailable) Wait again with: countersign wait ${id}`,
    ]);
  });

  it("goes on through a loan where it is told to", async () => {
    const lent = { requests: [], given: { at: now, until: addSeconds(now, 3600) } };
    const { url } = await answering(
      { status: "loaned" },
      { body: { ...servedPromotion({ status: "loaned" }), loan: lent } },
      { status: "deployed" },
    );
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url, "--through-loan");
    expect(world.exitCode()).toBe(0);
    expect(world.printed.map((line) => line.slice(25))).toEqual([
      "Runs on loan until it is ratified or taken back",
      "Runs on loan until 2026-11-23 13:00:00 UTC, and is taken back then unless it is ratified",
      "Deployed.",
    ]);
  });

  it("prints the last answer for programs, also when it stops before the end", async () => {
    const { url } = await answering({ stage: openStage(0) });
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url, "--timeout", "10s", "--json");
    expect(world.printed.map((line) => JSON.parse(line))).toMatchObject([{ id, status: "in-review" }]);
    expect(world.exitCode()).toBe(8);
  });

  it("says at Ctrl-C that the promotion goes on, and only while it waits", async () => {
    const { url } = await answering({ stage: openStage(0) }, { status: "deployed" });
    const world = recordedSurroundings(token);
    const pause = async () => world.interrupt();
    await run(waitCommand({ ...world, pause }), id, "--url", url);
    expect(world.noted).toEqual([`No longer waiting; the promotion goes on. Wait again with: countersign wait ${id}`]);
    world.interrupt();
    expect(world.noted).toHaveLength(1);
  });

  it("prints at Ctrl-C what it was answered last, where that was asked for", async () => {
    const { url } = await answering({ stage: openStage(0) }, { status: "deployed" });
    const world = recordedSurroundings(token);
    const printed: (readonly string[])[] = [];
    const pause = async () => {
      world.interrupt();
      printed.push([...world.printed]);
    };
    await run(waitCommand({ ...world, pause }), id, "--url", url, "--json");
    expect(printed[0]?.map((line) => JSON.parse(line))).toMatchObject([{ id, status: "in-review" }]);
  });

  it("asks less and less often while nothing changes", async () => {
    const { url } = await answering({ stage: openStage(0) });
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url, "--timeout", "3m");
    expect(world.pauses.slice(0, 8)).toEqual([2_000, 3_000, 4_500, 6_750, 10_125, 15_188, 22_782, 30_000]);
  });

  it("tries again when the service is away for a moment, and mentions it once", async () => {
    const away = {
      status: 503,
      type: "application/problem+json",
      body: { code: "unavailable", detail: "Please try again." },
    };
    const { url } = await answering(away, away, { status: "deployed" });
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", url);
    expect(world.noted).toEqual(["Please try again. (unavailable) Trying again."]);
    expect(world.exitCode()).toBe(0);
  });

  it("leaves a service alone for as long as it asks, and not together with everybody else", async () => {
    const busy = {
      status: 429,
      type: "application/problem+json",
      body: { code: "unavailable", detail: "There are too many requests." },
      headers: { "retry-after": "20" },
    };
    const { url } = await answering(busy, { status: "deployed" });
    const world = recordedSurroundings(token);
    await run(waitCommand({ ...world, random: (bytes) => new Uint8Array(bytes).fill(51) }), id, "--url", url);
    expect(world.pauses).toEqual([21_000]);
    expect(world.exitCode()).toBe(0);
  });

  it("gives up on a service that stays away", async () => {
    const world = recordedSurroundings(token);
    await run(waitCommand(world), id, "--url", "http://127.0.0.1:9");
    expect(world.noted.at(-1)).toMatch(/^http:\/\/127\.0\.0\.1:9 cannot be reached: .* Wait again with: /);
    expect(world.exitCode()).toBe(12);
    expect(world.pauses).toHaveLength(23);
  });

  it("does not try again what will never work", async () => {
    const { url, requests } = await answering({
      status: 404,
      type: "application/problem+json",
      body: { code: "not-found", detail: "There is no such promotion." },
    });
    const sentence = await run(waitCommand(recordedSurroundings(token)), id, "--url", url);
    expect(sentence).toBe("There is no such promotion. (not-found)");
    expect(requests).toHaveLength(1);
  });

  it("asks GitHub Actions for a new token when the last one ends", async () => {
    let given = 0;
    const tokenUntil = (seconds: number) =>
      ["{}", JSON.stringify({ exp: seconds }), "signature"]
        .map((part) => Buffer.from(part === "{}" ? '{"alg":"RS256"}' : part).toString("base64url"))
        .join(".");
    const start = "2026-11-23T12:00:00.000Z" as Instant;
    const github = await stubService({
      "GET /token?v=1&audience=countersign": (request) => {
        given += 1;
        return { body: { value: tokenUntil(Date.parse(start) / 1000 + 61 * given), seen: request.authorization } };
      },
    });
    const service = await answering({ stage: openStage(0) }, { stage: openStage(0) }, { status: "deployed" });
    const world = recordedSurroundings({
      start,
      environment: {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?v=1`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner-secret",
      },
    });
    await run(waitCommand(world), id, "--url", service.url, "--audience", "countersign");
    expect(world.exitCode()).toBe(0);
    expect(github.requests.map(({ authorization }) => authorization)).toEqual([
      "Bearer runner-secret",
      "Bearer runner-secret",
    ]);
    expect(world.everything()).not.toContain("runner-secret");
  });

  it("documents its exit codes in its help", () => {
    let help = "";
    waitCommand(recordedSurroundings())
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
      })
      .outputHelp();
    for (const [outcome, code] of Object.entries(exitCodes))
      expect(help).toMatch(new RegExp(`^ +${code}  ${outcome}: `, "m"));
  });
});
