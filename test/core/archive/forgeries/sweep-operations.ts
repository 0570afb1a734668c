import type { DelegationDocument } from "../../../../core/attestation/delegation-statement.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Member } from "../../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { authenticator } from "../../attestation/authenticator.ts";
import { others } from "../honest/people.ts";
import { firstRules, policiesOf, type Rules, textsOf } from "../honest/rules.ts";
import { World } from "../honest/world.ts";
import { cora, dana, House, sam } from "../house.ts";
import { member } from "../reviewers.ts";
import { apart, inReview, judged, opened, released, type SweepStory, signed, story } from "./sweep-stories.ts";

// Of what runs, what people are told and who may stand for whom: two of most records, so that one can take another's place.

function worldOf(rules: Partial<Rules>): World {
  return new World({ ...firstRules, ...rules });
}

/** What is recorded beside the promotions' own histories is told as well. */
function heard({ house }: World): void {
  for (const fact of house.promotions.recordedFacts()) house.tellOf(fact);
  house.pass(apart);
}

/** The machine goes on until it is over or at a place, and everybody signs. */
async function goOn(world: World, id: PromotionId, until = "done"): Promise<void> {
  const { house, machines } = world;
  for (let rounds = 0; rounds < 40 && machines.where(id) !== until; rounds += 1) {
    for (const who of [cora, dana, sam])
      if (machines.where(id) === "waiting") await machines.quietly(() => signed(house, id, who));
    if (["watch", "shadow"].includes(machines.where(id))) house.pass(60);
    await machines.go(id);
    heard(world);
  }
}

async function begun(world: World, version: string, target = "production"): Promise<PromotionId> {
  const id = await world.house.submit("candidate", version, {}, target);
  world.machines.begin(id);
  world.house.pass(apart);
  return id;
}

/** In no time: a look at a place that takes seconds is none. */
async function audited(world: World): Promise<void> {
  const { tick } = world.house;
  world.house.tick = 1;
  await world.operations.audit();
  world.house.tick = tick;
  heard(world);
}

async function ring(world: World): Promise<void> {
  await world.machines.ring();
  heard(world);
}

/** What runs drifts, and what ran before it serves again until it is approved anew; it drifts again, and nobody approves it. */
async function running(): Promise<SweepStory> {
  const world = worldOf({ onDrift: "previous", again: "stop", onIntruder: "take-back" });
  const { house, platform } = world;
  const first = await begun(world, "1.0.0");
  await goOn(world, first);
  const second = await begun(world, "2.0.0");
  await goOn(world, second);
  const { target } = house.promotions.stored(second).manifest;
  for (const by of ["quick-fix", first]) {
    platform.put(target, by);
    await audited(world);
    await ring(world);
    await audited(world);
  }
  const drifted = async (report: string) => {
    house.pass(apart);
    const id = await house.drift(report);
    world.machines.begin(id);
    heard(world);
    await ring(world);
    await ring(world);
    return id;
  };
  const again = await drifted('{"psi":0.31}');
  await goOn(world, again);
  const refused = await drifted('{"psi":0.35}');
  await goOn(world, refused, "waiting");
  await signed(house, refused, cora, "reject", { reason: "Not again." });
  await goOn(world, refused);
  await ring(world);
  await ring(world);
  return story(house);
}

/** The first has nothing to run beside; the next runs in shadow and is deployed, one decides otherwise, and one is withdrawn. */
async function shadows(): Promise<SweepStory> {
  const world = worldOf({ shadow: "1m 3" });
  for (const version of ["1.0.0", "2.0.0"]) await goOn(world, await begun(world, version));
  world.shadows.strange = true;
  await goOn(world, await begun(world, "2.1.0"));
  world.shadows.strange = false;
  const left = await begun(world, "2.2.0");
  await goOn(world, left, "waiting");
  await world.house.withdraw(left);
  world.house.pass(apart);
  await goOn(world, left);
  return story(world.house);
}

