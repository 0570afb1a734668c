import { describe, expect, it } from "vitest";
import { lendCommand } from "../../cli/commands/lend.ts";
import { readToken } from "../../core/attestation/id-token.ts";
import type { LoanStatement } from "../../core/attestation/loan-statement.ts";
import { challengeOf, signOffId } from "../../core/attestation/sign-off-statement.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { freezeDigest } from "../../core/promotion/freeze-manifest.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import type { PromotionView } from "../../functions/api/read-promotions/view.ts";
import { manifest } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { browserOf, coraHerself, freePort, identityProvider } from "./signed-in-person.ts";
import { stubService } from "./stub-service.ts";

const request = {
  id: "ab".repeat(32),
  lender: "Olaf",
  role: "compliance-officer",
  seconds: 5400,
  incident: "https://incidents.example/417",
  reason: "The model in production turns everybody down.",
  review: 1,
  recordedAt: "2026-11-23T12:00:00.000Z",
};

/** A promotion whose rule lets compliance officers lend, and a service that takes what they sign. */
async function scene(
  requests: readonly object[] = [],
  mayLend: readonly string[] = ["compliance-officer"],
  over: Partial<PromotionView> = {},
  served = servedPromotion(),
) {
  const path = `/v1/promotions/${served.id}`;
  const budget = { loans: 2, per: "quarter" } as const;
  const rule = { ...served.requirements.document.rule, loan: { roles: mayLend, maximumSeconds: 14_400, budget } };
  const document = { ...served.requirements.document, rule };
  const sha256 = sha256Hex(canonicalJsonBytes(document));
  const context = served.signOffContext ?? expect.unreachable();
  const view = {
    ...served,
    requirements: { sha256, document },
    signOffContext: { ...context, requirements: sha256 },
    ...(requests.length === 0 ? {} : { loan: { requests } }),
    ...over,
  } as PromotionView;
  const { settings } = await identityProvider();
  const recordedAt = "2026-11-23T12:00:00.000Z" as Instant;
  const service = await stubService({
    "GET /v1/service": { body: settings },
    [`GET ${path}`]: { body: view },
    [`POST ${path}/loan`]: ({ body }) => ({
      status: 201,
      body: { id: signOffId((body as { statement: LoanStatement }).statement), recordedAt },
    }),
  });
  const browser = browserOf(coraHerself);
  const world = recordedSurroundings({
    start: instantFromMs(Date.now()),
    openBrowser: browser.open,
    ask: async () => undefined,
  });
  const lend = async (...options: readonly string[]) =>
    run(
      lendCommand(world),
      served.id,
      "--reason",
      "Urgent.",
      "--url",
      service.url,
      "--port",
      await freePort(),
      "--open",
      ...options,
    );
  const posted = () =>
    service.requests.find(({ method }) => method === "POST")?.body as
      | { statement: LoanStatement; idToken: string }
      | undefined;
  return { lend, posted, world };
}

