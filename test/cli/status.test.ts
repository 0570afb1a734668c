import { describe, expect, it } from "vitest";
import { statusCommand } from "../../cli/commands/status.ts";
import type { Status } from "../../core/promotion/promotion.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import { digestOf, id } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { stubService } from "./stub-service.ts";

const token = { environment: { COUNTERSIGN_TOKEN: "ci-token" } };

async function printed(url: string, ...more: readonly string[]): Promise<string> {
  const world = recordedSurroundings(token);
  await run(statusCommand(world), id, "--url", url, ...more);
  return world.printed.join("\n");
}

describe("status", () => {
  it("shows the approval's tree, the gates' sentences and what happened", async () => {
    const history = [
      { id: `${id}/0`, type: "request", at: "2026-11-23T10:00:00.000Z", summary: "The pipeline asked.\u001b[31m" },
    ];
    const older = { letters: 7, drift: 0, outcomes: 1800, more: true };
    const { url } = await stubService({
      [`GET /v1/promotions/${id}`]: { body: { ...servedPromotion(), timeline: history, older } },
    });
    const world = recordedSurroundings(token);
    await run(statusCommand(world), id, "--url", url);
    const text = world.printed.join("\n");
    expect(text).toContain("credit-scoring 1.4.0 (credit-scoring) for production");
    expect(text).toContain("○ open  compliance");
    expect(text).toContain("could be filled by Cora");
    expect(text).toContain("✔ AUC is 0.79; at least 0.72 is required.");
    expect(text).toContain("2026-11-23 10:00:00 UTC  The pipeline asked. [31m");
    expect(text).toContain("Not shown: 7 older messages, 0 reports of drift, more than 1800 older outcomes.");
    expect(text).not.toContain("\u001b");
  });

  it("of one in review says that changes are frozen, and until when", async () => {
    const body = { ...servedPromotion(), changeFreeze: { window: "Year end", until: "2027-01-10T00:00:00.000Z" } };
    const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body } });
    expect(await printed(url)).toContain(
      " Changes are frozen ('Year end'): nothing is approved before 2027-01-10 00:00:00 UTC.\n",
    );
  });

  it("of what drifted says what was reported of it", async () => {
    const running = promotionId(digestOf("running"), 1);
    const drift = "Drift was reported of credit-scoring 1.4.0 in production (psi 0.31).\u001b[31m";
    const body = { ...servedPromotion(), reapproves: running, drift };
    const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body } });
    expect(await printed(url)).toContain(
      `\ndrifted        ${running}\nDrift was reported of credit-scoring 1.4.0 in production (psi 0.31). [31m\n`,
    );
  });

  it("of policies shows what they change, as whoever signs is shown it", async () => {
    const view = servedPromotion();
    const policyChanges = { sentences: ["No longer: AUC at least 0.7.", "New: AUC at least 0.65."], more: 0 };
    const summary = { ...view.summary, document: { ...(view.summary?.document as object), policyChanges } };
    const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body: { ...view, summary } } });
    expect(await printed(url)).toContain(
      "\n\nWhat changes in the policies\n  No longer: AUC at least 0.7.\n  New: AUC at least 0.65.\n\nApproval\n",
    );
  });

  it("of policies says that they are put in force, and not that they are deployed", async () => {
    const textOf = async (status: Status) => {
      const view = servedPromotion({ status });
      const body = { ...view, model: { ...view.model, type: "policy" } };
      const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body } });
      return printed(url);
    };
    expect(await textOf("deployed")).toContain("\nPut in force.\n");
    expect(await textOf("deploying")).toContain("\nVerified; the policies are being put in force.\n");
    expect(await textOf("approved")).toContain("verified again before the policies are put in force.\n");
    expect(await textOf("rejected")).toContain("\nPropose the policies again, once");
  });

  it("of what is over says who signed, not who still could, and folds the gates that pass", async () => {
    const ended = servedPromotion({ status: "blocked", reason: "AUC is 0.6; at least 0.72 is required." });
    const [passed, failed] = ["passed", "failed"].map((status) => ({
      rule: "quality.auc",
      title: "AUC",
      status,
      sentence: `AUC ${status}.`,
    }));
    const gates = {
      ...ended.gates,
      report: { reportVersion: 1, outcome: "failed", findings: [failed, passed, passed] },
    };
    const { stage: _, ...unopened } = ended;
    const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body: { ...unopened, gates } } });
    const text = await printed(url);
    expect(text).toContain("Approval\n  Nobody was asked to sign.\n");
    expect(text).toContain("Gates\n  ✖ AUC failed.\n  ✔ 2 more pass (--all shows them)\n");
    expect(text).not.toMatch(/could be filled|seat free|Still needed|Not open yet/);
    const all = await printed(url, "--all");
    expect(all).toContain("Gates\n  ✖ AUC failed.\n  ✔ AUC passed.\n  ✔ AUC passed.\n");
  });

  it("of what is over after it was asked says which seats nobody signed", async () => {
    const { url } = await stubService({
      [`GET /v1/promotions/${id}`]: { body: servedPromotion({ status: "expired", reason: "Nobody decided in time." }) },
    });
    const text = await printed(url);
    expect(text).toContain("– not decided  compliance\n");
    expect(text).toContain("nobody signed");
    expect(text).not.toMatch(/could be filled|seat free|Still needed/);
  });

  it("prints the service's own answer on one line for programs", async () => {
    const body = { ...servedPromotion(), addedLater: [1, 2] };
    const { url } = await stubService({ [`GET /v1/promotions/${id}`]: { body } });
    const world = recordedSurroundings(token);
    await run(statusCommand(world), id, "--url", url, "--json");
    expect(world.printed.map((line) => JSON.parse(line))).toEqual([body]);
  });

  it("tells a CI job without a token at once, rather than wait for somebody to sign in", async () => {
    const { url, requests } = await stubService({});
    const world = recordedSurroundings({ environment: { CI: "true" } });
    expect(await run(statusCommand(world), id, "--url", url)).toMatch(/^There is no CI token: set COUNTERSIGN_TOKEN/);
    expect(requests).toEqual([]);
  });

  it("sends no token that is none, and says so without it", async () => {
    const { url, requests } = await stubService({});
    const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "secret.one\nX: two" } });
    const said = await run(statusCommand(world), id, "--url", url);
    expect(said).toBe(
      "The token has a line break or another character in it that no token has: was it wrapped, or is there more in it? Nothing was sent.",
    );
    expect([requests, world.everything()]).toEqual([[], ""]);
  });

  it("names what an id looks like", async () => {
    expect(await run(statusCommand(recordedSurroundings(token)), "../x", "--url", "http://127.0.0.1:9")).toBe(
      "A promotion's id looks like p-<32 hexadecimal digits>-1; 'submit' prints it.",
    );
  });
});
