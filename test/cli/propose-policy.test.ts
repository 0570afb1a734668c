import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { policyCommand } from "../../cli/commands/policy.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { bundleOf } from "../../core/policy/policy-bundle.ts";
import { shipped } from "../core/archive/house.ts";
import { id } from "../core/promotion/promotion-in-review.ts";
import { temporaryFolder } from "./pack-on-disk.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { browserOf, coraHerself, freePort, identityProvider } from "./signed-in-person.ts";
import { stubService } from "./stub-service.ts";

const folder = fileURLToPath(new URL("../../policies", import.meta.url));
const answer = {
  id,
  status: "gating",
  former: shipped.digest,
  proposed: "ab".repeat(32),
  expiresAt: "2026-11-28T12:00:00.000Z",
  changes: ["New: recommendation in production: AUC at least 0.7"],
  effects: [{ promotion: id, sentence: "product-recommendation 1.0.0 would go back to its gates." }],
  notLookedAt: 0,
};

async function scene(status = 202, body: object = answer) {
  const { settings } = await identityProvider();
  const service = await stubService({
    "GET /v1/service": { body: settings },
    "POST /v1/policy/proposals": { status, body },
  });
  const browser = browserOf(coraHerself);
  const world = recordedSurroundings({ start: instantFromMs(Date.now()), openBrowser: browser.open });
  const propose = async (from: string, ...options: readonly string[]) =>
    run(
      policyCommand(world),
      "propose",
      from,
      "--url",
      service.url,
      "--title",
      "An AUC of 0.7",
      "--open",
      "--port",
      String(await freePort()),
      ...options,
    );
  return { service, world, propose };
}

describe("countersign policy propose", () => {
  it("posts every file of the folder, and prints the promotion and what differs", async () => {
    const { service, world, propose } = await scene();
    expect(await propose(folder)).toBeUndefined();
    expect(world.printed).toEqual([
      `Proposed as ${id}, to be signed until 2026-11-28 12:00:00 UTC: ${service.url}/#/promotions/${id}`,
      "New: recommendation in production: AUC at least 0.7",
      `${id}: product-recommendation 1.0.0 would go back to its gates.`,
    ]);
    const { body, authorization } = service.requests.find(({ method }) => method === "POST") ?? expect.unreachable();
    const { title, files } = body as { readonly title: string; readonly files: Record<string, string> };
    expect(title).toBe("An AUC of 0.7");
    expect(authorization).toMatch(/^Bearer ey/);
    expect(bundleOf(files)).toEqual(shipped.bundle);
  });

  it("prints the answer as it came with --json", async () => {
    const { world, propose } = await scene();
    await propose(folder, "--json");
    expect(JSON.parse(world.printed[0] ?? "")).toEqual(answer);
  });

  it("says why the service does not take it", async () => {
    const { propose } = await scene(409, { code: "conflict", detail: "These policies are in force already." });
    expect(String(await propose(folder))).toContain("These policies are in force already. (conflict)");
  });

  it("names a file that is not there before anybody signs in", async () => {
    const lacking = temporaryFolder();
    cpSync(folder, lacking, { recursive: true });
    rmSync(join(lacking, "people.yaml"));
    const { service, propose } = await scene();
    expect(String(await propose(lacking))).toContain("people.yaml cannot be read");
    expect(service.requests).toEqual([]);
  });

  it("names file and line of what is not UTF-8, which would be proposed as something else", async () => {
    const latin = temporaryFolder();
    cpSync(folder, latin, { recursive: true });
    const people = readFileSync(join(latin, "people.yaml"), "utf8");
    writeFileSync(join(latin, "people.yaml"), Buffer.from(`# Jos\u00e9\n${people}`, "latin1"));
    const { service, propose } = await scene();
    expect(String(await propose(latin))).toContain(
      `${join(latin, "people.yaml")}:1: This is no UTF-8: save the file in that encoding.`,
    );
    expect(service.requests).toEqual([]);
  });
});

describe("countersign policy withdraw", () => {
  it("takes the proposal back as whoever signs in", async () => {
    const { settings } = await identityProvider();
    const service = await stubService({
      "GET /v1/service": { body: settings },
      [`POST /v1/promotions/${id}/withdrawal`]: { body: { id, status: "withdrawn" } },
    });
    const browser = browserOf(coraHerself);
    const world = recordedSurroundings({ start: instantFromMs(Date.now()), openBrowser: browser.open });
    const options = ["--url", service.url, "--open", "--port", String(await freePort())];
    expect(await run(policyCommand(world), "withdraw", id, ...options)).toBeUndefined();
    expect(world.printed).toEqual(["The proposal is withdrawn."]);
    const { authorization } = service.requests.find(({ method }) => method === "POST") ?? expect.unreachable();
    expect(authorization).toMatch(/^Bearer ey/);
  });
});
