import { describe, expect, it } from "vitest";
import { listCommand } from "../../cli/commands/list.ts";
import { id } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { stubService } from "./stub-service.ts";

const token = { environment: { COUNTERSIGN_TOKEN: "ci-token" } };
const path = "GET /v1/promotions?status=any&limit=100";

describe("list", () => {
  it("prints ids and where they stand, whatever pages they come in", async () => {
    const asked = "GET /v1/promotions?status=any&model=credit-scoring&limit=100";
    const { url } = await stubService({
      [asked]: { body: { promotions: [servedPromotion()], next: "second" } },
      [`${asked}&cursor=second`]: { body: { promotions: [], next: "third" } },
      [`${asked}&cursor=third`]: { body: { promotions: [servedPromotion({ status: "deployed" })] } },
    });
    const world = recordedSurroundings(token);
    expect(await run(listCommand(world), "--url", url, "--model", "credit-scoring", "--status", "any")).toBeUndefined();
    expect(world.printed).toEqual([
      expect.stringMatching(`^${id}  .* UTC  in-review    credit-scoring 1\\.4\\.0 for production$`),
      expect.stringMatching(`^${id}  .* UTC  deployed     credit-scoring 1\\.4\\.0 for production$`),
    ]);
    expect(world.noted).toEqual([]);
  });

  it("says that there may be more than it was to list", async () => {
    const { url } = await stubService({ [path]: { body: { promotions: [servedPromotion(), servedPromotion()] } } });
    const world = recordedSurroundings(token);
    await run(listCommand(world), "--url", url, "--most", "1", "--json");
    expect(world.printed.map((line) => JSON.parse(line).id)).toEqual([id]);
    expect(world.noted).toEqual(["There may be more than these 1; --most says how many to list."]);
  });

  it("ends where a service goes on naming pages without anything in them", async () => {
    const { url, requests } = await stubService({
      [path]: { body: { promotions: [], next: "again" } },
      [`${path}&cursor=again`]: { body: { promotions: [], next: "again" } },
    });
    const world = recordedSurroundings(token);
    await run(listCommand(world), "--url", url);
    expect(world.noted).toEqual(["None were found in the 50 pages that were looked at."]);
    expect(requests).toHaveLength(50);
  });

  it("names what the service cannot read", async () => {
    const { url } = await stubService({ [path]: { body: { promotions: [], unreadable: ["p-broken"] } } });
    const world = recordedSurroundings(token);
    await run(listCommand(world), "--url", url);
    expect(world.noted).toEqual([
      "Not listed, since the service cannot read them: p-broken. Whoever runs it has to look into that.",
    ]);
  });

  it("says so where there are none", async () => {
    const { url } = await stubService({ [path]: { body: { promotions: [] } } });
    const world = recordedSurroundings(token);
    await run(listCommand(world), "--url", url);
    expect([world.printed, world.noted]).toEqual([[], ["There are none."]]);
  });
});
