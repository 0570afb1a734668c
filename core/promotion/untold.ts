import type { Instant } from "../encoding/instant.ts";
import { by } from "../encoding/text-order.ts";
import type { Fact } from "./fact.ts";
import type { Identity } from "./identity.ts";
import { notificationState } from "./notification.ts";
import type { PromotionId } from "./promotion-id.ts";

/** What was to be told and was not: refused, or begun without anybody knowing whether it arrived. */
export interface Untold {
  readonly name: string;
  readonly channel: string;
  readonly purpose: string;
  readonly state: "refused" | "in-doubt";
  /** Why it was refused the last time. */
  readonly code?: string;
}

/** Every notification among these facts that was begun and not sent, the oldest first. */
export function untoldIn(facts: readonly Fact[]): readonly Untold[] {
  const ids = new Set(facts.map(({ id }) => id));
  const begun = new Map(
    facts
      .filter(({ type }) => type === "notification-queued")
      .toSorted(by(({ at }) => at))
      .map(({ body }) => [String(body["notification"]), body]),
  );
  return [...begun].flatMap(([id, body]): readonly Untold[] => {
    const state = notificationState(id, ids);
    if (state.kind === "sent") return [];
    const refused = facts.find((fact) => fact.id === `${id}/refused/${state.attempt - 1}`);
    const about = { name: String(body["name"]), channel: String(body["channel"]), purpose: String(body["purpose"]) };
    if (state.kind === "in-doubt") return [{ ...about, state: "in-doubt" }];
    return [{ ...about, state: "refused", code: String(refused?.body["code"] ?? "") }];
  });
}

/** Something that people were to be told of, as it waits in its queue, and who does something about it. */
interface Handled {
  /** Names the event in its queue. */
  readonly message: string;
  /** Of which people were to be told. */
  readonly fact: string;
  readonly by: Identity & { readonly name: string };
}

/** The fact that an operator had it tried again to tell people of a fact. */
export function redrivenFact(promotion: PromotionId | undefined, { message, fact, by }: Handled, at: Instant): Fact {
  return {
    ...about(promotion, at),
    id: `${promotion ?? "installation"}/redriven/${message}`,
    type: "notification-redriven",
    summary: `${by.name} had messages sent again that could not be sent.`,
    body: { fact, ...bodyOf(by) },
  };
}

/**
 * The fact that an operator gave up telling people of a fact, for a reason. What was to be told is in the ledger, and stays there;
 * of a message that holds nothing of ours there is no fact.
 */
export function discardedFact(
  promotion: PromotionId | undefined,
  { message, fact, by, reason }: Omit<Handled, "fact"> & { readonly fact?: string; readonly reason: string },
  at: Instant,
): Fact {
  return {
    ...about(promotion, at),
    id: `${promotion ?? "installation"}/discarded/${message}`,
    type: "notification-discarded",
    summary: `${by.name} gave up telling people what could not be told.`,
    body: { message, ...(fact === undefined ? {} : { fact }), reason, ...bodyOf(by) },
  };
}

function about(promotion: PromotionId | undefined, at: Instant): Pick<Fact, "at" | "promotion" | "attachments"> {
  return { at, ...(promotion === undefined ? {} : { promotion }), attachments: [] };
}

function bodyOf({ issuer, subject, name }: Handled["by"]) {
  return { by: { issuer, subject }, name };
}
