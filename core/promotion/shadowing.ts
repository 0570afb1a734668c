import type { Instant } from "../encoding/instant.ts";
import { durationWords } from "../encoding/policy-file.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact } from "./fact.ts";
import type { FrozenEvidence } from "./freeze-manifest.ts";
import { advance, type Change } from "./life-cycle.ts";
import type { Promotion } from "./promotion.ts";
import {
  type ShadowPlan,
  type ShadowRun,
  shadowObservationsName,
  shadowPlanDigest,
  shadowReportName,
} from "./shadow.ts";

// How a promotion goes through its run in shadow, fact by fact; core/archive/history/replay-shadow.ts is the counterpart.

/** Written before the target is touched: a crash in between is never forgotten. */
export function withShadowStarted(promotion: Promotion, plan: ShadowPlan, beside: string, at: Instant): Promotion {
  const digest = shadowPlanDigest(plan);
  const { durationSeconds, requests, withinSeconds } = plan;
  return told(
    promotion,
    { status: "shadowing", shadow: { plan: digest, askedAt: at, beside } },
    {
      at,
      summary: `The candidate is to run in shadow of what answers now ('${beside}'), for ${durationWords(durationSeconds)} and ${requests} requests, and for ${durationWords(withinSeconds)} at most. Nobody hears its answers.`,
      body: { state: "started", plan: digest, beside },
    },
  );
}

/** Nothing answers in the target: there is nothing to run beside. */
export function withNothingToCompare(promotion: Promotion, plan: ShadowPlan, at: Instant): Promotion {
  const digest = shadowPlanDigest(plan);
  return told(
    promotion,
    { shadow: { plan: digest, askedAt: at } },
    {
      at,
      summary: "Nothing runs there yet, so there is nothing to compare the candidate with: it did not run in shadow.",
      body: { state: "nothing-to-compare", plan: digest },
    },
  );
}

export function withShadowRunning(promotion: Promotion, run: ShadowRun, at: Instant): Promotion {
  return told(
    promotion,
    { shadow: { ...run, since: at } },
    { at, summary: "The candidate gets the requests of production, in shadow.", body: { state: "running" } },
  );
}

export function withShadowOver(promotion: Promotion, run: ShadowRun, requests: number, at: Instant): Promotion {
  return told(
    promotion,
    { shadow: { ...run, endedAt: at } },
    { at, summary: `The run in shadow is over, after ${requests} requests.`, body: { state: "over", requests } },
  );
}

/** Back to the gates with what the run came to. */
export function withShadowReported(
  promotion: Promotion,
  run: ShadowRun,
  {
    evidence,
    observations,
    at,
  }: { readonly evidence: FrozenEvidence; readonly observations: Sha256; readonly at: Instant },
): Promotion {
  const { kind, format, name, mediaType, size, sha256 } = evidence;
  return told(
    promotion,
    { status: "gating", shadow: { ...run, evidence } },
    {
      at,
      summary: "The candidate does not run in shadow any more, and what came of it is evidence: the gates judge it.",
      body: { state: "reported", evidence: { kind, format, name, mediaType, size, sha256 } },
      attachments: [
        { name: shadowReportName, mediaType, sha256 },
        { name: shadowObservationsName, mediaType, sha256: observations },
      ],
    },
  );
}

function told(
  promotion: Promotion,
  change: Change,
  fact: Pick<Fact, "at" | "summary" | "body"> & Partial<Pick<Fact, "attachments">>,
): Promotion {
  return advance(promotion, change, { type: "shadow-run", attachments: [], ...fact });
}
