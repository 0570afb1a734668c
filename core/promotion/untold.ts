import type { Instant } from "../encoding/instant.ts";
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
      .toSorted((a, b) => (a.at < b.at ? -1 : 1))
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

/** The fact that an operator had it tried again to tell people of a fact; `message` names the event in its queue. */
export function redrivenFact(
  promotion: PromotionId | undefined,
  {
    message,
    fact,
    by,
  }: { readonly message: string; readonly fact: string; readonly by: Identity & { readonly name: string } },
  at: Instant,
): Fact {
  const { name, issuer, subject } = by;
  return {
    id: `${promotion ?? "installation"}/redriven/${message}`,
    type: "notification-redriven",
    at,
    ...(promotion === undefined ? {} : { promotion }),
    summary: `${name} had messages sent again that could not be sent.`,
    body: { fact, by: { issuer, subject }, name },
    attachments: [],
  };
}
