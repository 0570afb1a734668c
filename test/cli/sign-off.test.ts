import { describe, expect, it } from "vitest";
import { inboxCommand } from "../../cli/commands/inbox.ts";
import { signOffCommand } from "../../cli/commands/sign-off.ts";
import type { Role } from "../../core/approval/matrix.ts";
import { readToken } from "../../core/attestation/id-token.ts";
import { challengeOf, type SignOffStatement, signOffId } from "../../core/attestation/sign-off-statement.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import type { PromotionView } from "../../functions/api/read-promotions/view.ts";
import { promotionSummary } from "../../functions/api/read-promotions/view.ts";
import { digestOf, id, member, openStage, promotionInReview } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { servedPromotion } from "./served-promotion.ts";
import { browserOf, coraHerself, freePort, identityProvider, samHimself } from "./signed-in-person.ts";
import { type StubAnswer, stubService } from "./stub-service.ts";

const recordedAt = "2026-11-23T12:00:00.000Z" as Instant;
const path = `/v1/promotions/${id}`;

/** A service, its identity provider, and the command's surroundings: the clock is the real one, as the provider's is. */
async function scene(
  over: {
    readonly view?: PromotionView;
    readonly browser?: ReturnType<typeof browserOf>;
    readonly answer?: string;
    /** What is answered to a decision, instead of that it is recorded. */
    readonly recorded?: (given: StubAnswer) => StubAnswer;
    /** How many seconds the service's clock is ahead of everybody else's. */
    readonly ahead?: number;
    /** Delegations that hold; delegates are of the scene's own issuer. */
    readonly places?: readonly { readonly delegate: object }[];
    /** What Cora did with the candidate that keeps her from approving it. */
    readonly hand?: string;
  } = {},
) {
  const { issuer, settings } = await identityProvider();
  const places = over.places?.map((place) => ({ ...place, delegate: { ...place.delegate, issuer } }));
  const barred = over.hand === undefined ? [] : [{ identity: { issuer, subject: "sub-cora" }, hand: over.hand }];
  const view = {
    ...(over.view ?? servedPromotion()),
    barred,
    ...(places === undefined ? {} : { delegations: places }),
  };
  const date = new Date(Date.now() + (over.ahead ?? 0) * 1000).toUTCString();
  const service = await stubService({
    "GET /v1/service": { body: settings, headers: { date } },
    [`GET ${path}`]: { body: view },
    [`POST ${path}/sign-offs`]: (request) => {
      const answer = {
        status: 201,
        body: { id: signOffId((request.body as { statement: SignOffStatement }).statement), recordedAt },
      };
      return over.recorded?.(answer) ?? answer;
    },
    "GET /v1/promotions?status=in-review&standing=true&limit=100": {
      body: { promotions: [promotionSummary(promotionInReview())], next: "more" },
    },
    "GET /v1/promotions?status=in-review&standing=true&limit=100&cursor=more": { body: { promotions: [] } },
    "GET /v1/promotions?status=loaned&standing=true&limit=100": { body: { promotions: [] } },
    "GET /v1/promotions?status=approved&standing=true&limit=100": { body: { promotions: [] } },
  });
  const browser = over.browser ?? browserOf(coraHerself);
  const world = recordedSurroundings({
    start: instantFromMs(Date.now()),
    openBrowser: browser.open,
    ask: async () => over.answer,
  });
  const common = ["--url", service.url, "--port", await freePort(), "--open"];
  const posted = () =>
    service.requests.find(({ method }) => method === "POST")?.body as
      | { statement: SignOffStatement; idToken: string }
      | undefined;
  return { issuer, service, browser, world, common, posted };
}

/** A promotion whose compliance officers are asked for more. */
function servedToOfficers(over: Pick<Role, "secondFactor" | "signIn">) {
  const served = servedPromotion();
  const { document } = served.requirements;
  const officer = { ...document.roles["compliance-officer"], ...over } as Role;
  const strict = { ...document, roles: { ...document.roles, "compliance-officer": officer } };
  const sha256 = sha256Hex(canonicalJsonBytes(strict));
  const context = served.signOffContext ?? expect.unreachable();
  return {
    ...served,
    requirements: { sha256, document: strict },
    signOffContext: { ...context, requirements: sha256 },
  };
}

