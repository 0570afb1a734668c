import { House } from "./house.ts";
import { member } from "./reviewers.ts";

const ida = member("Ida", "incident-commanders", "compliance-officers");
const olaf = member("Olaf", "incident-commanders");

/** Ida approved, took it back, and confirms a loan so many seconds after that. */
export async function lentAfterWithdrawal(seconds: number): Promise<House> {
  const house = new House(undefined, undefined, [ida, olaf]);
  house.tick = 20;
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  house.pass(3600);
  const first = await house.lend(id, olaf, { seconds: 3600 });
  await house.sign(id, ida, "approve", { unheard: true });
  await house.sign(id, ida, "withdraw", { reason: "I lend it instead.", unheard: true });
  // Each of them signs a minute after what was before.
  house.pass(seconds - 60);
  await house.lend(id, ida, { seconds: 3600, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  return house;
}
