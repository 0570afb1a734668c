import { expect } from "vitest";
import type { DelegationDocument } from "../../../core/attestation/delegation-statement.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { authenticator } from "../attestation/authenticator.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";
import { member } from "./reviewers.ts";

// Nothing is told otherwise: what a sign-off rests on is revoked seconds before it is recorded, by the clock of another host, and
// whoever records it has not seen that yet.

const morning = "2026-11-23T08:00:00.000Z" as Instant;

/** The owner of a passkey signs with it so many seconds after it was revoked; then somebody else signs in their seat. */
export async function passkeyRevokedBefore(seconds: number) {
  const carl = member("Carl", "compliance-officers");
  const device = authenticator();
  const ofCarl = authenticator("ES256", "Carl");
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(
    /^ {2}compliance-officer:\n/m,
    "$&    secondFactor: passkey\n",
  );
  const house = new House(undefined, shippedWith(matrix), [carl]);
  house.tick = 100;
  for (const [each, owner] of [
    [device, cora],
    [ofCarl, carl],
  ] as const) {
    await house.passkey("enrol", each, owner);
    await house.passkey("confirm", each, owner, sam);
  }
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "approve", { device, unheard: true });
  await revokedBefore(house, seconds, () => house.passkey("revoke", device, cora, sam));
  house.pass(seconds);
  await house.decide(id);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  const outcome = await house.verify(id);
  if (outcome !== "reopened") return { house, outcome };
  await house.openStage(id);
  await house.sign(id, carl, "approve", { device: ofCarl });
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  return { house, outcome };
}

/** Somebody signs in another's place a second after that was revoked; it counts as long as nobody who decides has seen the revocation. */
export async function delegationRevokedBefore(decidedAfter: number) {
  const emil = member("Emil", "visitors");
  const house = new House(undefined, undefined, [emil]);
  house.tick = 100;
  const document: DelegationDocument = {
    delegator: sam.identity,
    delegate: emil.identity,
    role: "sre",
    scope: { modelType: "credit-scoring" },
    from: morning,
    until: addSeconds(morning, 7 * 86_400),
    reason: "",
    salt: "AAAAAAAAAAAAAAAAAAAAAA",
  };
  const delegation = await house.delegate("delegate", document, sam);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, dana);
  await house.sign(id, emil, "approve", { inPlaceOf: { who: sam, delegation, role: "sre" }, unheard: true });
  house.pass(decidedAfter);
  await house.decide(id);
  await revokedBefore(house, 1, () => house.delegate("revoke", document, sam));
  house.pass(60);
  expect(await house.verify(id)).toBe("reopened");
  await house.openStage(id);
  await house.sign(id, sam);
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  return { house };
}

/** Somebody lends with a passkey that they had revoked minutes before; that is held back until a verdict says that it is lent. */
export async function lenderRevokedBefore(seconds: number) {
  const [ida, olaf] = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
  if (ida === undefined || olaf === undefined) return expect.unreachable();
  const house = new House(undefined, undefined, [ida, olaf]);
  const device = authenticator();
  await house.passkey("enrol", device, olaf);
  await house.passkey("confirm", device, olaf, sam);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const first = await house.lend(id, ida, { seconds: 3600 });
  const lent = await house.lend(id, olaf, { seconds: 3600, confirms: first, device });
  const { at: signed } = house.facts.findLast(({ type }) => type === "loan-requested") ?? expect.unreachable();
  await house.verify(id);
  const now = house.clock;
  house.pass((Date.parse(signed) - Date.parse(now)) / 1000 - seconds - 60);
  await house.passkey("revoke", device, olaf, sam);
  const facts = house.facts.map((fact) => (fact.type === "passkey-revoked" ? { ...fact, at: now } : fact));
  return { house, id, facts, lent };
}

/** What is done about a passkey or a delegation takes its person a minute. */
async function revokedBefore(house: House, seconds: number, revoke: () => Promise<unknown>): Promise<void> {
  const { at } = house.facts.findLast(({ type }) => type === "sign-off") ?? expect.unreachable();
  house.pass((Date.parse(at) - Date.parse(house.clock)) / 1000 - seconds - 60);
  await revoke();
}
