import type { MatrixFacts } from "../../../core/approval/conditions.ts";

export const evidence = (auc: readonly number[], changes?: number): MatrixFacts => ({
  evidence: { metrics: { auc }, ...(changes === undefined ? {} : { infrastructureChanges: changes }) },
});
