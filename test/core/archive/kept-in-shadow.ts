import { expect } from "vitest";
import { type Answered, MemoryShadow } from "../../functions/memory-shadow.ts";
import { cora, dana, House, sam, shipped, shippedWith, tom } from "./house.ts";
import { member } from "./reviewers.ts";

const answered: readonly Answered[] = [
  [0.1, 0.1],
  [0.9, 0.95],
];

/**
 * Sam's approval of an earlier candidate's infrastructure is kept for one that runs in shadow, and while it does, policies
 * come in force by which the gates ask something else of that. Everybody else signs.
 */
export async function keptInShadow() {
  const [matrix, thresholds] = [shipped.bundle.texts["matrix.yaml"], shipped.bundle.texts["thresholds.yaml"]];
  const shadow = "$1    shadow: { duration: 1m, requests: 2, agreement: 0.9, answers: { threshold: 0.5 } }\n";
  const commanders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
  const policy = shippedWith(matrix.replace(/( {4}expiresAfter: 10d\n)/, shadow));
  const house = new House(undefined, policy, commanders);
  await house.adoptPolicy();
  const policies = await house.proposePolicy(tom, {
    "thresholds.yaml": thresholds.replace("instances: 4", "instances: 3"),
  });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  for (const each of [cora, dana]) await house.sign(policies, each);
  await house.verify(policies);

  const target = new MemoryShadow();
  target.answered = answered;
  const older = await house.submit("candidate", "2.0.0");
  const ran = async (id: typeof older) => {
    expect(await house.shadow(id, target)).toBe("reported");
    expect(await house.freezeAndJudge(id)).toBe("passed");
  };
  target.possible = { kind: "possible", beside: older };
  await house.freezeAndJudge(older);
  await ran(older);
  await house.openStage(older);
  await house.sign(older, cora);
  await house.openStage(older);
  await house.sign(older, sam);
  target.standing = { kind: "alone" };
  const newer = await house.submit("candidate", "2.1.0");
  await house.freezeAndJudge(newer);
  await house.activatePolicy(policies);
  await ran(newer);
  await house.openStage(newer);
  await house.sign(newer, cora);
  await house.openStage(newer);
  await house.sign(newer, dana);
  return { house, newer };
}

/** Sam is asked again, and approves it. */
export async function keptAndAskedAgain() {
  const { house, newer } = await keptInShadow();
  expect(await house.verify(newer)).toBe("reopened");
  await house.openStage(newer);
  await house.sign(newer, sam);
  expect(await house.verify(newer)).toBe("passed");
  return { house, newer };
}
