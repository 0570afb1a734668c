import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { statusCommand } from "../../cli/commands/status.ts";
import { id } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { type StubAnswer, stubService } from "./stub-service.ts";

const path = `GET /v1/promotions/${id}`;

async function statusOf(answer: StubAnswer) {
  const { url } = await stubService({ [path]: answer });
  const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
  const sentence = await run(statusCommand(world), id, "--url", url);
  return { sentence: sentence?.replaceAll(url, "URL"), world };
}

const leaf = '{"name":"a","status":"open","why":"","children":[';
const deep = JSON.stringify({ ...servedPromotion(), explanation: "DEEP" }).replace(
  '"DEEP"',
  `${leaf.repeat(20_000)}${"]}".repeat(20_000)}`,
);

describe("a service that is not what it should be", () => {
  it.each<[string, StubAnswer, string]>([
    [
      "an HTML page",
      { status: 502, type: "text/html; charset=utf-8", body: "<h1>Bad gateway</h1>" },
      "URL answered 502 with text/html, not with JSON; is the address right?",
    ],
    [
      "HTML that says 200",
      { type: "text/html", body: "<p>Welcome" },
      "URL answered 200 with text/html, not with JSON; is the address right?",
    ],
    [
      "half of a JSON document",
      { body: '{"id":' },
      "URL answered 200 with application/json, not with JSON; is the address right?",
    ],
    [
      "bytes that are no text",
      { body: Buffer.from([0xff, 0xfe]) },
      "URL answered 200 with application/json, not with JSON; is the address right?",
    ],
    [
      "more than anybody reads",
      { body: Buffer.alloc(9 * 1024 * 1024, 0x20) },
      "URL answered with more than 8388608 bytes; is the address right?",
    ],
    [
      "JSON of another kind",
      { body: "null" },
      "The service's answer is not what this version of countersign can read.",
    ],
    [
      "a member of another kind",
      { body: { ...servedPromotion(), status: "fine" } },
      "The service's answer is not what this version of countersign can read (status).",
    ],
    [
      "JSON nested without end",
      { body: deep },
      "The service's answer is not what this version of countersign can read.",
    ],
    [
      "another promotion",
      { body: { ...servedPromotion(), id: id.replace(/-1$/, "-2") } },
      "The service answered with another promotion.",
    ],
    [
      "a redirect",
      { status: 302, body: "", headers: { location: "https://elsewhere.example/" } },
      "URL answered 302 with application/json, not with JSON; is the address right?",
    ],
    ["a refusal without a reason", { status: 500, body: {} }, "URL answered 500 and does not say why. (status-500)"],
    [
      "a refusal that would redraw the terminal",
      {
        status: 403,
        type: "application/problem+json",
        body: { code: "for\u001bbidden", detail: "No\u001b[2J\nreally\u202eno" },
      },
      "No [2J really no (for bidden)",
    ],
  ])("says in one line that it got %s", async (_, answer, expected) => {
    const { sentence, world } = await statusOf(answer);
    expect(sentence).toBe(expected);
    expect(world.printed).toEqual([]);
  });

  it("draws nothing in the terminal with --json either, and leaves out nothing of what was said", async () => {
    const said = { ...servedPromotion(), reason: "Held\u009b2J \u202efor now." };
    const { url } = await stubService({ [path]: { body: said } });
    const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
    await run(statusCommand(world), id, "--url", url, "--json");
    expect(world.printed.join("\n")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(world.printed.join("\n"))).toEqual(said);
  });

  it("is printed by no command as JSON is written otherwise, which leaves such characters as they are", () => {
    const cli = join(import.meta.dirname, "../../cli");
    const printing = globSync("{commands,delegation}/*.ts", { cwd: cli }).filter((name) =>
      readFileSync(join(cli, name), "utf8").includes("JSON.stringify("),
    );
    expect(printing).toEqual([]);
  });

  it("cuts a reason that never ends", async () => {
    const { sentence } = await statusOf({ status: 400, body: { code: "x".repeat(500), detail: "y".repeat(50_000) } });
    expect(sentence?.length).toBeLessThan(1_100);
  });

  it.each([
    [
      "http://countersign.example",
      "The address of the service must begin with https://; plain http is for this machine only.",
    ],
    ["ftp://127.0.0.1", "The address of the service must begin with https://; plain http is for this machine only."],
    ["https://user:secret@countersign.example", "The address of the service must not have a password in it."],
    ["countersign", "The address of the service is not an address; one begins with https://."],
  ])("sends no token to %s", async (url, expected) => {
    const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
    expect(await run(statusCommand(world), id, "--url", url)).toBe(expected);
  });
});
