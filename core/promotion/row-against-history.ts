import { canonicalJson, type Json } from "../encoding/canonical-json.ts";
import type { Fact } from "./fact.ts";
import type { Promotion } from "./promotion.ts";
import { authorJson } from "./reapproval.ts";

type Row = Pick<Promotion, "startedBy" | "facts" | "expiresAt" | "review" | "stage" | "invalidated" | "history">;

/**
 * What a promotion's row says otherwise than its own history, which the ledger has: who may not sign, until when, and what counts no
 * more hangs on it. Nothing where they agree, and of what a history without a request does not tell.
 */
export function rowAgainstHistory(row: Row): string | undefined {
  const request = row.history.find(({ type }) => type === "request")?.body;
  if (request === undefined) return undefined;
  const startedBy = row.startedBy === undefined ? undefined : authorJson(row.startedBy);
  const lent = row.history.findLast(({ type }) => type === "loan")?.body;
  if (!same(startedBy, request["startedBy"])) return "who started the run";
  if (!same(row.facts?.release, request["release"])) return "whether the model ran there before";
  if (!same(row.expiresAt, lent?.["until"] ?? request["expiresAt"])) return "until when it can be signed";
  if (row.review !== 1 + row.history.filter(beginsAnew).length) return "which review it is in";
  const counting = fallen(row.history).filter((id) => !row.invalidated.some(({ signOff }) => signOff === id));
  return counting.length > 0 ? "which sign-offs fell" : stageAgainstHistory(row);
}

function stageAgainstHistory({ stage, history }: Row): string | undefined {
  const at = history.findLastIndex(({ type }) => type === "stage-opened");
  const opened = history[at];
  if (stage === undefined || opened === undefined) return undefined;
  // What is lent is over with its loan, and so is the stage that was open then.
  const lent = history.slice(at).find(({ type }) => type === "loan")?.body;
  const { stage: index, name, round, deadline } = opened.body;
  const told = { index, name, round, openedAt: opened.at, deadline: lent?.["until"] ?? deadline };
  const { open: _, ...row } = stage;
  return same({ ...row }, told as Json) ? undefined : "when its stage was opened, and until when that is";
}

/** Whether it went back to its gates, from which on another review is asked for: what was signed before counts where that is told. */
function beginsAnew({ type, body }: Fact): boolean {
  return type === "seat-reopened" && "from" in body;
}

/** The sign-offs of which it was told that they count no more. */
function fallen(history: readonly Fact[]): readonly string[] {
  return history.flatMap(({ type, body }) => {
    const told = type === "seat-reopened" ? body["fallen"] : undefined;
    return Array.isArray(told) ? told.map((each) => String((each as { readonly signOff?: unknown }).signOff)) : [];
  });
}

/** What is absent is the same as nothing else. */
function same(one: Json | undefined, other: Json | undefined): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}