describe("lend", () => {
  it("asks for a loan: the identity provider signs for how long, why and for which incident", async () => {
    const { lend, posted, world } = await scene();
    expect(await lend("--yes", "--for", "90m", "--incident", request.incident)).toBeUndefined();
    const { statement, idToken } = posted() ?? expect.unreachable();
    expect(statement.predicate).toMatchObject({
      terms: { seconds: 5400, incident: request.incident },
      reason: "Urgent.",
      role: "compliance-officer",
    });
    expect(readToken(idToken).claims["nonce"]).toBe(challengeOf(statement));
    expect(world.printed).toEqual([signOffId(statement)]);
  });

  it("says before anybody signs that a loan is over before its release is", async () => {
    const traffic = { kind: "canary", percent: 50, waitSeconds: 300 } as const;
    const slow = { ...manifest, target: { ...manifest.target, traffic } } as typeof manifest;
    const digest = freezeDigest(slow);
    const served = servedPromotion({ manifest: slow, freezeDigest: digest, id: promotionId(digest, 1) });
    const { lend, world } = await scene([], undefined, {}, served);
    await lend("--yes", "--for", "10m", "--incident", request.incident);
    expect(world.noted.join("\n")).toContain("traffic comes over for 10 minutes: so short a loan is over before that");
    const longer = await scene([], undefined, {}, served);
    await longer.lend("--yes", "--for", "11m", "--incident", request.incident);
    expect(longer.world.noted.join("\n")).not.toContain("so short a loan");
  });

  it("confirms what another asked for, in the very terms that are shown", async () => {
    const { lend, posted, world } = await scene([request]);
    expect(await lend("--yes", "--confirm", request.id)).toBeUndefined();
    expect(world.noted.join("\n")).toContain(
      `You confirm a loan. Olaf asks for 90 minutes: ${request.reason} (${request.incident})`,
    );
    expect(posted()?.statement.predicate).toMatchObject({
      terms: { seconds: 5400, incident: request.incident },
      confirms: { sha256: request.id },
    });
  });

  it("asks nobody to sign where nothing is lent", async () => {
    const nothingLent = "The budget of 'credit-scoring' is used up: 2 loans each quarter.";
    const { lend, posted, world } = await scene([request], undefined, { nothingLent });
    expect(await lend("--yes", "--confirm", request.id)).toMatch(/budget of 'credit-scoring' is used up/);
    expect(world.noted.join("\n")).not.toContain("You are about to sign");
    expect(posted()).toBeUndefined();
  });

  it("sends nothing to confirm what was asked for in an earlier review", async () => {
    const { lend, posted } = await scene([{ ...request, review: 7 }]);
    expect(await lend("--yes", "--confirm", request.id)).toMatch(/is of an earlier review/);
    expect(posted()).toBeUndefined();
  });

  it("lets nobody sign in for a loan of which it is not said for what", async () => {
    const { lend, posted, world } = await scene();
    expect(await lend("--yes", "--for", "1h")).toMatch(/for which --incident/);
    for (const incident of ["INC-417", "http://incidents.example/417", "https://incidents.example/4 17", ""])
      expect(await lend("--yes", "--for", "1h", "--incident", incident)).toMatch(
        /^--incident must be the https address/,
      );
    expect(await lend("--yes", "--for", "1h", "--incident", request.incident, "--reason", " ")).toMatch(
      /needs a --reason/,
    );
    expect([posted(), world.noted]).toEqual([undefined, []]);
  });

  it("lets nobody sign for longer than the rule lends", async () => {
    const { lend, posted, world } = await scene();
    expect(await lend("--yes", "--for", "5h", "--incident", request.incident)).toBe(
      "A loan lasts 4 hours at most; say less with --for.",
    );
    expect(world.noted.join("\n")).not.toContain("You are about to sign");
    expect(posted()).toBeUndefined();
    expect(await lend("--yes", "--for", "4h", "--incident", request.incident)).toBeUndefined();
  });

  it("lets nobody sign where the rule lends nothing, whatever role they name", async () => {
    const { lend, posted, world } = await scene([], [], servedPromotion());
    expect(await lend("--yes", "--for", "1h", "--incident", request.incident, "--role", "sre")).toBe(
      "The approval matrix lends nothing to 'credit-scoring' in 'production'.",
    );
    expect(world.noted.join("\n")).not.toContain("You are about to sign");
    expect(posted()).toBeUndefined();
  });

  it.each<[string, readonly string[], readonly string[], RegExp]>([
    [
      "what nobody asked for",
      ["--yes", "--confirm", "cd".repeat(32)],
      ["compliance-officer"],
      /Nobody made such a request/,
    ],
    [
      "without a role that may",
      ["--yes", "--for", "1h", "--incident", request.incident],
      ["sre"],
      /no role that may lend/,
    ],
    [
      "without a yes",
      ["--for", "1h", "--incident", request.incident],
      ["compliance-officer"],
      /Nobody is at the terminal/,
    ],
  ])("sends nothing %s", async (_, options, mayLend, why) => {
    const { lend, posted } = await scene([request], mayLend);
    expect(await lend(...options)).toMatch(why);
    expect(posted()).toBeUndefined();
  });
});
