import type { Instant } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/**
 * The promotion as it waits before it is deployed; `undefined` where that was told already. `until`: what it waits for, in words
 * that follow "once".
 */
export function withWait(promotion: Promotion, until: string, body: Fact["body"], at: Instant): Promotion | undefined {
  const summary = `${waits}${until}.`;
  if (promotion.history.some((fact) => fact.type === "held" && fact.summary === summary)) return undefined;
  return advance(promotion, {}, { type: "held", at, summary, body, attachments: [] });
}

/** What it was told last to wait for, as a sentence that follows those of why it ended; empty where nothing was told. */
export function whatItWaitedFor({ history }: Pick<Promotion, "history">): string {
  const told = history.findLast(({ type, summary }) => type === "held" && summary.startsWith(waits))?.summary;
  return told === undefined ? "" : ` What it waited for: ${told.slice(waits.length)}`;
}

const waits = "Everybody has signed; it is deployed once ";
