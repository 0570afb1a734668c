import { type ApprovalPolicy, requirementsInForce } from "../../../core/approval/promotion-approval.ts";
import { type Intruder, intruderIn, type RunningReport, runningDocument } from "../../../core/deployment/intruder.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import {
  type FoundIntruder,
  type IntruderSubject,
  intruderFound,
  intruderGone,
  isNews,
  openIntruder,
} from "../../../core/promotion/intruder-facts.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { Log } from "../../log.ts";
import { factsAbout, type IntruderFacts } from "../../running/intruder-facts.ts";

export interface TellPorts {
  readonly now: () => Instant;
  readonly log: Log;
  readonly policies: ApprovalPolicy;
  readonly promotions: IntruderFacts & { recordFact(fact: Fact): Promise<"recorded" | "exists"> };
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
}

/** What runs somewhere, as it is judged, and whose facts tell of it. */
export interface Look {
  readonly subject: IntruderSubject;
  readonly report: RunningReport;
  readonly expected: Promotion | undefined;
}

/** Records what a look has found, once, and that it is so no more. */
export function tellOfIntruders(ports: TellPorts) {
  let told: Promise<unknown> = Promise.resolve();
  return tell;

  /** One after the other: findings are numbered, and places are looked at beside each other. */
  function tell(look: Look): Promise<void> {
    const telling = told.then(() => record(look));
    told = Promise.allSettled([telling]);
    return telling;
  }

  async function record({ subject, report, expected }: Look): Promise<void> {
    const facts = await factsAbout(ports.promotions, subject);
    const open = openIntruder(facts, subject.place);
    const intruder = intruderIn(report);
    if (intruder === undefined) {
      if (open !== undefined) await ports.promotions.recordFact(intruderGone(open, ports.now()));
      return;
    }
    // Each is watched by an alarm, which stays while it is so.
    ports.log("error", intruder.kind === "missing" ? "workload missing" : "intruder found", {
      kind: intruder.kind,
      target: report.place.target,
    });
    const found: FoundIntruder = { ...intruder, running: report.revision ?? "", action: actionFor(intruder, expected) };
    if (!isNews(open, found)) return;
    const mediaType = "application/json";
    const bytes = canonicalJsonBytes({ ...report, place: { ...report.place } });
    const attachment = { name: runningDocument, mediaType, sha256: await ports.blobs.put(bytes, mediaType) };
    await ports.promotions.recordFact(intruderFound(subject, facts, found, [attachment], ports.now()));
  }

  /** Where nothing was approved before, there is nothing to put back; and whoever runs the place may have removed what is missing. */
  function actionFor({ kind }: Intruder, expected: Promotion | undefined): FoundIntruder["action"] {
    if (expected === undefined || kind === "missing") return "report";
    const { manifest } = expected;
    const asked = requirementsInForce(ports.policies, { manifest, facts: { release: "update" } });
    return asked.kind === "asked" && asked.requirements.document.rule.onIntruder === "take-back"
      ? "take-back"
      : "report";
  }
}
