import type { ChatUser } from "../promotion/identity.ts";
import type { Purpose } from "../promotion/notification.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";

/** What may be begun in a chat; approving is none of it (design 3.9). */
export const chatDeeds = ["reject", "ask"] as const;
export type ChatDeed = (typeof chatDeeds)[number];

/** The purposes of messages that offer it: those that ask for a decision. */
export function offersDeeds(purpose: Purpose): boolean {
  return purpose === "asked" || purpose === "reminded";
}

/** What somebody did in a chat; `trigger` lets a dialog be shown to them. */
export type ChatEvent =
  | {
      readonly kind: "pressed";
      readonly deed: ChatDeed;
      readonly promotion: PromotionId;
      readonly user: ChatUser;
      readonly trigger: string;
    }
  | {
      readonly kind: "filled-in";
      readonly deed: ChatDeed;
      readonly promotion: PromotionId;
      readonly user: ChatUser;
      /** The same for every attempt to send one dialog: letters, digits, dashes and underscores. */
      readonly dialog: string;
      readonly text: string;
    }
  /** Nothing that concerns us, such as a button that leads to a page. */
  | { readonly kind: "nothing" };

/** What is shown to whoever pressed or filled in something. */
export type Dialog =
  | { readonly kind: "form"; readonly deed: ChatDeed; readonly promotion: PromotionId }
  | {
      readonly kind: "notice";
      readonly title: string;
      readonly text: string;
      readonly button?: { readonly text: string; readonly link: string };
    };

/** The longest reason to reject that is handed on, in characters: it travels in an address, which a firewall may limit to 2,048 bytes. */
export const longestHandedReason = 300;

/** The words of each form. */
export const formWords: Readonly<
  Record<ChatDeed, { readonly title: string; readonly label: string; readonly hint: string; readonly button: string }>
> = {
  reject: {
    title: "Reject",
    label: "Why should it not run?",
    hint: "This is a draft and decides nothing. The next step leads to the page, where you read it again and sign in to reject.",
    button: "Go on",
  },
  ask: {
    title: "Ask a question",
    label: "What do you want to know?",
    hint: "Whoever had a hand in the candidate is told, and can answer. The question is kept in the record under your name.",
    button: "Ask",
  },
};