/** Two are rolled out by their pipeline, of which one fails; people ask, are written to, and export. */
async function pipelines(): Promise<SweepStory> {
  const world = worldOf({});
  const { house, operations, letters } = world;
  for (const [version, outcome] of [
    ["2.0.0", 0],
    ["2.1.0", 4],
  ] as const) {
    const id = await begun(world, version, "rollout");
    await goOn(world, id, "waiting");
    // Each of them of another reviewer.
    for (const how of [0, 1, 2, 3]) {
      await letters.letter(id, how, how);
      heard(world);
    }
    for (const [how, more] of [
      [0, 1],
      [1, 2],
      [2, 0],
      [2, 1],
    ] as const) {
      await letters.question(id, how, more);
      heard(world);
    }
    await letters.undelivered(id, 1, 1);
    await letters.undelivered(id, 2, 2);
    heard(world);
    await goOn(world, id, "watch");
    for (const how of [1, 2]) {
      await operations.passport(id, how);
      heard(world);
      house.pass(301);
    }
    await operations.report(id, outcome);
    heard(world);
    await goOn(world, id);
    await operations.outcome(id, outcome);
    heard(world);
    await operations.exported(id, 10 + outcome);
    heard(world);
  }
  return story(house);
}

const emil = member("Emil", "visitors");
const dora = member("Dora", "lead-data-scientists");
const morning = "2026-11-23T08:00:00.000Z" as Instant;
function standIn(role: string, by: Member, who: Member, days: number): DelegationDocument {
  return {
    ...{ delegator: by.identity, delegate: who.identity, role, scope: { modelType: "credit-scoring" } },
    ...{ from: morning, until: addSeconds(morning, days * 86_400), reason: "", salt: "AAAAAAAAAAAAAAAAAAAAAA" },
  };
}

/** Two people have two passkeys each, and let the same one stand for them; policies are rejected, and others come in force. */
async function standing(): Promise<SweepStory> {
  const rules = { ...firstRules, passkey: true };
  const house = new House(undefined, policiesOf(rules), others);
  const [own, lost, other] = ["own", "lost", "other"].map((name) => authenticator("ES256", name));
  if (own === undefined || lost === undefined || other === undefined) throw new Error("unreachable");
  for (const [device, who] of [
    [own, sam],
    [lost, sam],
    [other, dora],
  ] as const) {
    await house.passkey("enrol", device, who);
    await house.passkey("confirm", device, who, cora);
  }
  await house.passkey("revoke", lost, sam);
  const [first, second] = [standIn("lead-data-scientist", dana, emil, 7), standIn("sre", sam, dora, 5)];
  const given = await house.delegate("delegate", first, dana);
  const forSam = await house.delegate("delegate", second, sam, own);
  const one = await inReview(house, "2.0.0");
  await signed(house, one, cora);
  await opened(house, one);
  await signed(house, one, emil, "approve", { inPlaceOf: { who: dana, delegation: given, role: first.role } });
  await signed(house, one, sam, "approve", { device: own });
  await released(house, one);
  await house.delegate("revoke", first, dana);
  const two = await inReview(house, "2.1.0");
  await signed(house, two, cora);
  await opened(house, two);
  await signed(house, two, dora, "approve", {
    device: other,
    inPlaceOf: { who: sam, delegation: forSam, role: second.role },
  });
  await signed(house, two, dana);
  await released(house, two);
  await house.delegate("revoke", second, sam);
  await house.passkey("revoke", other, dora);
  house.pass(apart);
  for (const [next, reject] of [
    [{ ...rules, auc: "0.99" }, true],
    [{ ...rules, auc: "0.74" }, false],
  ] as const) {
    const change = await house.proposePolicy(sam, textsOf(next));
    await judged(house, change);
    await signed(house, change, cora, reject ? "reject" : "approve", reject ? { reason: "Nothing passes." } : {});
    if (reject) continue;
    await signed(house, change, dana);
    await house.verify(change);
    house.pass(apart);
    await house.activatePolicy(change);
    house.pass(apart);
  }
  return story(house);
}

export const sweepOperations = { running, shadows, pipelines, standing };
