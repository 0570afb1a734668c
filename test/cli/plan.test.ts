import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planCommand } from "../../cli/commands/plan.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionView } from "../../functions/api/read-promotions/view.ts";
import { id, manifest, now, openStage } from "../core/promotion/promotion-in-review.ts";
import { scratchDirectory } from "../local/recorded-calls.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { stubService } from "./stub-service.ts";

const signed = '{"resource_changes":[{"address":"aws_s3_bucket.one"}],"format_version":"1.2"}\n';
const sha256 = sha256Hex(utf8(signed));
const evidence = [
  { kind: "iac-plan", format: "terraform-plan", name: "plan.json", mediaType: "application/json", size: 3, sha256 },
] as const;
const held: Partial<Promotion> = { status: "approved", stage: openStage(1, { open: false }) };
const approved: Partial<Promotion> = { ...held, verdict: { sha256: sha256Hex(utf8("")), result: "PASSED", at: now } };
const mayNot = (why: string): PromotionView["plan"] => ({ mayBeApplied: false, why });
/** As a service of before says nothing. */
const unsaid = mayNot("");
const unlessOld = (plan: PromotionView["plan"]) => (plan === undefined || plan === unsaid ? {} : { plan });
/** As the service says of a promotion whether its plan may be applied. */
const saying = new Map<Partial<Promotion>, PromotionView["plan"]>([[approved, { mayBeApplied: true }]]);

async function plan(text: string, standings: readonly (Partial<Promotion> | "down")[], ...args: readonly string[]) {
  let next = 0;
  const service = await stubService({
    [`GET /v1/promotions/${id}`]: () => {
      const over = standings[Math.min(next++, standings.length - 1)] ?? {};
      if (over === "down") return { status: 503, body: { code: "unavailable", detail: "Being deployed." } };
      const plan = saying.get(over) ?? mayNot("It has no verdict yet.");
      return { body: { ...servedPromotion({ manifest: { ...manifest, evidence }, ...over }), ...unlessOld(plan) } };
    },
    [`GET /v1/promotions/${id}/evidence/${sha256}?offset=0`]: {
      body: { content: Buffer.from(signed).toString("base64") },
    },
    [`POST /v1/promotions/${id}/deployment`]: { status: 201, body: { promotion: id, outcome: "applied" } },
  });
  const file = join(scratchDirectory(), "plan.json");
  writeFileSync(file, text);
  const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
  const [command = "", ...rest] = args;
  const failure = await run(planCommand(world), command, id, file, "--url", service.url, ...rest);
  return { failure, world, requests: service.requests };
}

describe("plan verify", () => {
  it("lets through the plan that was signed off, once it is", async () => {
    const { world, failure } = await plan(signed, [{}, approved], "verify", "--wait", "1h");
    expect(failure).toBeUndefined();
    expect(world.printed).toEqual([`plan.json is the plan that was signed off: ${sha256}`]);
    expect(world.pauses).toEqual([5000]);
  });

  it("goes on waiting where the service does not answer for a moment", async () => {
    const { world, failure } = await plan(signed, [{}, "down", "down", approved], "verify", "--wait", "1h", "--json");
    expect(failure).toBeUndefined();
    expect(world.noted).toEqual(["Being deployed. (unavailable) Trying again."]);
    expect(world.pauses).toEqual([5000, 5034, 5034]);
    expect(world.printed.map((line) => JSON.parse(line))).toEqual([
      { promotion: id, plan: { name: "plan.json", sha256 } },
    ]);
  });

  it("waits for the end of what holds it, and says what that is where its time is over before", async () => {
    const frozen = { ...approved };
    saying.set(
      frozen,
      mayNot("Changes are frozen ('Year end') until 2027-01-02T00:00:00.000Z. Nothing is applied before."),
    );
    const waited = await plan(signed, [frozen, approved], "verify", "--wait", "1h");
    expect(waited.world.printed).toHaveLength(1);
    const { world } = await plan(signed, [frozen], "verify");
    expect([world.exitCode(), world.printed]).toEqual([8, []]);
    expect(world.noted.at(-1)).toContain("It may not be applied now: Changes are frozen ('Year end') until");
  });

  it("lets nothing through where the service does not say whether it may be applied", async () => {
    const old = { ...approved };
    saying.set(old, unsaid);
    const { failure, world } = await plan(signed, [old], "verify");
    expect(failure).toMatch(/^The service does not say whether a plan may be applied now/);
    expect(world.printed).toEqual([]);
  });

  it("says at once that the service does not answer where it is not to wait", async () => {
    expect((await plan(signed, ["down", approved], "verify")).failure).toBe("Being deployed. (unavailable)");
  });

  it("knows it by what it says, however it is printed", async () => {
    const pretty = JSON.stringify({ format_version: "1.2", ...(JSON.parse(signed) as object) }, undefined, 2);
    expect((await plan(pretty, [approved], "verify")).failure).toBeUndefined();
  });

  it.each([[[{}]], [[approved]]])("refuses another plan, approved or not yet", async (standings) => {
    const { world, failure } = await plan(signed.replace("one", "two"), standings, "verify", "--wait", "1h");
    expect(failure).toMatch(/^This plan \([0-9a-f]{64}\) is not the one that is signed off: plan\.json/);
    expect(world.printed).toEqual([]);
  });

  it.each<[string, Partial<Promotion>, number]>([
    ["is in review", {}, 8],
    ["is approved and not verified", held, 8],
    ["was rejected", { status: "rejected", reason: "No." }, 3],
    ["was rolled back", { status: "rolled-back", reason: "No." }, 6],
  ])("ends with a code of its own where it %s", async (_, over, code) => {
    const { world } = await plan(signed, [over], "verify");
    expect(world.exitCode()).toBe(code);
    expect(world.printed).toEqual([]);
  });
});

describe("plan report", () => {
  it("reports the plan that was signed", async () => {
    const { world, requests } = await plan(
      signed,
      [approved],
      "report",
      "--outcome",
      "applied",
      "--detail",
      "By job 7.",
    );
    expect(world.printed).toEqual(["Reported: applied."]);
    expect(requests.at(-1)).toMatchObject({
      method: "POST",
      body: { plan: sha256, outcome: "applied", detail: "By job 7." },
    });
  });

  it("reports no other", async () => {
    const { failure, requests } = await plan(
      "{}",
      [approved],
      "report",
      "--outcome",
      "applied",
      "--detail",
      "By job 7.",
    );
    expect(failure).toMatch(/is not the one that is signed off/);
    expect(requests.map(({ method }) => method)).not.toContain("POST");
  });
});
