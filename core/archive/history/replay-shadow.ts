import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { Change } from "../../promotion/life-cycle.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import { type ShadowPlan, shadowPlanDigest, shadowReportName } from "../../promotion/shadow.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { misplaced } from "./misplaced.ts";

/** What a record about the run in shadow changes; the counterpart of core/promotion/shadowing.ts. `plan`: its rule's, if that has one. */
export function shadowChange(promotion: Promotion, record: LedgerRecord, plan?: ShadowPlan): Change {
  const body = bodyOf("shadow-run", record);
  const { at } = record;
  const { shadow, status } = promotion;
  switch (body.state) {
    case "started":
      requireNew(body.plan);
      return { status: "shadowing", shadow: { plan: body.plan, askedAt: at, beside: body.beside } };
    case "nothing-to-compare":
      requireNew(body.plan);
      return { shadow: { plan: body.plan, askedAt: at } };
    case "running":
      return { shadow: { ...running(), since: at } };
    case "over":
      return { shadow: { ...running(), endedAt: at } };
    case "reported": {
      const run = running();
      const { evidence } = body;
      if (run.since === undefined || run.endedAt === undefined)
        throw misplaced(record, "the run in shadow is not over");
      if (evidence.name !== shadowReportName || attachmentNamed(record, shadowReportName).sha256 !== evidence.sha256)
        throw new Failure(
          "pack-invalid",
          `The record '${record.id}' names another report than the one that it brings.`,
        );
      return { status: "gating", shadow: { ...run, evidence } };
    }
    default:
      return body satisfies never;
  }

  /** What came of it stands until its rule asks for another: nobody runs it until it comes out well, or says that nothing ran. */
  function requireNew(asked: Sha256): void {
    if (status !== "gating") throw misplaced(record, `the promotion is ${status}`);
    if (promotion.gates?.outcome !== "passed")
      throw misplaced(record, "only a candidate whose gates passed runs in shadow");
    if (plan !== undefined && shadowPlanDigest(plan) !== asked)
      throw misplaced(record, "its rule asks for another plan of the run in shadow");
    if (shadow?.plan === asked) throw misplaced(record, "what came of that run in shadow was told before");
  }

  function running(): NonNullable<Promotion["shadow"]> {
    if (status !== "shadowing" || shadow === undefined) throw misplaced(record, `the promotion is ${status}`);
    return shadow;
  }
}
