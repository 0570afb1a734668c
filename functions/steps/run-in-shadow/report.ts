import type { Shadowing, ShadowTarget } from "../../../core/deployment/shadow-target.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { type Capture, readCaptures } from "../../../core/gates/shadow/captures.ts";
import {
  comparedAnswers,
  observationsBytes,
  pairedAnswers,
  shadowReportBytes,
} from "../../../core/gates/shadow/report.ts";
import type { FrozenEvidence } from "../../../core/promotion/freeze-manifest.ts";
import { isCaptured, mostCompared, type ShadowPlan, shadowReportName } from "../../../core/promotion/shadow.ts";

export interface ReportPorts {
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
}

/** More than that is not held at once: what has been read until then is what is compared. */
const mostBytes = 64 * 1024 * 1024;
const mediaType = "application/json";

/**
 * Reads what both models answered, and keeps the report of it with what it is made of: nothing where fewer than `least`
 * requests can be compared yet.
 */
export async function shadowReport(
  { blobs }: ReportPorts,
  target: ShadowTarget,
  shadowing: Shadowing & { readonly plan: ShadowPlan; readonly least: number },
): Promise<{ readonly evidence: FrozenEvidence; readonly observations: Sha256 } | undefined> {
  const { promotion, run, plan, least } = shadowing;
  const { plan: digest, askedAt, beside = "", since = askedAt, endedAt = askedAt } = run;
  const seen = target.captured !== undefined && isCaptured(shadowing.target);
  const read = (of: "champion" | "candidate") => readAll(seen ? target.captured?.(shadowing, of) : undefined);
  const champion = await read("champion");
  const candidate = await read("candidate");
  const pairs = pairedAnswers(champion.captures, candidate.captures);
  if (seen && pairs.length < least) return undefined;
  const observations = {
    observationsVersion: seen ? (1 as const) : (2 as const),
    promotion,
    plan: digest,
    beside,
    from: since,
    until: endedAt,
    measured: await target.measure(shadowing, endedAt),
    captured: {
      champion: champion.captures.length,
      candidate: candidate.captures.length,
      unreadable: champion.unreadable + candidate.unreadable,
    },
    compared: pairs.length,
    answers: comparedAnswers(pairs, plan),
  };
  const bytes = shadowReportBytes(observations);
  return {
    observations: await blobs.put(observationsBytes(observations), mediaType),
    evidence: {
      kind: "shadow-run",
      format: "plain",
      name: shadowReportName,
      mediaType,
      size: bytes.length,
      sha256: await blobs.put(bytes, mediaType),
    },
  };
}

async function readAll(
  files: AsyncIterable<Uint8Array> | undefined,
): Promise<{ readonly captures: readonly Capture[]; readonly unreadable: number }> {
  const captures: Capture[] = [];
  let unreadable = 0;
  let size = 0;
  for await (const file of files ?? []) {
    const read = readCaptures(file);
    for (const capture of read.captures) captures.push(capture);
    unreadable += read.unreadable;
    size += file.length;
    if (captures.length >= mostCompared || size >= mostBytes) break;
  }
  return { captures, unreadable };
}
