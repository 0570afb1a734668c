import { describe, expect, it } from "vitest";
import { plainRelease } from "../../../core/deployment/release.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { deploymentOf, environmentOf, orderOf } from "../../../functions/steps/order.ts";
import { manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { environment, image, model } from "./deployment-scene.ts";

const deployment = { startedAt: now, serves: { image, model }, release: plainRelease("nothing") };
const staged = { model: addSeconds(now, -60), configuration: addSeconds(now, -59) };

describe("when what serves was made", () => {
  const known = async (over: Partial<Promotion>) => {
    const promotion = promotionInReview(over);
    const order = await orderOf(promotion, "artifacts", async () => environment);
    return [order, deploymentOf(promotion)].map((of) => [of?.staged, of?.stagedBefore]);
  };

  it("is as staging kept it, to whoever starts it, looks at it or puts it back", async () => {
    expect(await known({ status: "deployed", staged, deployment })).toEqual([
      [staged, undefined],
      [staged, undefined],
    ]);
  });

  it("was before its deployment began, where that was not kept yet", async () => {
    expect(await known({ status: "deployed", deployment })).toEqual([
      [undefined, now],
      [undefined, now],
    ]);
  });

  it("is not known of what was staged before that was kept, until it is deployed", async () => {
    expect(await known({ status: "approved" })).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });
});

describe("an order", () => {
  const orderFor = (over: Partial<Promotion>) => orderOf(promotionInReview(over), "artifacts", async () => environment);

  it("lets nothing say that what is restricted is approved", async () => {
    expect(await orderFor({ status: "restricted" })).toMatchObject({ restricted: true });
    expect(await orderFor({ status: "deployed" })).not.toHaveProperty("restricted");
  });

  it.each<readonly [string, Partial<Promotion>, string]>([
    ["no artifact in a role", { manifest: { ...manifest, artifacts: manifest.artifacts.slice(1) } }, "model"],
    ["none of whose artifacts is frozen", { frozen: [] }, "environment"],
    ["that was never frozen", { frozen: undefined as never }, "environment"],
  ])("is made of no candidate with %s", async (_, over, role) => {
    expect(await refused(orderFor(over))).toEqual({
      code: "deployment-refused",
      sentence: `The candidate has no frozen artifact in the role '${role}'.`,
    });
  });

  it.each([
    ["is not JSON", "FROM scratch"],
    ["names two images", `{"image":{"reference":"${image}"},"image":{"reference":"${image}"}}`],
    ["is no text", new Uint8Array([0xff, 0xfe])],
  ])("is made of no environment that %s", async (_, told) => {
    const bytes = typeof told === "string" ? utf8(told) : told;
    expect(await refused(orderOf(promotionInReview(), "artifacts", async () => bytes))).toEqual({
      code: "deployment-refused",
      sentence: expect.stringMatching(/^The environment artifact is not JSON that can be taken, so no container image/),
    });
  });

  it("is made by no environment but the one that was signed", async () => {
    const read = async () => environment.subarray(1);
    expect((await refused(environmentOf(promotionInReview(), read))).code).toBe("digest-mismatch");
    expect(await environmentOf(promotionInReview(), async () => environment)).toEqual(environment);
  });
});

describe("a deployment that has begun", () => {
  it("knows what ran before, and since when it shares the requests", () => {
    const previous = { name: "before" };
    const history = ["deployment-started", "traffic-shifted", "traffic-shifted"].map((type, at) => ({
      ...{ id: `${at}`, type: type as "deployed", at: addSeconds(now, at), summary: "", body: {}, attachments: [] },
    }));
    const of = (over: Partial<Promotion>) =>
      deploymentOf(promotionInReview({ status: "deploying", deployment, ...over }));
    expect(of({ deployment: { ...deployment, previous: previous as never }, history })).toMatchObject({
      previous,
      sharedSince: addSeconds(now, 1),
    });
    expect(of({})).not.toHaveProperty("previous");
    expect(of({})).not.toHaveProperty("sharedSince");
    expect(deploymentOf(promotionInReview())).toBeUndefined();
  });
});
