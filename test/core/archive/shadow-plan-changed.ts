import { expect } from "vitest";
import { MemoryShadow } from "../../functions/memory-shadow.ts";
import { cora, dana, House, sam, shipped, shippedWith, tom } from "./house.ts";
import { member } from "./reviewers.ts";

/** While a candidate runs in shadow, policies come in force by which it has to run for longer: it runs once more. */
export async function shadowPlanChanged() {
  const matrix = shipped.bundle.texts["matrix.yaml"];
  const withShadow = (duration: string) =>
    matrix.replace(
      /( {4}expiresAfter: 10d\n)/,
      `$1    shadow: { duration: ${duration}, requests: 2, agreement: 0.9, answers: { threshold: 0.5 } }\n`,
    );
  const commanders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
  const house = new House(undefined, shippedWith(withShadow("1m")), commanders);
  await house.adoptPolicy();
  const policies = await house.proposePolicy(tom, { "matrix.yaml": withShadow("2m") });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  for (const each of [cora, dana]) await house.sign(policies, each);
  await house.verify(policies);

  const target = new MemoryShadow();
  target.answered = [
    [0.1, 0.1],
    [0.9, 0.95],
  ];
  const id = await house.submit("candidate", "2.0.0");
  target.possible = { kind: "possible", beside: id };
  await house.freezeAndJudge(id);
  await house.activatePolicy(policies);
  for (const _ of ["by the plan of before", "by that of now"]) {
    expect(await house.shadow(id, target)).toBe("reported");
    expect(await house.freezeAndJudge(id)).toBe("passed");
    target.standing = { kind: "alone" };
  }
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  for (const each of [sam, dana]) await house.sign(id, each);
  expect(await house.verify(id)).toBe("passed");
  return { house };
}
