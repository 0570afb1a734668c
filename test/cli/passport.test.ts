import { describe, expect, it } from "vitest";
import { passportCommand } from "../../cli/commands/passport.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { id, now } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { type StubAnswer, stubService } from "./stub-service.ts";

const until = addSeconds(now, 300);
const given: StubAnswer = { status: 201, body: { passport: "a.b.c", expiresAt: addSeconds(now, 600) } };
const lost: StubAnswer = { status: 503, body: { code: "unavailable", detail: "The service is away." } };
const open: StubAnswer = {
  status: 409,
  body: {
    code: "conflict",
    detail: "There is one already.",
    until,
  },
};

/** A service that answers requests for a passport one after the other, the last one for ever. */
async function passport(answers: readonly StubAnswer[], ...more: readonly string[]) {
  let next = 0;
  const service = await stubService({
    [`GET /v1/promotions/${id}`]: { body: servedPromotion({ status: "deploying" }) },
    [`POST /v1/promotions/${id}/passport`]: () => answers[Math.min(next++, answers.length - 1)] ?? given,
  });
  const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
  const failure = await run(passportCommand(world), id, "--for", "vault", "--url", service.url, ...more);
  const posts = service.requests.filter(({ method }) => method === "POST").length;
  return { failure, posts, printed: world.printed, noted: world.noted, now: world.now() };
}

describe("countersign passport", () => {
  it.each([
    ["deployed", "There is no passport for it. Deployed."],
    ["approved", "There is no passport yet. Approved; the sign-offs are verified again before the deployment."],
  ] as const)("says of what is %s that there is none, and where it stands", async (status, sentence) => {
    const service = await stubService({ [`GET /v1/promotions/${id}`]: { body: servedPromotion({ status }) } });
    const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
    const failure = await run(passportCommand(world), id, "--for", "vault", "--url", service.url);
    expect(failure).toBe(sentence);
    expect(world.printed).toEqual([]);
  });

  it("asks again where the answer was lost, and waits until the passport that it brought is over", async () => {
    const asked = await passport([lost, open, given]);
    expect(asked).toMatchObject({ failure: undefined, posts: 3, printed: ["a.b.c"] });
    expect(asked.noted).toContain(
      `A passport was issued whose answer nobody has: waiting until ${until} for the next one.`,
    );
    expect(asked.now >= until).toBe(true);
  });

  it("waits for the next one as long as it may wait, and otherwise says until when there is one", async () => {
    expect(await passport([open, given], "--wait", "10m")).toMatchObject({ posts: 2, printed: ["a.b.c"] });
    for (const wait of [[], ["--wait", "2m"]]) {
      const { failure, posts, printed } = await passport([open, given], ...wait);
      expect(failure).toContain("There is one already.");
      expect([posts, printed]).toEqual([1, []]);
    }
  });

  it("ends where the service stays away, and at once where there are no more", async () => {
    const { failure, printed, now: ended } = await passport([lost]);
    expect(failure).toContain("The service is away.");
    expect([printed, ended >= addSeconds(now, 600)]).toEqual([[], true]);
    const none = { status: 409, body: { code: "conflict", detail: "5 passports were issued for this promotion." } };
    expect(await passport([none, given], "--wait", "1h")).toMatchObject({ posts: 1, printed: [] });
  });
});