describe("sign-off", () => {
  it("signs conditions with the approval, after it said them in words; a rejection has none", async () => {
    const { world, common, posted } = await scene();
    const conditions = ["--condition", "errors=1%", "--condition", "for=24h"];
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...conditions, ...common)).toBeUndefined();
    expect(posted()?.statement.predicate.conditions).toEqual({ forSeconds: 86_400, errorPercent: 1 });
    expect(world.noted.join("\n")).toContain(
      "You approve on condition that for 1 day at most 1 percent of its answers are errors.",
    );
    const refusal = await run(signOffCommand(world), id, "--reject", "--reason", "No.", ...conditions, ...common);
    expect(refusal).toContain("Only an approval has conditions.");
  });

  it("cannot give an approval that needs a passkey, and says where it can be given; a rejection it can", async () => {
    const view = servedToOfficers({ secondFactor: "passkey" });
    const approving = await scene({ view });
    const refusal = await run(signOffCommand(approving.world), id, "--approve", "--yes", ...approving.common);
    expect(refusal).toContain("needs your passkey, which a terminal does not hold");
    expect(refusal).toContain(`Approve in a browser: ${approving.service.url}/#/promotions/${id}`);
    expect(approving.posted()).toBeUndefined();
    const rejecting = await scene({ view });
    const options = ["--reject", "--reason", "No.", "--yes", ...rejecting.common];
    expect(await run(signOffCommand(rejecting.world), id, ...options)).toBeUndefined();
  });

  it("asks the identity provider for the class of sign-in that the role takes approvals by, and for none to reject", async () => {
    const view = servedToOfficers({ signIn: { acr: ["urn:example:mfa"] } });
    const askedFor = async (...decision: string[]) => {
      const { browser, world, common } = await scene({ view });
      expect(await run(signOffCommand(world), id, ...decision, "--yes", ...common)).toBeUndefined();
      return browser.opened.map(({ searchParams }) => searchParams.get("acr_values"));
    };
    expect(await askedFor("--approve")).toEqual([null, "urn:example:mfa"]);
    expect(await askedFor("--reject", "--reason", "No.")).toEqual([null, null]);
  });

  it("sends nothing that an older sign-in signs, and says how to have a new one", async () => {
    const { world, common, posted } = await scene({ ahead: 120 });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      "The sign-in is older than the decision; a decision needs a fresh sign-in. Sign out at the identity provider in that browser, and try again; nothing was sent.",
    );
    expect(posted()).toBeUndefined();
  });

  it("has the identity provider sign exactly the statement that was shown", async () => {
    const { issuer, service, browser, world, common, posted } = await scene({ answer: "approve" });
    expect(await run(signOffCommand(world), id, "--approve", "--reason", "All fine.", ...common)).toBeUndefined();
    const { statement, idToken } = posted() ?? expect.unreachable();
    const { claims } = readToken(idToken);
    expect(claims).toMatchObject({ iss: issuer, sub: "sub-cora", nonce: challengeOf(statement) });
    expect(statement.predicate).toMatchObject({
      result: "approve",
      reason: "All fine.",
      roles: ["compliance-officer"],
      reviewer: { issuer, subject: "sub-cora" },
      promotion: id,
    });
    expect(world.printed).toEqual([signOffId(statement)]);
    const said = world.noted.join("\n");
    expect(said).toContain(`its digest, SHA-256 over the DSSE encoding: ${signOffId(statement)}`);
    expect(JSON.parse(said.slice(said.indexOf("{\n"), said.indexOf("\n}\n") + 2))).toEqual(
      JSON.parse(JSON.stringify(statement)),
    );
    expect(said).toContain("unusual: The interval of auc reaches below its bound.");
    expect(said).toContain("AUC 0.791235; at least 0.72 is required");

    const [reading, deciding] = browser.opened.map((address) => address.searchParams);
    expect(reading?.get("prompt")).toBeNull();
    expect(Number(reading?.get("max_age"))).toBeGreaterThan(86_400);
    expect(Object.fromEntries(deciding ?? [])).toMatchObject({
      prompt: "login",
      max_age: "0",
      nonce: challengeOf(statement),
      code_challenge_method: "S256",
      login_hint: "cora@example.org",
    });
    expect(deciding?.get("state")).not.toBe(reading?.get("state"));
    // Of the two tokens neither was printed; the reading one goes to reads only.
    const [, shown, decided] = service.requests;
    expect(decided?.authorization).toBe(`Bearer ${idToken}`);
    expect(shown?.authorization).not.toBe(decided?.authorization);
    for (const secret of [idToken, shown?.authorization?.slice(7) ?? ""])
      expect(world.everything()).not.toContain(secret);
  });

  it("signs nothing without the confirmation", async () => {
    const { browser, world, common, posted } = await scene({ answer: "no" });
    expect(await run(signOffCommand(world), id, "--approve", ...common)).toBe("Not confirmed; nothing was signed.");
    expect(browser.opened).toHaveLength(1);
    expect(posted()).toBeUndefined();
  });

  it("asks for --yes where nobody is at the terminal", async () => {
    const { world, common } = await scene();
    expect(await run(signOffCommand(world), id, "--approve", ...common)).toBe(
      "Nobody is at the terminal to confirm; give --yes if that is meant.",
    );
  });

  it("sends nothing when somebody else signs the decision than read it", async () => {
    const { world, common, posted } = await scene({ browser: browserOf(coraHerself, samHimself) });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      "Somebody else signed in than the one who read it; nothing was sent.",
    );
    expect(posted()).toBeUndefined();
  });

  it("lets somebody of a later stage reject, in their own role", async () => {
    const { world, common, posted } = await scene({ browser: browserOf(samHimself) });
    await run(signOffCommand(world), id, "--reject", "--reason", "No capacity.", "--yes", ...common);
    expect(posted()?.statement.predicate).toMatchObject({ result: "reject", roles: ["sre"] });
  });

  it("does not let them approve, and names the roles that could, and what they may do themselves", async () => {
    const { world, common } = await scene({ browser: browserOf(samHimself) });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      "You hold none of the roles that this stage asks for: compliance-officer. Yours is asked for at the stage 'model and operations'. Until the verdict is signed you may reject it.",
    );
  });

  it("has nobody sign an approval in a freeze window, and takes their rejection", async () => {
    const changeFreeze = { window: "Year end", until: "2027-01-10T00:00:00.000Z" as Instant };
    const { world, common, posted } = await scene({ view: { ...servedPromotion(), changeFreeze } });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      "Changes are frozen ('Year end') until 2027-01-10 00:00:00 UTC: nothing is approved before. You may reject it.",
    );
    expect(posted()).toBeUndefined();
    await run(signOffCommand(world), id, "--reject", "--reason", "Not on a Friday.", "--yes", ...common);
    expect(posted()?.statement.predicate.result).toBe("reject");
  });

  it("has nobody sign an approval who had a hand in the candidate, and takes their rejection", async () => {
    const { world, common, posted } = await scene({ hand: "trained the model" });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      "You cannot approve it: somebody who trained the model may not. You may reject it.",
    );
    expect(posted()).toBeUndefined();
    expect(await run(signOffCommand(world), id, "--reject", "--reason", "No.", "--yes", ...common)).toBeUndefined();
  });

  it("tells whoever would take back what they decided in a stage that is over that they may reject", async () => {
    const view = servedPromotion({ stage: openStage(1) });
    const { world, common, posted } = await scene({ view });
    const none = "You hold none of the roles that this stage asks for: lead-data-scientist, sre.";
    expect(await run(signOffCommand(world), id, "--withdraw", "--yes", ...common)).toBe(
      `${none} What you decided in a stage that is over cannot be taken back. Until the verdict is signed you may reject it.`,
    );
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      `${none} The stage that asks for yours is over. Until the verdict is signed you may reject it.`,
    );
    expect(posted()).toBeUndefined();
  });

  it.each<[string, (view: PromotionView) => object, string]>([
    [
      "another manifest",
      (view) => ({ manifest: { ...view.manifest, model: { ...view.manifest.model, version: "6.6.6" } } }),
      "freezeDigest, model, promotion",
    ],
    [
      "another summary",
      (view) => ({ summary: { ...view.summary, document: { ...(view.summary?.document as object), quality: [] } } }),
      "shown",
    ],
    [
      "other requirements",
      (view) => ({
        requirements: { ...view.requirements, document: { ...view.requirements.document, requirementsVersion: 2 } },
      }),
      "requirements",
    ],
    [
      "another attempt's context",
      (view) => ({ signOffContext: { ...view.signOffContext, promotion: `${id}1` } }),
      "promotion",
    ],
    [
      "another base of names",
      (view) => ({ signOffContext: { ...view.signOffContext, attestationBase: "https://elsewhere.example" } }),
      "attestationBase",
    ],
  ])("refuses when the service shows %s than it wants signed", async (_, change, parts) => {
    const view = servedPromotion();
    const { world, common, posted } = await scene({ view: { ...view, ...change(view) } as PromotionView });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      `The service shows something else than it asks you to sign (${parts}). Do not sign; tell those who run it.`,
    );
    expect(posted()).toBeUndefined();
  });

  it("says that a promotion takes no decision", async () => {
    const { world, common } = await scene({
      view: servedPromotion({ status: "deployed", stage: openStage(1, { open: false }) }),
    });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBe(
      "The promotion is deployed; it takes no decision at the moment.",
    );
  });

  it("approves in another's place, under the delegation that allows it", async () => {
    const place = (over: object = {}) => ({
      id: "d".repeat(64),
      role: "compliance-officer",
      delegate: { issuer: "", subject: "sub-sam" },
      delegator: { issuer: "https://login.example", subject: "sub-cora" },
      delegatorName: "Cora",
      until: recordedAt,
      ...over,
    });
    const stood = await scene({
      browser: browserOf(samHimself),
      places: [place(), place({ delegate: { issuer: "", subject: "x" } })],
    });
    expect(
      await run(signOffCommand(stood.world), id, "--approve", "--in-place-of", "cora", "--yes", ...stood.common),
    ).toBeUndefined();
    expect(stood.posted()?.statement.predicate).toMatchObject({
      roles: ["compliance-officer"],
      reviewer: { subject: "sub-sam" },
      onBehalfOf: { person: { subject: "sub-cora" }, delegation: { sha256: "d".repeat(64) } },
    });
    const other = await scene({ browser: browserOf(samHimself), places: [place({ role: "sre" })] });
    expect(
      await run(signOffCommand(other.world), id, "--approve", "--in-place-of", "Cora", "--yes", ...other.common),
    ).toBe("In this stage you cannot sign in the place of 'Cora'; you could in the place of nobody.");
  });

  it("takes nothing back in another's place", async () => {
    const options = ["--withdraw", "--in-place-of", "Cora", "--url", "http://127.0.0.1:9"];
    expect(await run(signOffCommand(recordedSurroundings()), id, ...options)).toBe(
      "What you gave in another's place you take back in your own name.",
    );
  });

  it("wants a reason for a rejection before anybody signs in", async () => {
    const world = recordedSurroundings();
    expect(await run(signOffCommand(world), id, "--reject", "--url", "http://127.0.0.1:9")).toBe(
      "A rejection needs a --reason that its authors can act on.",
    );
  });

  it("is sent again where the service has too many requests for a moment: it is signed already", async () => {
    let asked = 0;
    const { world, common, service } = await scene({
      recorded: (given) =>
        asked++ === 0 ? { status: 429, body: { code: "unavailable", detail: "Too many." } } : given,
    });
    expect(await run(signOffCommand(world), id, "--approve", "--yes", ...common)).toBeUndefined();
    const sent = service.requests.filter(({ method }) => method === "POST").map(({ body }) => JSON.stringify(body));
    expect([sent.length, new Set(sent).size]).toEqual([2, 1]);
    expect(world.noted.at(-2)).toBe("Too many. (unavailable) It is signed, and is sent again.");
    expect(world.noted.at(-1)).toMatch(/^Your approval is recorded\. /);
  });

  it("trusts no identity provider that is reached without https", async () => {
    const { url } = await stubService({
      "GET /v1/service": {
        body: { issuer: "http://login.example/pool", cliClientId: "cli", attestationBase: "https://a.example" },
      },
    });
    expect(await run(signOffCommand(recordedSurroundings()), id, "--approve", "--url", url)).toBe(
      "The address of the identity provider must begin with https://; plain http is for this machine only.",
    );
  });
});

