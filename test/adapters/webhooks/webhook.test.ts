import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { webhook } from "../../../adapters/webhooks/webhook.ts";
import { NotReached } from "../../../core/notification/channel.ts";
import { link, message, otherEnd } from "../message.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const url = "https://hooks.example.org/in";

function scene(status = 200) {
  const end = otherEnd(() => ({ status }));
  const kind = webhook(end.exchange, () => Date.now());
  return { ...end, kind, sender: kind.open({ url }) };
}

// The library of the standard judges the timestamp by the clock.
beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-11-23T12:00:00Z"), toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

describe("a webhook", () => {
  it("is one that the standard's own library verifies", async () => {
    const { requests, sender } = scene();
    expect(await sender.post(message(), secret)).toEqual({
      kind: "sent",
      messageId: "msg_0123456789abcdef0123456789abcdef",
    });
    const [request] = requests;
    expect(request).toMatchObject({ method: "POST", url });
    const verified = new Webhook(secret).verify(request?.body ?? "", { ...request?.headers });
    expect(verified).toMatchObject({
      type: "review.asked",
      timestamp: "2026-11-23T11:00:00.000Z",
      data: { model: "credit-scoring", stage: "compliance", url: link },
    });
  });

  it("does not verify with another secret, another id or another body", async () => {
    const { requests, sender } = scene();
    await sender.post(message(), secret);
    const { body = "", headers = {} } = requests[0] ?? {};
    const other = new Webhook(Buffer.alloc(32, 8).toString("base64"));
    expect(() => other.verify(body, { ...headers })).toThrow("No matching signature");
    const own = new Webhook(secret);
    expect(() => own.verify(`${body} `, { ...headers })).toThrow("No matching signature");
    expect(() => own.verify(body, { ...headers, "webhook-id": "msg_1" })).toThrow("No matching signature");
  });

  it("made again keeps its id, so that the receiver can drop it, and takes the time of the attempt", async () => {
    const { requests, sender } = scene();
    await sender.post(message(), secret);
    vi.setSystemTime(new Date("2026-11-23T13:00:00Z"));
    await sender.postAgain?.(message(), secret);
    const [first, second] = requests.map(({ headers }) => headers);
    expect(second?.["webhook-id"]).toBe(first?.["webhook-id"]);
    expect(Number(second?.["webhook-timestamp"])).toBe(Number(first?.["webhook-timestamp"]) + 3600);
  });

  it.each([
    [302, "http-302"],
    [401, "http-401"],
    [429, "http-429"],
    [503, "http-503"],
  ])("that is answered with %i was refused for certain", async (status, code) => {
    expect(await scene(status).sender.post(message(), secret)).toEqual({ kind: "refused", code });
  });

  it.each([500, 502, 504])("that is answered with %i is in doubt", async (status) => {
    await expect(scene(status).sender.post(message(), secret)).rejects.toThrow(`status ${status}`);
  });

  it("to an address where nobody answers has not left", async () => {
    const nobody = async () => {
      throw new NotReached();
    };
    const sender = webhook(nobody, () => 0).open({ url });
    expect(await sender.post(message(), secret)).toEqual({ kind: "refused", code: "not-reached" });
  });

  it.each(["", "whsec_", "whsec_c2hvcnQ=", "plain text of some length that is no secret"])(
    "is not signed with %j",
    async (bad) => {
      const { requests, sender } = scene();
      expect(await sender.post(message(), bad)).toEqual({ kind: "refused", code: "secret-invalid" });
      expect(requests).toEqual([]);
    },
  );
});
