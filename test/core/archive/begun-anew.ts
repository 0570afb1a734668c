import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { MemoryShadow } from "../../functions/memory-shadow.ts";
import { cora, dana, House, shipped, shippedWith, tom } from "./house.ts";
import type { Retold } from "./retelling.ts";
import { member } from "./reviewers.ts";

const lenders = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")] as const;
const [ida, olaf] = lenders;

/** Policies came in force while a candidate ran in shadow, or on loan; and it is told that its review began anew for them. */
export async function begunAnewWhile(runs: "in shadow" | "on loan"): Promise<{ readonly house: House } & Retold> {
  const matrix = shipped.bundle.texts["matrix.yaml"];
  const shadow =
    runs === "in shadow"
      ? "    shadow: { duration: 1m, requests: 2, agreement: 0.9, answers: { threshold: 0.5 } }\n"
      : "";
  const expiring = (days: number) => matrix.replace(/ {4}expiresAfter: 10d\n/, `    expiresAfter: ${days}d\n${shadow}`);
  const house = new House(undefined, shippedWith(expiring(10)), lenders);
  await house.adoptPolicy();
  const policies = await house.proposePolicy(tom, { "matrix.yaml": expiring(9) });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  for (const each of [cora, dana]) await house.sign(policies, each);
  await house.verify(policies);

  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  if (runs === "on loan") {
    await house.openStage(id);
    const first = await house.lend(id, ida, { seconds: 3600 });
    await house.lend(id, olaf, { seconds: 3600, confirms: first });
    await house.verify(id);
    await house.activatePolicy(policies);
    return { house, facts: [...house.facts, anew(house.facts, id, house)] };
  }
  await house.activatePolicy(policies);
  const target = new MemoryShadow();
  target.possible = { kind: "possible", beside: id };
  target.answered = [
    [0.1, 0.1],
    [0.9, 0.95],
  ];
  await house.shadow(id, target);
  const running = house.facts.findIndex(({ type, body }) => type === "shadow-run" && body["state"] === "running");
  const facts = house.facts.slice(0, running + 1);
  return { house, facts: [...facts, anew(facts, id, house)] };
}

function anew(facts: readonly Fact[], id: PromotionId, house: House): Fact {
  const number = facts.filter(({ id: name }) => name.startsWith(`${id}/`) && /\/\d+$/.test(name)).length;
  const { sha256: from } = house.promotions.stored(id).requirements;
  const at = facts.at(-1)?.at ?? house.now();
  const body = { from, to: from, fallen: [] };
  return { id: `${id}/${number}`, type: "seat-reopened", at, promotion: id, summary: "Anew.", body, attachments: [] };
}
