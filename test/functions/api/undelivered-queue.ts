import type { Instant } from "../../../core/encoding/instant.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import { redriveNotifications } from "../../../functions/api/redrive-notifications/handler.ts";
import { id, matrix, member, now } from "../../core/promotion/promotion-in-review.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

export const opal = member("Opal", "platform");

export interface Waiting {
  readonly id: string;
  readonly since: Instant;
  /** Absent for a message of somebody else's. */
  readonly fact?: string;
}

/** The queue of what could not be told, in memory, with those who may look into it. */
export function redriveScene(waiting: readonly Waiting[] = []) {
  const queue = new Map(waiting.map((message) => [message.id, message]));
  const hidden = new Set<string>();
  const announced: string[] = [];
  const promotions = new MemoryPromotions();
  const as = (who = opal, over: { readonly announce?: () => Promise<void> } = {}) =>
    redriveNotifications({
      now: () => now,
      roles: { ...matrix.roles, operator: { title: "Operator", groups: ["platform"], judges: [] } },
      verifyPerson: async () => ({ ...who, authenticatedAt: now }),
      queue: {
        take: async () => {
          const found = [...queue.values()].filter((message) => !hidden.has(message.id)).slice(0, 10);
          for (const message of found) hidden.add(message.id);
          return found.map(({ fact, ...message }) => ({
            ...message,
            handle: message.id,
            ...(fact === undefined ? {} : { announced: announcement(fact) }),
          }));
        },
        letGo: async (messages) => {
          for (const message of messages) hidden.delete(message.id);
        },
        remove: async (message) => void queue.delete(message.id),
      },
      announce: async (events) => void announced.push(...events.map(({ factId }) => factId)),
      promotions,
      ...over,
    });
  return { queue, hidden, announced, promotions, as };
}

function announcement(factId: string) {
  const told = { factId, at: now, ledgerIndex: 7 };
  return factId.startsWith("installation/")
    ? { ...told, type: "intruder-found" as FactType }
    : { ...told, type: "stage-opened" as FactType, promotionId: id };
}
