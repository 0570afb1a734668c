import { describe, expect, it } from "vitest";
import { absenceCommand } from "../../cli/commands/absence.ts";
import { delegateCommand } from "../../cli/commands/delegate.ts";
import { delegationsCommand } from "../../cli/commands/delegations.ts";
import { revokeDelegationCommand } from "../../cli/commands/revoke-delegation.ts";
import { momentOf } from "../../cli/delegation/moment.ts";
import {
  type DelegationDocument,
  type DelegationStatement,
  delegationIdOf,
} from "../../core/attestation/delegation-statement.ts";
import { readToken } from "../../core/attestation/id-token.ts";
import { challengeOf } from "../../core/attestation/sign-off-statement.ts";
import { addSeconds, type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import type { AbsenceView, DelegationView } from "../../functions/api/plan-absence/view.ts";
import { delegationDocument } from "../core/attestation/given-delegation.ts";
import { attestationBase, member, sam } from "../core/promotion/promotion-in-review.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { browserOf, coraHerself, freePort, identityProvider, samHimself } from "./signed-in-person.ts";
import { stubService } from "./stub-service.ts";

const start = instantFromMs(Date.now());
const emil = member("Emil", "visitors");

/** A service that shows Sam his plans, its identity provider, and the surroundings of a command. */
async function scene(
  over: {
    readonly plans?: Partial<AbsenceView>;
    readonly browser?: ReturnType<typeof browserOf>;
    readonly answer?: string;
  } = {},
) {
  const { issuer, settings } = await identityProvider();
  const himself = { issuer, subject: "sub-sam" };
  const plans: AbsenceView = {
    attestationBase,
    person: himself,
    delegations: [],
    roles: [{ role: "sre", title: "SRE" }],
    modelTypes: ["credit-scoring"],
    targets: ["production"],
    people: [{ identity: emil.identity, name: "Emil" }],
    ...over.plans,
  };
  const recorded = (request: { readonly body: unknown }) => ({
    status: 201,
    body: { id: delegationIdOf(statementIn(request.body).predicate.delegation), deed: "delegate", recordedAt: start },
  });
  const shown = plans.delegations.map(({ id }) => [`POST /v1/delegations/${id}/revocation`, recorded] as const);
  const service = await stubService({
    "GET /v1/service": { body: settings },
    "GET /v1/delegations": { body: plans },
    "POST /v1/delegations": recorded,
    ...Object.fromEntries(shown),
    "POST /v1/absence": (request) => ({ body: request.body }),
  });
  const browser = over.browser ?? browserOf(samHimself);
  const world = recordedSurroundings({
    start: instantFromMs(Date.now()),
    openBrowser: browser.open,
    ask: async () => over.answer,
  });
  const common = ["--url", service.url, "--port", await freePort(), "--open"];
  const posted = () => service.requests.find(({ method }) => method === "POST");
  return { himself, service, browser, world, common, posted };
}

function statementIn(body: unknown): DelegationStatement {
  return (body as { readonly statement: DelegationStatement }).statement;
}

function shown(document: DelegationDocument, over: Partial<DelegationView> = {}): DelegationView {
  return {
    id: delegationIdOf(document),
    delegation: document,
    title: "SRE",
    delegatorName: "Sam",
    delegateName: "Emil",
    recordedAt: document.from,
    ...over,
  };
}

describe("delegate", () => {
  it("has the identity provider sign exactly the delegation that was shown, by a fresh login", async () => {
    const { himself, browser, world, common, posted } = await scene({ answer: "delegate" });
    const options = ["--to", "emil", "--until", "5d", "--target", "production", "--reason", "On holiday."];
    expect(await run(delegateCommand(world), ...options, ...common)).toBeUndefined();
    const { body, authorization } = posted() ?? expect.unreachable();
    const statement = statementIn(body);
    const { idToken } = body as { readonly idToken: string };
    expect(readToken(idToken).claims).toMatchObject({ sub: "sub-sam", nonce: challengeOf(statement) });
    expect(authorization).toBe(`Bearer ${idToken}`);
    const { delegation } = statement.predicate;
    expect(statement.predicate).toMatchObject({ deed: "delegate", person: himself });
    expect(delegation).toMatchObject({
      delegator: himself,
      delegate: emil.identity,
      role: "sre",
      scope: { target: "production" },
      until: addSeconds(delegation.from, 5 * 86_400),
      reason: "On holiday.",
    });
    expect(browser.opened[1]?.searchParams.get("prompt")).toBe("login");
    expect(world.noted.join("\n")).toContain(`"target": "production"`);
    expect(world.noted.join("\n")).toMatch(
      /^What you sign: Emil signs in your place as sre for the target production, from [^\n]* UTC until [^\n]* UTC\.$/m,
    );
    expect(world.printed).toEqual([delegationIdOf(delegation)]);
    expect(world.everything()).not.toContain(idToken);
  });

  it("signs nothing without the confirmation", async () => {
    const { world, common, browser, posted } = await scene({ answer: "" });
    expect(await run(delegateCommand(world), "--to", "Emil", "--until", "5d", ...common)).toBe(
      "Not confirmed; nothing was signed.",
    );
    expect(browser.opened).toHaveLength(1);
    expect(posted()).toBeUndefined();
  });

  it("leads to the page for a role that is delegated with a passkey", async () => {
    const roles = [{ role: "sre", title: "SRE", secondFactor: "passkey" as const }];
    const { world, common, service, posted } = await scene({ plans: { roles } });
    expect(await run(delegateCommand(world), "--to", "Emil", "--until", "5d", "--yes", ...common)).toBe(
      `Delegating the role 'sre' needs your passkey, which a terminal does not hold. Delegate it in a browser: ${service.url}/#/absence`,
    );
    expect(posted()).toBeUndefined();
  });

  it("asks the identity provider for the class of sign-in that the role is delegated by", async () => {
    const roles = [{ role: "sre", title: "SRE", acr: ["urn:x:mfa", "urn:x:key"] }];
    const { world, common, browser } = await scene({ plans: { roles } });
    expect(await run(delegateCommand(world), "--to", "Emil", "--until", "5d", "--yes", ...common)).toBeUndefined();
    const asked = browser.opened.map(({ searchParams }) => searchParams.get("acr_values"));
    expect(asked).toEqual([null, "urn:x:mfa urn:x:key"]);
  });

  it("sends nothing when somebody else signs", async () => {
    const { world, common, posted } = await scene({ browser: browserOf(samHimself, coraHerself) });
    expect(await run(delegateCommand(world), "--to", "Emil", "--until", "5d", "--yes", ...common)).toBe(
      "Somebody else signed in than the one who read it; nothing was sent.",
    );
    expect(posted()).toBeUndefined();
  });

  const twin = { ...emil, identity: { ...emil.identity, subject: "sub-emil-2" } };
  const sre = { role: "sre", title: "SRE" };
  it.each<[string, Partial<AbsenceView>, readonly string[], string]>([
    [
      "somebody unknown, without what would redraw the terminal",
      { people: [{ identity: emil.identity, name: "Emil\u001b[2J" }] },
      ["--to", "Nobody\u0007", "--until", "5d"],
      "Nobody is called 'Nobody'; known are Emil [2J.",
    ],
    [
      "a name that two people have",
      { people: [emil, twin].map(({ identity, name }) => ({ identity, name })) },
      ["--to", "Emil", "--until", "5d"],
      "Several people are called 'Emil'; give the subject instead: sub-emil, sub-emil-2.",
    ],
    [
      "without a role of one's own",
      { roles: [] },
      ["--to", "Emil", "--until", "5d"],
      "You hold no role that you could delegate.",
    ],
    [
      "one of two roles, not saying which",
      { roles: [sre, { role: "risk", title: "Risk" }] },
      ["--to", "Emil", "--until", "5d"],
      "Say which --role; you hold sre, risk.",
    ],
    [
      "a role that one does not hold",
      {},
      ["--to", "Emil", "--until", "5d", "--role", "risk"],
      "You hold no role 'risk'; you hold sre.",
    ],
    [
      "for a target that there is not",
      {},
      ["--to", "Emil", "--until", "5d", "--target", "moon"],
      "The approval matrix knows no target 'moon'; it knows production.",
    ],
    ["for longer than it may last", {}, ["--to", "Emil", "--until", "91d"], "A delegation lasts 90 days at most."],
    [
      "from a time too far away",
      {},
      ["--to", "Emil", "--from", "91d", "--until", "5d"],
      "A delegation begins within 90 days.",
    ],
    ["for the past", {}, ["--to", "Emil", "--until", "2020-01-01"], "The delegation is over before it begins."],
    [
      "with an endless reason",
      {},
      ["--to", "Emil", "--until", "5d", "--reason", "x".repeat(1001)],
      "The reason has more than 1000 characters.",
    ],
  ])("refuses to delegate %s, before anybody signs", async (_, plans, options, sentence) => {
    const { world, common, browser, posted } = await scene({ plans });
    expect(await run(delegateCommand(world), ...options, "--yes", ...common)).toBe(sentence);
    expect(browser.opened).toHaveLength(1);
    expect(posted()).toBeUndefined();
  });
});

describe("delegations and revoke-delegation", () => {
  const given = delegationDocument(sam, emil, "sre", {
    from: addSeconds(start, -3600),
    until: addSeconds(start, 3600),
    scope: { model: "fraud\u202e" },
  });
  const over = { ...given, until: addSeconds(start, -60) };

  it("lists what stands, and only with --all what is over", async () => {
    const { himself, world, common } = await scene();
    const own = { ...given, delegator: himself };
    const plans = { delegations: [shown(own), shown(over)], absentUntil: "2027-01-05T08:00:00.000Z" };
    const listing = await scene({ plans });
    await run(delegationsCommand(listing.world), ...listing.common);
    expect(listing.world.noted.at(-1)).toBe("You are away until 2027-01-05 08:00:00 UTC.");
    expect(listing.world.printed).toHaveLength(1);
    expect(listing.world.printed[0]).toMatch(/^[0-9a-f]{16} {2}in force {2}.* as sre for the model fraud, from /);
    const all = await scene({ plans });
    await run(delegationsCommand(all.world), "--all", ...all.common);
    expect(all.world.printed[1]).toMatch(/ {2}over {2}you sign in the place of Sam as sre/);
    await run(delegationsCommand(world), ...common);
    expect(world.noted.at(-1)).toBe("Nobody signs in the place of Sam, and Sam signs in nobody's.");
  });

  it("revokes what an id, or its beginning, names: the whole delegation is signed again", async () => {
    const { world, common, posted } = await scene({ plans: { delegations: [shown(given), shown(over)] } });
    const id = delegationIdOf(given);
    expect(await run(revokeDelegationCommand(world), id.slice(0, 12), "--yes", ...common)).toBeUndefined();
    expect(posted()?.path).toBe(`/v1/delegations/${id}/revocation`);
    expect(statementIn(posted()?.body).predicate).toMatchObject({ deed: "revoke", delegation: given });
    expect(world.printed).toEqual([id]);
  });

  it.each<[string, string, Partial<DelegationView>, string]>([
    ["no id", "../../etc", {}, "A delegation's id is 64 hexadecimal digits; the first 8 are enough."],
    ["an unknown one", "0".repeat(64), {}, "You gave and were given no such delegation."],
    ["one that was revoked", delegationIdOf(given), { revokedAt: start }, "The delegation was revoked before."],
    [
      "one of which the service shows another",
      delegationIdOf(given),
      { delegation: { ...given, role: "compliance-officer" } },
      "The service shows another delegation than the one of that id. Do not sign; tell those who run it.",
    ],
  ])("does not revoke %s", async (_, id, view, sentence) => {
    const { world, common, posted } = await scene({ plans: { delegations: [shown(given, view)] } });
    expect(await run(revokeDelegationCommand(world), id, "--yes", ...common)).toBe(sentence);
    expect(posted()).toBeUndefined();
  });

  it("does not guess which of two is meant", async () => {
    const id = `${"a".repeat(63)}`;
    const plans = { delegations: [shown(given, { id: `${id}0` }), shown(given, { id: `${id}1` })] };
    const { world, common } = await scene({ plans });
    expect(await run(revokeDelegationCommand(world), id, "--yes", ...common)).toBe(
      "Several delegations begin like that; give more of the id.",
    );
  });
});

describe("absence", () => {
  it("says until when, and that somebody is back", async () => {
    const away = await scene();
    expect(await run(absenceCommand(away.world), "--until", "2027-01-04T09:00+01:00", ...away.common)).toBeUndefined();
    expect(away.posted()).toMatchObject({ path: "/v1/absence", body: { until: "2027-01-04T08:00:00.000Z" } });
    expect(away.world.printed).toEqual(["You are away until 2027-01-04 08:00:00 UTC."]);
    const back = await scene();
    await run(absenceCommand(back.world), "--back", ...back.common);
    const said = back.posted() ?? expect.unreachable();
    expect((said.body as { readonly until: Instant }).until <= instantFromMs(Date.now() + 1000)).toBe(true);
    expect(back.world.printed).toEqual(["You are back."]);
  });

  it("asks which, and for the future, before anybody signs in", async () => {
    const { world, common, browser } = await scene();
    expect(await run(absenceCommand(world), ...common)).toBe("Say --until when you are away, or that you are --back.");
    expect(await run(absenceCommand(world), "--until", "2020-01-01", ...common)).toBe(
      "That is over already; say --back where you are not away any more.",
    );
    expect(browser.opened).toEqual([]);
  });
});

describe("a time on the command line", () => {
  const now = "2026-11-26T03:00:00.000Z" as Instant;

  it.each([
    ["2026-12-24", "2026-12-24T00:00:00.000Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2026-12-24T18:00+01:00", "2026-12-24T17:00:00.000Z"],
    ["2026-12-24T18:00:30.5Z", "2026-12-24T18:00:30.500Z"],
    ["90m", "2026-11-26T04:30:00.000Z"],
  ])("reads %s", (text, at) => {
    expect(momentOf(text)(now)).toBe(at);
  });

  it.each(["", "tomorrow", "2026-12-24T18:00", "2026-02-29", "2026-06-31", "2026-13-01", "5", "-5d", "1960-01-01"])(
    "refuses '%s'",
    (text) => expect(() => momentOf(text)).toThrow("Give a day such as 2026-12-24"),
  );
});
