import type { Standing } from "../../core/replay/replay-promotion.ts";
import type { PolicyReplay, RoleLoad } from "../../core/replay/tally.ts";
import { oneLine } from "../terminal-text.ts";

/** So many promotions are told one by one; `--json` has them all. */
const mostTold = 50;

/** A replay for people: what changes, promotion by promotion, then how the roles would cope. */
export function replayLines({ promotions, counts, changed, roles, notes }: PolicyReplay): readonly string[] {
  return [
    `${promotions} promotions; ${changed.length} would stand elsewhere.`,
    ...counts.map(
      ({ before, after, count }) => `  ${String(count).padStart(6)}  ${kindText(before)} → ${kindText(after)}`,
    ),
    ...changed
      .slice(0, mostTold)
      .flatMap(({ promotion, title, status, before, after }) => [
        "",
        `${promotion}  ${oneLine(title, 200)} (${status})`,
        `  under its own policies: ${standingText(before)}`,
        `  under these:            ${standingText(after)}`,
      ]),
    ...(changed.length > mostTold ? ["", `and ${changed.length - mostTold} more (--json has them all)`] : []),
    "",
    ...table([["role", "waiting", "before", "holders", "signatures", "median time to sign"], ...roles.map(roleRow)]),
    "",
    ...notes.map((note) => `– ${note}`),
  ];
}

function kindText(kind: Standing["kind"]): string {
  switch (kind) {
    case "would-pass":
      return "would pass";
    case "would-be-blocked":
      return "would be blocked";
    case "would-wait":
      return "would wait";
    case "cannot-tell":
      return "cannot be told";
    default:
      return kind satisfies never;
  }
}

function standingText(standing: Standing): string {
  return "why" in standing ? `${kindText(standing.kind)}: ${oneLine(standing.why, 300)}` : kindText(standing.kind);
}

function roleRow({ title, waiting, waitingBefore, holders, signatures, medianSeconds }: RoleLoad): readonly string[] {
  const median = medianSeconds === undefined ? "–" : timeText(medianSeconds);
  return [oneLine(title, 60), String(waiting), String(waitingBefore), String(holders), String(signatures), median];
}

function timeText(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
