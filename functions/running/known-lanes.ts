import { resolveTarget } from "../../core/approval/loading/load-targets.ts";
import type { DeployedTarget } from "../../core/promotion/target.ts";
import type { PolicyBook } from "../policies/policy-book.ts";

/** A model in a target, and where that is. */
export interface KnownLane {
  readonly model: string;
  readonly place: DeployedTarget;
}

/** Every model that a pipeline may submit, in every target to which a rule could let it come. */
export function knownLanes({
  matrix,
  machines,
  targets,
}: Pick<PolicyBook, "matrix" | "machines" | "targets">): readonly KnownLane[] {
  const models = [...new Set(machines.flatMap(({ submits }) => submits))];
  return models.flatMap((model) => {
    const type = matrix.classification?.models[model]?.type;
    const mayCome = (target: string) =>
      matrix.rules.some((rule) => rule.target === target && (type === undefined || rule.modelType === type));
    return Object.entries(targets)
      .filter(([name]) => mayCome(name))
      .map(([name, rule]) => ({
        model,
        place: resolveTarget(name, rule, { name: model, type: type ?? "", version: "" }),
      }));
  });
}
