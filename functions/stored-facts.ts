import type { ExportJob } from "../core/archive/export-job.ts";
import { type RecordedSignOff, signOffFact } from "../core/attestation/recorded-sign-off.ts";
import type { Fact } from "../core/promotion/fact.ts";
import { newFacts } from "../core/promotion/ledger-record.ts";
import type { Promotion } from "../core/promotion/promotion.ts";

/** What an item of the promotions table is (docs/architecture.md). */
export type Stored =
  | { readonly kind: "promotion"; readonly promotion: Promotion }
  | { readonly kind: "sign-off"; readonly recorded: RecordedSignOff }
  | { readonly kind: "fact"; readonly fact: Fact }
  | { readonly kind: "lane" }
  | { readonly kind: "export"; readonly job: ExportJob };

/** The facts that an item holds; where it was another before, those that are new. */
export function factsIn(stored: Stored, before?: Stored): readonly Fact[] {
  switch (stored.kind) {
    case "promotion":
      return newFacts(before?.kind === "promotion" ? before.promotion : undefined, stored.promotion);
    case "sign-off":
      return [signOffFact(stored.recorded)];
    case "fact":
      return [stored.fact];
    case "lane":
      return [];
    case "export":
      return newFacts(before?.kind === "export" ? before.job : undefined, stored.job);
    default:
      return stored satisfies never;
  }
}
