import { expect } from "vitest";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { deployed, inReview, ruledToStop } from "../core/archive/drifted-beside-newer.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "../core/archive/house.ts";
import { reviewed } from "../core/archive/left-under-way.ts";
import { type Files, packOf } from "../core/archive/memory-pack.ts";
import { releasedUnderConditions } from "../core/archive/released-under-conditions.ts";
import { changed, factOf, saying, withChanged } from "../core/archive/retelling.ts";
import { member } from "../core/archive/reviewers.ts";
import { authenticator } from "../core/attestation/authenticator.ts";
import { MemoryShadow } from "../functions/memory-shadow.ts";

/** A model drifts beside a newer candidate, or is asked about again: told as if nobody had to be asked, or nobody were. */
export async function packsUnasked(): Promise<ReadonlyMap<string, Files>> {
  const house = new House(undefined, ruledToStop);
  const running = await deployed(house);
  const over = await inReview(house, "2.0.0");
  await house.withdraw(over);
  house.pass(3600);
  const again = await house.drift('{"psi":0.31}');
  const request = factOf(house, "request", again);
  const unsaid = changed(house, request, ({ body: { reapproves: _, ...body }, ...fact }) => ({ ...fact, body }));
  const told = (instead: Fact["body"]) =>
    house.facts
      .filter(({ promotion }) => promotion !== again)
      .map((fact) => {
        if (fact.type !== "drift" || fact.promotion !== running) return fact;
        const { reapproval: _, ...body } = fact.body;
        return { ...fact, body: { ...body, ...instead } };
      });
  const packs = new Map([
    ["a new approval that does not say so", await packOf({ house }, { facts: unsaid })],
    ["a newer candidate that was over", await packOf({ house }, { facts: told({ newer: over }) })],
  ]);
  house.pass(12 * 86_400);
  await house.submit("weak", "9.0.0");
  packs.set("nobody who could be asked", await packOf({ house }, { facts: told({ why: "Nobody could sign." }) }));
  packs.set("an approval of which nothing is told", await packOf({ house }, { facts: told({ reapproval: again }) }));
  return packs;
}

/** A verdict that rests on an approval whose passkey was revoked before it, in a role that asks for one. */
export async function packOfRevoked(): Promise<Files> {
  const { "matrix.yaml": matrix } = shipped.bundle.texts;
  const asking = matrix.replace(/^ {2}compliance-officer:\n/m, "$&    secondFactor: passkey\n");
  const house = new House(undefined, shippedWith(asking));
  const device = authenticator("ES256", "first");
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await reviewed(house, id, device);
  const before = await house.passkeys.deeds();
  await house.passkey("revoke", device, cora);
  house.pass(60);
  expect(await house.verify(id, { deeds: async (of?: Sha256) => before.filter((deed) => deed.id === of) })).toBe(
    "passed",
  );
  return packOf({ house });
}

/** A request whose requirements are not those of its gates, and that says another end than the policies of then give it. */
export async function packsOfRequest(): Promise<{ readonly honest: Files; readonly lying: Files }> {
  const lenders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
  const house = new House(undefined, undefined, lenders);
  await house.adoptPolicy();
  const { "thresholds.yaml": thresholds } = house.policyTexts();
  const other = { "thresholds.yaml": thresholds.replace("instances: 4", "instances: 3") };
  const policies = await house.proposePolicy(sam, other);
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  const id = await house.submit("candidate", "2.0.0");
  await house.activatePolicy(policies);
  await house.freezeAndJudge(id);
  // The log goes on, so that no other policies can be on their way to it.
  house.pass(3600);
  await house.submit("weak", "9.0.0");
  const request = house.facts.find(({ type, promotion }) => type === "request" && promotion === id);
  const facts = changed(house, request ?? expect.unreachable(), (fact) => ({
    ...fact,
    body: { ...fact.body, expiresAt: addSeconds(fact.body["expiresAt"] as Instant, 86_400) },
  }));
  return { honest: await packOf({ house }), lying: await packOf({ house }, { facts }) };
}

function houseOfShadow(): House {
  const shadow = "    shadow: { duration: 1m, requests: 3, agreement: 0.9, psi: 0.2, answers: { threshold: 0.5 } }\n";
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(/ {4}expiresAfter: 10d\n/, `$&${shadow}`);
  return new House(undefined, shippedWith(matrix));
}

