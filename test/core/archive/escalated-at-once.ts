import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { dana, House, sam, shipped, shippedWith } from "./house.ts";
import { member } from "./reviewers.ts";

const rita = member("Rita", "heads-of-risk");
const role = "  head-of-risk:\n    title: Head of risk\n    groups: [heads-of-risk]\n    judges: [model]\n";
const policies = shippedWith(
  shipped.bundle.texts["matrix.yaml"]
    .replace("\nroles:\n", `$&${role}`)
    .concat("\nreminders:\n  every: 12h\n  escalation: { after: 2h, to: head-of-risk, mayFill: true }\n"),
);

/**
 * A service that opens a stage two hours late, and tells of it as opened at once: then whoever it is escalated to may fill its
 * seat that very minute. The log goes on meanwhile, so that its checkpoints show what was not in it.
 */
export async function escalatedAtOnce(): Promise<{ readonly house: House; readonly facts: readonly Fact[] }> {
  const house = new House(undefined, policies, [rita]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  const told = addSeconds(house.clock, 1);
  house.pass(3600);
  await house.submit("weak", "9.0.0");
  house.pass(3600);
  await house.openStage(id);
  const { stage, history, ...stored } = house.promotions.stored(id);
  if (stage === undefined) throw new Error("no stage is open");
  const opening = history.findLast(({ type }) => type === "stage-opened");
  const asTold = (fact: Fact): Fact => (fact.id === opening?.id ? { ...fact, at: told } : fact);
  house.promotions.put({ ...stored, history: history.map(asTold), stage: { ...stage, openedAt: told } });
  await house.sign(id, rita, "approve", { roles: ["head-of-risk"] });
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  return { house, facts: house.facts.map(asTold) };
}