describe("inbox", () => {
  it("lists what waits for the person who signs in", async () => {
    const { issuer, settings } = await identityProvider();
    const cora = { ...member("Cora", "compliance-officers"), identity: { issuer, subject: "sub-cora" } };
    const view = servedPromotion({}, [cora]);
    const lent = promotionInReview({
      ...{ id: promotionId(digestOf("lent"), 1), status: "loaned" },
      stage: { ...openStage(0), deadline: "2026-11-23T11:00:00.000Z" as Instant },
    });
    const running = promotionId(digestOf("running"), 1);
    const drifted = promotionInReview({
      ...{ id: promotionId(digestOf("drifted"), 1), reapproves: { promotion: running, frozen: [] } },
      stage: { ...openStage(0), deadline: "2026-11-25T11:00:00.000Z" as Instant },
    });
    const asked = promotionInReview({ id: promotionId(digestOf("asked"), 1) });
    const held = (until: string, mayReject: boolean) => ({
      ...promotionSummary(
        promotionInReview({
          id: promotionId(digestOf(until), 1),
          status: "approved",
          stage: openStage(0, { open: false }),
        }),
      ),
      held: { window: "Year end", until, mayReject },
    });
    const first = held("2026-12-31T00:00:00.000Z", true);
    const later = held("2027-01-02T00:00:00.000Z", true);
    const service = await stubService({
      "GET /v1/service": { body: settings },
      [`GET ${path}`]: { body: view },
      "GET /v1/promotions?status=in-review&standing=true&limit=100": {
        body: { promotions: [promotionSummary(promotionInReview())], next: "a b" },
      },
      "GET /v1/promotions?status=in-review&standing=true&limit=100&cursor=a%20b": {
        body: {
          promotions: [
            {
              ...promotionSummary(asked),
              waits: { forReader: false, roles: [], loanToConfirm: { until: "2026-11-23T10:30:00.000Z" } },
            },
          ],
        },
      },
      [`GET /v1/promotions/${asked.id}`]: {
        body: { ...view, id: asked.id, explanation: { ...view.explanation, children: [] } },
      },
      "GET /v1/promotions?status=loaned&standing=true&limit=100": {
        body: { promotions: [lent, drifted].map((each) => promotionSummary(each)) },
      },
      "GET /v1/promotions?status=approved&standing=true&limit=100": {
        body: { promotions: [later, first, held("2026-12-30T00:00:00.000Z", false)] },
      },
      [`GET /v1/promotions/${drifted.id}`]: {
        body: {
          ...view,
          id: drifted.id,
          reapproves: running,
          changeFreeze: { window: "Year end", until: "2027-01-10T00:00:00.000Z" },
          stage: { ...view.stage, deadline: drifted.stage?.deadline },
        },
      },
      [`GET /v1/promotions/${lent.id}`]: {
        body: { ...view, id: lent.id, status: "loaned", stage: { ...view.stage, deadline: lent.stage?.deadline } },
      },
    });
    const world = recordedSurroundings({ start: instantFromMs(Date.now()), openBrowser: browserOf(coraHerself).open });
    await run(inboxCommand(world), "--url", service.url, "--port", await freePort(), "--open");
    expect(world.printed).toEqual([
      `${asked.id}  until 2026-11-23 10:30:00 UTC  credit-scoring 1.4.0 for production, stage 'compliance', a loan is asked for: 'show' says by whom and why, 'lend' confirms it`,
      `${lent.id}  until 2026-11-23 11:00:00 UTC  credit-scoring 1.4.0 for production, stage 'compliance', runs on loan until then`,
      `${id}  until 2026-11-24 11:00:00 UTC  credit-scoring 1.4.0 for production, stage 'compliance'`,
      `${drifted.id}  until 2026-11-25 11:00:00 UTC  credit-scoring 1.4.0 for production, stage 'compliance', drifted and asked for again, nothing is approved before 2027-01-10 00:00:00 UTC (change freeze)`,
      `${first.id}  approved  credit-scoring 1.4.0 for production, held by the freeze window 'Year end' until 2026-12-31 00:00:00 UTC; you may still reject it`,
      `${later.id}  approved  credit-scoring 1.4.0 for production, held by the freeze window 'Year end' until 2027-01-02 00:00:00 UTC; you may still reject it`,
    ]);
  });

  it("says so when nothing waits", async () => {
    const { world, common } = await scene({ browser: browserOf(samHimself) });
    await run(inboxCommand(world), ...common);
    expect(world.printed).toEqual([]);
    expect(world.noted.at(-1)).toBe("Nothing waits for Sam.");
  });
});
