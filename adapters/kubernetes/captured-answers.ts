import type { Shadowing } from "../../core/deployment/shadow-target.ts";
import { type Instant, instantFromMs, isInstant, msOfInstant } from "../../core/encoding/instant.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import { shadowName } from "./shadow-documents.ts";

/** Files below an address whose names come after `from` and not after `until`, in the order of their names. */
export type ReadCaptures = (address: string, from: string, until: string) => AsyncIterable<Uint8Array>;

/** A file is named after the time of its first line, and is closed within this time. */
const longestFileMilliseconds = 15 * 60_000;

/**
 * What the pods of one of the two workloads answered while both ran, as whoever runs the cluster keeps it:
 * `<workload>/<yyyy>/<mm>/<dd>/<hh>/<mm>-….jsonl`, as SageMaker names such files. The workloads' names are the same from run to
 * run, so lines of another time are left out.
 */
export async function* capturedAnswers(
  read: ReadCaptures,
  { run }: Shadowing,
  target: KubernetesTarget,
  of: "champion" | "candidate",
): AsyncGenerator<Uint8Array> {
  const { askedAt, since = askedAt, endedAt = askedAt } = run;
  const begin = instantFromMs(msOfInstant(since) - longestFileMilliseconds);
  const workload = of === "candidate" ? shadowName(target) : target.endpoint;
  // "~" comes after whatever follows the minute in a name.
  for await (const file of read(`${target.name}/${workload}/`, minuteOf(begin), `${minuteOf(endedAt)}~`))
    yield linesBetween(file, since, endedAt);
}

/** `2026/11/26/10/04` */
function minuteOf(instant: Instant): string {
  return instant.slice(0, 16).replaceAll(/[-T:]/g, "/");
}

/** Lines that cannot be read stay, and are counted as that. */
function linesBetween(file: Uint8Array, since: Instant, until: Instant): Uint8Array {
  const lines = new TextDecoder().decode(file).split("\n");
  const kept = lines.filter((line) => {
    const at = timeIn(line);
    return at === undefined || (at >= since && at <= until);
  });
  return new TextEncoder().encode(kept.join("\n"));
}

function timeIn(line: string): Instant | undefined {
  try {
    const { eventMetadata } = JSON.parse(line) as { readonly eventMetadata?: { readonly inferenceTime?: unknown } };
    const written = Date.parse(String(eventMetadata?.inferenceTime));
    const at = Number.isNaN(written) ? undefined : instantFromMs(written);
    return isInstant(at) ? at : undefined;
  } catch {
    return undefined;
  }
}
