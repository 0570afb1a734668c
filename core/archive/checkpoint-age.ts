import { clockSkewSeconds } from "../attestation/id-token.ts";
import { type Instant, msOfInstant } from "../encoding/instant.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import { logPath } from "./pack/pack-layout.ts";
import type { PackVerification, VerifyPackOptions } from "./pack-verification.ts";

/** Witnesses that are asked every minute lag by one or two; by more than this, something kept them from it. */
const usualLagSeconds = 3600;

const untimed =
  "The checkpoint does not say when it was signed, and the log says so with each: how old it is cannot be judged, nor what should have happened by then.";

/** What the head says of its own age: when the log signed it, and when each witness that was asked for saw it. */
export interface HeadTimes {
  readonly at?: Instant;
  readonly witnesses: NonNullable<PackVerification["log"]>["witnesses"];
}

const units = [
  ["days", 86_400],
  ["hours", 3600],
  ["minutes", 60],
] as const;

/** `104730 seconds (29 hours)`: of what is two minutes or more, how much that is. */
function spoken(seconds: number): string {
  const unit = units.find(([, length]) => seconds >= 2 * length);
  return `${seconds} seconds${unit === undefined ? "" : ` (${Math.floor(seconds / unit[1])} ${unit[0]})`}`;
}

/**
 * How old the log's head is, by everybody who says so. The log says so with each: who takes that line away would have nothing be
 * late, and a log that ends whenever they like. Whoever holds the log's key can sign an old head again and leave
 * out what came after it, so a witness that was asked for has to have seen it as lately as the log says it signed it.
 */
export function checkpointAge(
  { at, witnesses }: HeadTimes,
  { maxAgeSeconds, now }: Pick<VerifyPackOptions, "maxAgeSeconds" | "now">,
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const path = logPath(checkpointPath);
  const age = (time: Instant) => Math.round((msOfInstant(now) - msOfInstant(time)) / 1000);
  const told = [
    ...(at === undefined ? [] : [{ of: "The checkpoint", seconds: age(at) }]),
    ...witnesses.map(({ key, at: seen }) => ({ of: `The cosignature of the witness ${key}`, seconds: age(seen) })),
  ];
  const findings: PackFinding[] = at === undefined ? [{ code: "checkpoint-untimed", path, sentence: untimed }] : [];
  for (const { of, seconds } of told) {
    if (seconds >= -clockSkewSeconds) continue;
    const sentence = `${of} is dated ${-seconds} seconds from now: dated ahead, it would not grow old.`;
    findings.push({ code: "checkpoint-in-future", path, sentence });
  }
  if (maxAgeSeconds !== undefined) {
    for (const { of, seconds } of told) {
      if (seconds <= maxAgeSeconds) continue;
      const sentence = `${of} is ${spoken(seconds)} old; ${spoken(maxAgeSeconds)} are allowed. A newer one may say more.`;
      findings.push({ code: "checkpoint-too-old", path, sentence });
    }
  }
  const lagging = witnesses.flatMap(({ key, at: seen }) => {
    const lag = at === undefined ? 0 : Math.round((msOfInstant(at) - msOfInstant(seen)) / 1000);
    if (lag <= usualLagSeconds) return [];
    const sentence = `Whether the log showed others more: it signed its checkpoint again ${lag} seconds after the witness ${key} last cosigned it. With --max-age, the witness's time counts as well.`;
    return [{ sentence }];
  });
  return { findings, unchecked: lagging };
}
