import { cutText } from "../encoding/cut-text.ts";
import type { Instant } from "../encoding/instant.ts";
import { onOneLine } from "../encoding/on-one-line.ts";
import type { Purpose } from "../promotion/notification.ts";
import type { Status } from "../promotion/promotion.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";

/** What is said to one person or one room, in words; each channel gives it its own form. */
export interface Message {
  /** 32 hex digits, the same for every attempt: the other end can tell by it that it has the message already. */
  readonly id: string;
  readonly purpose: Purpose;
  /** When what it tells of happened. */
  readonly at: Instant;
  readonly subject: string;
  /** Plain text for a letter, with the link in it. */
  readonly letter: string;
  /** A few lines for what has a button beside it: no greeting, no link. */
  readonly note: string;
  readonly button: string;
  /** Locates and never authorises. A review link of the person's own, the promotion's page for a room, or the portal. */
  readonly link: string;
  /** Absent for a room. */
  readonly to?: { readonly name: string; readonly address: string };
  /** What the channel called its earlier messages about the same, oldest first: an issue's key, a thread. */
  readonly earlier: readonly string[];
  /** For machines. Of a place in which nothing was ever approved, only target and endpoint. */
  readonly about: {
    readonly promotion?: PromotionId;
    readonly model?: string;
    readonly version?: string;
    readonly target: string;
    readonly endpoint?: string;
    readonly status?: Status;
    readonly stage?: string;
    readonly deadline?: Instant;
    readonly reason?: string;
  };
}

/** What became of a message; whatever else is thrown leaves open whether it has arrived. */
export type Posted =
  /** `messageId` is what the other end calls it. */
  | { readonly kind: "sent"; readonly messageId: string }
  /**
   * It cannot have arrived; `code` says why and quotes nothing. `afterSeconds`: the other end had too much to do, and says that
   * it takes more after so long.
   */
  | { readonly kind: "refused"; readonly code: string; readonly afterSeconds?: number }
  /** Whether it has arrived is as open as before: whoever could be asked had too much to do, and may be asked again after so long. */
  | { readonly kind: "not-known"; readonly afterSeconds: number };

/** On one line, so that a name begins no other line or header; and cut to so many characters. */
export function oneLine(text: string, maximum = 200): string {
  return cutText(onOneLine(text), maximum);
}
