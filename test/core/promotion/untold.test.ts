import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import {
  type Notification,
  queuedFact,
  refusedFact,
  reportFact,
  sentFact,
} from "../../../core/promotion/notification.ts";
import { redrivenFact, untoldIn } from "../../../core/promotion/untold.ts";
import { cora, id, now } from "./promotion-in-review.ts";

const to = (name: string): Notification => ({
  id: `${id}/asked/1/0/1/email/${name}`,
  promotion: id,
  purpose: "asked",
  channel: "email",
  form: "letter",
  name,
  summary: `${name} was asked.`,
});
const about = { channel: "email", purpose: "asked" };

describe("what people could not be told", () => {
  it("is what was refused, with the last reason, and what is in doubt, the oldest first", () => {
    const [sent, refused, again, doubt, delivered] = ["Sam", "Cora", "Dana", "Bo", "Tom"].map(to) as [
      Notification,
      Notification,
      Notification,
      Notification,
      Notification,
    ];
    const later = addSeconds(now, 60);
    expect(
      untoldIn([
        queuedFact(doubt, 1, later),
        queuedFact(sent, 1, now),
        sentFact(sent, "m-1", now),
        queuedFact(refused, 1, now),
        refusedFact(refused, 1, "not-reached", now),
        queuedFact(refused, 2, now),
        refusedFact(refused, 2, "Throttling", now),
        queuedFact(again, 1, now),
        refusedFact(again, 1, "not-reached", now),
        queuedFact(again, 2, later),
        sentFact(again, "m-2", later),
        queuedFact(delivered, 1, now),
        reportFact(queuedFact(delivered, 1, now), "delivered", "m-3", {}, now),
      ]),
    ).toEqual([
      { name: "Cora", ...about, state: "refused", code: "Throttling" },
      { name: "Bo", ...about, state: "in-doubt" },
    ]);
  });

  it("is nothing where nothing was begun", () => {
    expect(untoldIn([])).toEqual([]);
  });

  it("is tried again as a fact that names who had it done, and no message", () => {
    const by = { ...cora.identity, name: cora.name };
    expect(redrivenFact(id, { message: "m-1", fact: `${id}/3`, by }, now)).toEqual({
      id: `${id}/redriven/m-1`,
      type: "notification-redriven",
      at: now,
      promotion: id,
      summary: "Cora had messages sent again that could not be sent.",
      body: { fact: `${id}/3`, by: cora.identity, name: "Cora" },
      attachments: [],
    });
  });
});
