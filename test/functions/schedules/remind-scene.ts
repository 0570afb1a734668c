import { readFileSync } from "node:fs";
import type { Reminders } from "../../../core/approval/reminders.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { loadMessages } from "../../../core/notification/load-messages.ts";
import type { Message } from "../../../core/notification/message.ts";
import { purposes } from "../../../core/promotion/notification.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { askedTellings } from "../../../functions/events/notify/stage.ts";
import { type RemindPorts, remind } from "../../../functions/schedules/remind/handler.ts";
import type { OpenChannel } from "../../../functions/telling/open-channels.ts";
import { teller } from "../../../functions/telling/tell.ts";
import {
  everybody,
  matrix,
  member,
  openedAt,
  openStage,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const templates = requireLoaded("messages.yaml", loadMessages(readFileSync("policies/messages.yaml", "utf8")));
export const email: OpenChannel = {
  name: "email",
  kind: "email",
  form: "letter",
  purposes,
  audience: "person",
  follows: false,
  repeats: false,
};
export const emil = member("Emil", "visitors");
export const reminders: Reminders = {
  everySeconds: 4 * 3600,
  escalation: { afterSeconds: 8 * 3600, to: "compliance-officer" },
};
/** The second stage is open: it asks for a lead data scientist and an SRE. */
export const second = promotionInReview({ stage: openStage(1) });

export function scene({
  promotion = second,
  over = {},
  left = 300_000,
  asksFirst = true,
}: {
  readonly promotion?: Promotion;
  /** Whether anybody was told of the stage's opening. */
  readonly asksFirst?: boolean;
  readonly over?: Partial<RemindPorts>;
  /** Milliseconds that the function has left. */
  readonly left?: number;
} = {}) {
  const promotions = new MemoryPromotions([promotion]);
  const letters: Message[] = [];
  let clock = openedAt;
  let opening: Promise<void> | undefined;
  const ports: RemindPorts = {
    now: () => clock,
    log: () => undefined,
    portalUrl: "https://portal.example",
    policy: { ...policy, matrix: { ...matrix, reminders } },
    promotions: {
      load: promotions.load,
      move: promotions.move,
      facts: promotions.facts,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
      recordFact: promotions.recordFact,
      list: async ({ status, from = "0" }) => ({
        promotions: promotion.status === status && promotion.submittedAt >= from ? [promotion] : [],
      }),
    },
    delegations: new MemoryDelegations(),
    absences: new MemoryAbsences(),
    directory: memoryDirectory([...everybody, emil]),
    pause: async () => {},
    mac: async () => new Uint8Array(32),
    templates,
    channels: [email],
    post: async (_, letter) => ({ kind: "sent", messageId: `message ${letters.push(letter)}` }),
    ...over,
  };
  /** Whom `notify` asks as the stage opens. */
  const ask = async () => {
    const tell = teller(
      { ...ports, channels: [email], post: async () => ({ kind: "sent", messageId: "asked" }) },
      { getRemainingTimeInMillis: () => 300_000 },
    );
    for (const telling of await askedTellings(promotion, ports)) if (telling.purpose === "asked") await tell(telling);
  };
  const runAt = async (at: Instant) => {
    if (asksFirst) opening ??= ask();
    await opening;
    clock = at;
    await remind(ports)({}, { getRemainingTimeInMillis: () => left });
    return letters.splice(0).map(({ to, subject }) => `${to?.name.toLowerCase()}: ${subject.split(":")[0]}`);
  };
  return { promotions, letters, runAt };
}
export const hoursOn = (hours: number) => addSeconds(openedAt, hours * 3600);
export const reminded = (...people: readonly { readonly name: string }[]) =>
  people.map(({ name }) => `${name.toLowerCase()}: Still waiting for you`);