/** A run in shadow as it was, one that was over in no time, and one after fewer requests than were asked for. */
export async function packsOfShadow(): Promise<{
  readonly honest: Files;
  readonly short: Files;
  readonly few: Files;
  readonly unsaid: Files;
  readonly called: Files;
}> {
  const house = houseOfShadow();
  const target = new MemoryShadow();
  target.possible = { kind: "possible", beside: "champion" };
  target.answered = [0.1, 0.2, 0.7, 0.9].map((score) => [score, score]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  expect(await house.shadow(id, target)).toBe("reported");
  const of = (state: string) => house.facts.find(({ body }) => body["state"] === state) ?? expect.unreachable();
  const over = async (tell: (fact: Fact) => Fact) => packOf({ house }, { facts: changed(house, of("over"), tell) });
  // Then there was nothing to compare with, and its report is nobody's to judge.
  const reported = of("reported");
  const body = { state: "nothing-to-compare", plan: of("started").body["plan"] ?? null };
  const unsaid = {
    ...reported,
    id: reported.id.replace(/\d+$/, (number) => `${Number(number) + 1}`),
    body,
    attachments: [],
  };
  return {
    honest: await packOf({ house }),
    short: await over((fact) => ({ ...fact, at: of("running").at })),
    few: await over((fact) => ({ ...fact, body: { ...fact.body, requests: 2 } })),
    unsaid: await packOf({ house }, { facts: [...house.facts, unsaid] }),
    called: await packOf(
      { house },
      saying(house, reported, { evidence: { ...Object(reported.body["evidence"]), name: "other.json" } }),
    ),
  };
}

/** A release under a bound, which its own record says was not kept, or says nothing of. */
export async function packsUnwatched(): Promise<ReadonlyMap<string, Files>> {
  const { house, deployed: end } = await releasedUnderConditions();
  const told = async (change: (document: object) => object) =>
    packOf(
      { house },
      withChanged(house, end, "deployment.json", (document) => change(document as object)),
    );
  const name = `countersign-${end.promotion}-errors`;
  return new Map([
    ["a release under a bound", await packOf({ house })],
    ["a release whose alarm was raised", await told((said) => ({ ...said, alarms: [{ name, state: "ALARM" }] }))],
    ["a release of whose alarm nothing is told", await told((said) => ({ ...said, alarms: [] }))],
  ]);
}

/** Two releases, one after the other, each of which says that nothing ran there to run in shadow of. `drifted`: the first one had, and runs on. */
export async function packOfNothingBeside(drifted = false): Promise<Files> {
  const house = houseOfShadow();
  const target = new MemoryShadow();
  target.possible = { kind: "nothing" };
  for (const [variant, version] of [
    ["champion", "1.0.0"],
    ["candidate", "2.0.0"],
  ] as const) {
    const id = await house.submit(variant, version);
    await house.freezeAndJudge(id);
    expect(await house.shadow(id, target)).toBe("reported");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora);
    await house.openStage(id);
    await house.sign(id, sam);
    await house.sign(id, dana);
    await house.verify(id);
    await house.deploy(id);
    house.pass(3600);
    if (drifted && variant === "champion") {
      await house.drift('{"psi":0.31}');
      house.pass(3600);
    }
  }
  return packOf({ house });
}

/** Somebody rejected it, and the log goes on without a word of that. */
export async function packOfIgnored(): Promise<Files> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "reject", { reason: "Never.", unheard: true });
  house.promotions.forgetLatest();
  house.pass(1800);
  await house.submit("weak", "9.0.0");
  return packOf({ house });
}

/** What runs drifts and is to be stopped; a day later nothing is said of that, or the first word of it was another. */
export async function packsOfDrift(): Promise<{ readonly undone: Files; readonly kept: Files }> {
  const { "matrix.yaml": matrix } = shipped.bundle.texts;
  const house = new House(undefined, shippedWith(matrix.replace("    carryOver: 3d", "$&\n    onDrift: stop")));
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  await house.drift('{"psi":0.31}');
  house.pass(86_400);
  await house.submit("weak", "9.0.0");
  const drift = house.facts.find(({ type }) => type === "drift") ?? expect.unreachable();
  const facts = changed(house, drift, (fact) => ({ ...fact, body: { ...fact.body, action: "keep" } }));
  return { undone: await packOf({ house }), kept: await packOf({ house }, { facts }) };
}
