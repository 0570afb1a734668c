import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { loadMessages } from "../../../core/notification/load-messages.ts";
import type { Message } from "../../../core/notification/message.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import { purposes } from "../../../core/promotion/notification.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type NotifyPorts, notify } from "../../../functions/events/notify/handler.ts";
import type { OpenChannel } from "../../../functions/telling/open-channels.ts";
import { everybody, id, now, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

export const mac = async (message: Uint8Array) =>
  new Uint8Array(createHmac("sha256", "the key").update(message).digest());
export const check = async (message: Uint8Array, given: Uint8Array) => timingSafeEqual(await mac(message), given);
export const portalUrl = "https://portal.example";
export const templates = requireLoaded("messages.yaml", loadMessages(readFileSync("policies/messages.yaml", "utf8")));
export const email: OpenChannel = {
  name: "email",
  kind: "email",
  form: "letter",
  purposes,
  audience: "person",
  follows: false,
  repeats: false,
};
export const plentyOfTime = { getRemainingTimeInMillis: () => 300_000 };
export const addresses = (letters: readonly Message[]) => letters.map(({ to }) => to?.address);

export function scene(
  promotion: Promotion = promotionInReview(),
  members = everybody,
  over: Partial<NotifyPorts> = {},
) {
  const promotions = new MemoryPromotions([promotion]);
  const letters: Message[] = [];
  const lines: string[] = [];
  const ports: NotifyPorts = {
    now: () => now,
    log: (_, message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    portalUrl,
    policy,
    templates,
    channels: [email],
    promotions: {
      load: promotions.load,
      facts: promotions.facts,
      installationFacts: promotions.installationFacts,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
      recordFact: promotions.recordFact,
    },
    delegations: new MemoryDelegations(),
    absences: new MemoryAbsences(),
    directory: memoryDirectory(members),
    pause: async () => {},
    mac,
    post: async (_, letter) => ({ kind: "sent", messageId: `message ${letters.push(letter)}` }),
    ...over,
  };
  const hear = (type: string, promotionId: unknown = id, factId = "x") =>
    notify(ports)({ detail: { factId, promotionId, type } }, plentyOfTime);
  return { promotions, letters, lines, ports, hear };
}

export function fact(type: FactType, body: Fact["body"]): Fact {
  return { id: `${id}/7`, type, at: now, promotion: id, summary: "What happened.", body, attachments: [] };
}

/** What proves a signature, which nobody who tells of it looks at. */
export function signed(payload: string): Omit<RecordedLoan, "signature"> {
  return { envelope: { payload, payloadType: "application/json", signatures: [] }, idToken: "", jwks: { keys: [] } };
}
