import { cora, dana, House, sam } from "./house.ts";
import { member } from "./reviewers.ts";

// Nothing is told otherwise: two who may fill one seat approve in the same second, and the function that took the first one's is
// the slower. Whoever decided had read the later one alone.

/** Cora's function asks the directory; meanwhile Carl's approval is taken by another, and decided on. */
export async function approvedInOneSecond() {
  const carl = member("Carl", "compliance-officers");
  let meanwhile: (() => Promise<void>) | undefined;
  const listed = async () => {
    const now = meanwhile;
    meanwhile = undefined;
    await now?.();
  };
  const house = new House(undefined, undefined, [carl], undefined, { listed });
  house.tick = 100;
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  house.pass(600);
  meanwhile = async () => {
    // It takes its person a minute to sign.
    house.pass(-60);
    await house.sign(deployed, carl);
  };
  await house.sign(deployed, cora);
  await house.openStage(deployed);
  await house.sign(deployed, sam);
  await house.sign(deployed, dana);
  await house.verify(deployed);
  await house.deploy(deployed);
  return { house, deployed, carl };
}
