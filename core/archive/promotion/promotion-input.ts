import type { Sha256 } from "../../encoding/sha256.ts";
import type { GateGenerations } from "../../gates/gate-generations.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import type { AttestationTrust } from "../people/verify-sign-offs.ts";
import type { JudgedGates, PolicyOf } from "./verify-gates.ts";

/** What one promotion is verified from. */
export interface PromotionInput {
  readonly promotion: PromotionId;
  /** All records of the promotion, in the order of the log. */
  readonly records: readonly PromotionRecord[];
  /** Bytes whose digest was checked. */
  readonly read: ReadDocument;
  /** Documents of other promotions, where they are in the pack; absent: as `read`. */
  readonly elsewhere?: ReadDocument;
  readonly leftOut: ReadonlySet<Sha256>;
  readonly trust: AttestationTrust;
  readonly policyOf: PolicyOf;
  /** Shared by promotions that are verified together. */
  readonly judged?: JudgedGates;
  /** How evidence was judged over time, where it is not as this version knows it. */
  readonly generations?: GateGenerations;
}
