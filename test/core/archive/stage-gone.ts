import { loadPolicies } from "../../../core/policy/load-policies.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, shipped, tom } from "./house.ts";
import { approved } from "./left-under-way.ts";
import { member } from "./reviewers.ts";

const carl = member("Carl", "compliance-officers");
const commanders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
const compliance = "- name: compliance\n        requires: { role: compliance-officer }";

function matrixWith(text: string): string {
  const matrix = shipped.bundle.texts["matrix.yaml"];
  if (!matrix.includes(compliance)) throw new Error("The shipped matrix has another first stage.");
  return matrix.replace(compliance, text);
}

/** Carl's rejection alone does not stop it; then its stage goes by another name. */
export interface StageGone {
  readonly house: House;
  readonly id: PromotionId;
  /** Puts the policies in force by which its stage goes by another name. */
  readonly rename: () => Promise<void>;
}

/** @param unheard whether nobody has decided about the rejection yet. @param toStop how many rejections stop the stage */
export async function stageGone({
  toStop,
  unheard = false,
}: {
  toStop: number;
  unheard?: boolean;
}): Promise<StageGone> {
  const texts = {
    ...shipped.bundle.texts,
    "matrix.yaml": matrixWith(`${compliance}\n        rejectionsToStop: ${toStop}`),
  };
  const house = new House(undefined, loadPolicies({ ...shipped.bundle, texts }), [carl, ...commanders]);
  await house.adoptPolicy();
  const renamed = matrixWith(`${compliance.replace("name: compliance", "name: legal")}\n        rejectionsToStop: 2`);
  const policies = await house.proposePolicy(tom, { "matrix.yaml": renamed });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, carl, "reject", { reason: "Who is liable?", unheard });
  return { house, id, rename: async () => void (await house.activatePolicy(policies)) };
}

/** Everybody else approves it in the next review, and it is deployed. */
export async function approvedByOthers({ house, id }: StageGone): Promise<void> {
  await approved(house, id);
  await house.deploy(id);
}
