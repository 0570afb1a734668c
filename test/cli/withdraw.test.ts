import { describe, expect, it } from "vitest";
import { withdrawCommand } from "../../cli/commands/withdraw.ts";
import { id } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { type StubAnswer, stubService } from "./stub-service.ts";

async function withdraw(answer: StubAnswer, ...more: readonly string[]) {
  const service = await stubService({ [`POST /v1/promotions/${id}/withdrawal`]: answer });
  const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
  const failure = await run(withdrawCommand(world), id, "--url", service.url, ...more);
  return { failure, printed: world.printed, requests: service.requests };
}
const withdrawn = { body: { id, status: "withdrawn" } };

describe("countersign withdraw", () => {
  it("takes the pipeline's request back, with the job's own token", async () => {
    const { failure, printed, requests } = await withdraw(withdrawn);
    expect([failure, printed]).toEqual([undefined, ["The promotion is withdrawn."]]);
    expect(requests).toMatchObject([{ authorization: "Bearer ci-token", body: {} }]);
  });

  it("prints the service's answer for a program", async () => {
    const { printed } = await withdraw(withdrawn, "--json");
    expect(printed.map((line) => JSON.parse(line))).toEqual([withdrawn.body]);
  });

  it("fails with the service's reason once it runs", async () => {
    const detail = "The promotion is deployed; it cannot be withdrawn any more.";
    const { failure, printed } = await withdraw({ status: 409, body: { code: "already-decided", detail } });
    expect([failure, printed]).toEqual([`${detail} (already-decided)`, []]);
  });
});
