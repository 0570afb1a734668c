import { others } from "../honest/people.ts";
import { everyRule, firstRules, policiesOf, type Rules, textsOf } from "../honest/rules.ts";
import { cora, dana, House, sam } from "../house.ts";

/** How many versions come after the first: each rule has its next value in each. */
const versions = 3;

/** The rules of one of the versions after the first. Whoever changes them is asked throughout. */
function rulesOf(version: number): Rules {
  const next = Object.entries(everyRule).map(([name, values]) => [name, values[version % values.length]]);
  return { ...(Object.fromEntries(next) as unknown as Rules), policyChange: true, people: "shipped", leads: "" };
}

/** A log in which the policies change, one after the other, in all that reviewers are told of such a change. */
export async function changedPolicies(): Promise<{ readonly house: House }> {
  const house = new House(undefined, policiesOf({ ...firstRules, policyChange: true }), others);
  for (let version = 1; version <= versions; version += 1) {
    const id = await house.proposePolicy(sam, textsOf(rulesOf(version)));
    await house.freezeAndJudge(id);
    await house.openStage(id);
    for (const person of [cora, dana]) await house.sign(id, person);
    const outcome = [await house.verify(id), await house.activatePolicy(id)];
    if (house.promotions.stored(id).status !== "deployed")
      throw new Error(`It was not changed: ${outcome.join(", ")}.`);
  }
  return { house };
}
