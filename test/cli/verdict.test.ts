import { describe, expect, it } from "vitest";
import { verdictCommand } from "../../cli/commands/verdict.ts";
import { id } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { stubService } from "./stub-service.ts";

const path = `/v1/promotions/${id}/verdict`;
const query = "target=gitops&verdict=v&image=registry.example%2Fscorer%40sha256%3A1&model=m";

async function verdict(answer: { readonly status?: number; readonly body: unknown }, ...more: readonly string[]) {
  const service = await stubService({ [`GET ${path}?${query}`]: answer });
  const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "pod-token" } });
  const about = ["--target", "gitops", "--verdict", "v", "--image", "registry.example/scorer@sha256:1", "--model", "m"];
  const failure = await run(verdictCommand(world), id, "--url", service.url, ...about, ...more);
  return { failure, printed: world.printed };
}

describe("countersign verdict", () => {
  it("says that it holds, and ends with 0", async () => {
    const { failure, printed } = await verdict({ body: { holds: true, model: "scoring", version: "3.0.0" } });
    expect(failure).toBeUndefined();
    expect(printed).toEqual(["The verdict holds: scoring 3.0.0 may run in gitops."]);
  });

  it("says so to a program with --json", async () => {
    const body = { holds: true, model: "scoring", version: "3.0.0" };
    const { printed } = await verdict({ body }, "--json");
    expect(printed.map((line) => JSON.parse(line))).toEqual([body]);
  });

  it("fails with the service's reason where it does not", async () => {
    const body = {
      type: "about:blank",
      status: 409,
      code: "deployment-refused",
      detail: "The promotion is restricted.",
    };
    const { failure, printed } = await verdict({ status: 409, body });
    expect(failure).toContain("The promotion is restricted.");
    expect(printed).toEqual([]);
  });

  it("fails where the answer is no yes", async () => {
    expect((await verdict({ body: { holds: false, model: "scoring", version: "1" } })).failure).toBeDefined();
  });
});
