import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { queuedFact } from "../../../core/promotion/notification.ts";
import { cora, id, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { apiRequest } from "./api-request.ts";
import { opal, redriveScene, type Waiting } from "./undelivered-queue.ts";

const earlier = addSeconds(now, -3600);
const waiting = (count: number): readonly Waiting[] =>
  Array.from({ length: count }, (_, n) => ({ id: `m-${n}`, since: earlier, fact: `${id}/${n}` }));
const listing = apiRequest({ route: "/v1/notifications/undelivered" });
const redriving = (before: unknown = now) =>
  apiRequest({ method: "POST", route: "/v1/notifications/redrive", json: { before } });
const discard = (message: unknown, reason: unknown = "The room is gone.") =>
  apiRequest({ method: "POST", route: "/v1/notifications/discard", json: { message, reason } });

describe("what people could not be told", () => {
  it("is listed with the messages that did not leave, and stays where it is", async () => {
    const { promotions, hidden, queue, as } = redriveScene([...waiting(12), { id: "m-x", since: now }]);
    const notification = {
      id: `${id}/asked/1/0/1/email/x`,
      promotion: id,
      purpose: "asked",
      channel: "email",
      form: "letter",
      name: "Cora",
      summary: "",
    } as const;
    await promotions.recordFact(queuedFact(notification, 1, now));
    const { json } = await as()(listing);
    const { undelivered, unreadable, more } = json as { undelivered: object[]; unreadable: object[]; more: boolean };
    expect(undelivered).toHaveLength(12);
    expect(undelivered[0]).toEqual({
      message: "m-0",
      since: earlier,
      promotion: id,
      fact: `${id}/0`,
      type: "stage-opened",
      untold: [{ name: "Cora", channel: "email", purpose: "asked", state: "in-doubt" }],
    });
    expect(unreadable).toEqual([{ message: "m-x", since: now }]);
    expect([more, hidden.size, queue.size]).toEqual([false, 0, 13]);
  });

  it("of no promotion is listed with what is about it, and tried again as any other", async () => {
    const fact = "installation/intruder/production/old/1";
    const { promotions, queue, announced, as } = redriveScene([{ id: "m-1", since: earlier, fact }]);
    const notification = {
      id: `${fact}/email/x`,
      purpose: "intruder",
      channel: "email",
      form: "letter",
      name: "Opal",
      summary: "",
    } as const;
    await promotions.recordFact(queuedFact(notification, 1, now));
    const untold = [{ name: "Opal", channel: "email", purpose: "intruder", state: "in-doubt" }];
    expect((await as()(listing)).json).toMatchObject({
      undelivered: [{ since: earlier, fact, type: "intruder-found", untold }],
    });
    expect((await as()(redriving())).json).toEqual({ redriven: [{ fact, type: "intruder-found" }], more: false });
    expect([announced, queue.size]).toEqual([[fact], 0]);
    expect(promotions.recordedFacts().at(-1)).toMatchObject({ id: "installation/redriven/m-1" });
  });

  it("is a hundred at most", async () => {
    expect((await redriveScene(waiting(120)).as()(listing)).json).toMatchObject({ more: true });
  });

  it.each([cora, sam])("is for whoever holds the role of operators only (%#)", async (who) => {
    const { announced, as } = redriveScene(waiting(1));
    for (const request of [listing, redriving(), discard("m-0")])
      expect((await refused(as(who)(request))).code).toBe("forbidden");
    expect(announced).toEqual([]);
  });
});

describe("telling it once more", () => {
  it("announces each and lets it go, as a record of who asked for that", async () => {
    const { queue, announced, promotions, as } = redriveScene(waiting(12));
    const { json } = await as()(redriving());
    expect(json).toMatchObject({ redriven: { length: 12 }, more: false });
    expect(announced).toHaveLength(12);
    expect(queue.size).toBe(0);
    expect(promotions.recordedFacts().map(({ type }) => type)).toEqual(Array(12).fill("notification-redriven"));
    expect(promotions.recordedFacts()[0]?.body).toEqual({ fact: `${id}/0`, by: opal.identity, name: "Opal" });
  });

  it("is done some thirty at a time", async () => {
    const { announced, as } = redriveScene(waiting(45));
    expect((await as()(redriving())).json).toMatchObject({ more: true });
    expect(announced).toHaveLength(30);
    expect((await as()(redriving())).json).toMatchObject({ redriven: { length: 15 }, more: false });
  });

  it("leaves what failed since the command began, and what is not ours", async () => {
    const { queue, hidden, announced, as } = redriveScene([
      { id: "m-1", since: now, fact: `${id}/1` },
      { id: "m-2", since: earlier },
    ]);
    expect((await as()(redriving())).json).toEqual({ redriven: [], more: false });
    expect([announced, queue.size, hidden.size]).toEqual([[], 2, 0]);
  });

  it("keeps what the bus did not take", async () => {
    const { queue, as } = redriveScene(waiting(1));
    const announce = () => Promise.reject(new Error("The bus is down."));
    await expect(as(opal, { announce })(redriving())).rejects.toThrow("The bus is down.");
    expect(queue.size).toBe(1);
  });

  it.each([undefined, "soon", 5])("needs an instant, and not %s", async (before) => {
    expect((await refused(redriveScene().as()(redriving(before ?? null)))).code).toBe("invalid-request");
  });
});

describe("giving it up", () => {
  it("takes that one from the queue, as a record of who did and why, and tells nobody", async () => {
    const { queue, hidden, announced, promotions, as } = redriveScene(waiting(12));
    expect((await as()(discard("m-11"))).json).toEqual({
      discarded: { message: "m-11", promotion: id, fact: `${id}/11`, type: "stage-opened" },
    });
    expect([queue.size, queue.has("m-11"), hidden.size - 1, announced]).toEqual([11, false, 0, []]);
    expect(promotions.recordedFacts()).toMatchObject([
      {
        id: `${id}/discarded/m-11`,
        type: "notification-discarded",
        promotion: id,
        summary: "Opal gave up telling people what could not be told.",
        body: { message: "m-11", fact: `${id}/11`, reason: "The room is gone.", by: opal.identity, name: "Opal" },
      },
    ]);
  });

  it("also of what is not ours, which is about no fact", async () => {
    const { queue, promotions, as } = redriveScene([{ id: "m-x", since: earlier }]);
    expect((await as()(discard("m-x"))).json).toEqual({ discarded: { message: "m-x" } });
    expect([queue.size, promotions.recordedFacts()[0]?.id]).toEqual([0, "installation/discarded/m-x"]);
    expect(promotions.recordedFacts()[0]?.body).not.toHaveProperty("fact");
  });

  it("finds the one that waits by its own id alone, and leaves the others to whoever comes next", async () => {
    const { queue, hidden, promotions, as } = redriveScene(waiting(2));
    expect((await refused(as()(discard("m-7")))).code).toBe("not-found");
    expect([queue.size, hidden.size, promotions.recordedFacts()]).toEqual([2, 0, []]);
  });

  it.each([
    [null, "why"],
    ["m-1", ""],
    ["m-1", "  "],
    ["m 1", "why"],
  ])("needs a message and a reason: %j, %j", async (message, reason) => {
    const { queue, as } = redriveScene(waiting(2));
    expect((await refused(as()(discard(message, reason)))).code).toBe("invalid-request");
    expect(queue.size).toBe(2);
  });
});
