import { labelColumn } from "./dataset.ts";

export const variantNames = ["champion", "candidate", "weak"] as const;
export type VariantName = (typeof variantNames)[number];

/** One model of the story: what it is called and which columns it may see. */
export interface Variant {
  readonly name: VariantName;
  readonly version: string;
  readonly description: string;
  readonly features: (columns: readonly string[]) => readonly string[];
}

/**
 * Columns that say who a person is and not how they pay. No model here sees them; the fairness report does. Age is
 * among them although some laws allow it in scoring: leaving it out costs little (README.md has the figures).
 */
export function isProtectedColumn(column: string): boolean {
  return column === "Age" || column === "ForeignWorker" || column.startsWith("Personal.");
}

/** What an application form asked before the bank joined in its own knowledge of the checking account. */
const formerForm = ["Duration", "Amount", "CreditHistory.", "SavingsAccountBonds.", "EmploymentDuration."];

export const variants: Readonly<Record<VariantName, Variant>> = {
  champion: {
    name: "champion",
    version: "1.0.0",
    description: "The model that runs now: term, amount, credit history, savings and employment.",
    features: (columns) => columns.filter((column) => formerForm.some((start) => column.startsWith(start))),
  },
  candidate: {
    name: "candidate",
    version: "2.0.0",
    description: "The new model: every column but the protected ones.",
    features: (columns) => columns.filter((column) => column !== labelColumn && !isProtectedColumn(column)),
  },
  weak: {
    name: "weak",
    version: "2.0.0-weak",
    description: "A model that should be stopped: it sees only the instalment rate and the years at one address.",
    features: () => ["InstallmentRatePercentage", "ResidenceDuration"],
  },
};
