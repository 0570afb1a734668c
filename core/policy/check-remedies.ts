import type { TargetRule } from "../approval/loading/load-targets.ts";
import type { ApprovalRule } from "../approval/matrix.ts";
import type { Note, ReadPolicies } from "./policy-files.ts";

const remedyFields = ["onDrift", "ifNotReapproved"] as const satisfies readonly (keyof ApprovalRule)[];

/**
 * What a rule wants done about what drifts, is not approved again, or is lent, and cannot be done in its target, or perhaps not.
 *
 * @returns what the policies do not tell
 */
export function checkRemedies({ matrix, targets }: ReadPolicies, note: Note): readonly string[] {
  if (matrix === undefined || targets === undefined) return [];
  const untold = new Set<string>();
  for (const [index, rule] of matrix.rules.entries()) {
    const target: TargetRule | undefined = Object.hasOwn(targets, rule.target) ? targets[rule.target] : undefined;
    if (rule.loan !== undefined && target?.kind === "pipeline")
      note(
        "warning",
        "matrix.yaml",
        ["rules", index, "loan"],
        `What a pipeline deploys, it alone could take back: nothing is lent in '${rule.target}', whatever 'loan' says.`,
      );
    for (const field of remedyFields) {
      const remedy = rule[field];
      if (remedy === undefined || remedy === "keep") continue;
      if (target?.kind === "pipeline")
        note(
          "warning",
          "matrix.yaml",
          ["rules", index, field],
          `What a pipeline deployed, it alone can take back: '${field}: ${remedy}' is not done in '${rule.target}', but recorded as failed, with an alarm, and the model serves on.`,
        );
      if (remedy === "stop" && rule.shadow?.required === true)
        note(
          "warning",
          "matrix.yaml",
          ["rules", index, field],
          `'${field}: stop' leaves nothing to run in shadow of, and 'shadow' says 'required': once it is done nothing is let through to '${rule.target}', not even the same model approved again, until one of the two is changed.`,
        );
      if (remedy === "stop" && target?.kind === "kubernetes" && target.workload === "inference-service")
        untold.add(
          `Whether the InferenceService of '${rule.target}' is one that Countersign made, and removes for 'stop', is not in the policies: one that whoever runs the cluster has made is left to them, recorded as failed, with an alarm, and the model serves on.`,
        );
    }
  }
  return [...untold];
}
