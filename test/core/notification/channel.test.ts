import { describe, expect, it } from "vitest";
import { type Exchange, handOver, NotReached } from "../../../core/notification/channel.ts";
import { oneLine } from "../../../core/notification/message.ts";

const request = { method: "POST", url: "https://hooks.example", headers: {} } as const;
const accepted = (body: string) => ({ kind: "sent", messageId: body }) as const;

const answering = (status: number) =>
  handOver(
    async (asked) => {
      expect(asked).toBe(request);
      return { status, body: "m-1" };
    },
    request,
    accepted,
  );
const failing = (error: Error) => handOver((async () => Promise.reject(error)) as Exchange, request, accepted);

describe("handing a message over", () => {
  it.each([200, 204, 299])("is accepted with the status %i", async (status) => {
    expect(await answering(status)).toEqual({ kind: "sent", messageId: "m-1" });
  });

  it.each([300, 302, 404, 499, 503])("is refused for certain with the status %i", async (status) => {
    expect(await answering(status)).toEqual({ kind: "refused", code: `http-${status}` });
  });

  it.each([199, 500, 502, 504])("leaves open whether it has arrived with the status %i", async (status) => {
    await expect(answering(status)).rejects.toThrow(`The other end answered with status ${status}.`);
  });

  it("is refused where nobody was reached, and left open by any other failure", async () => {
    expect(await failing(new NotReached("no such name"))).toEqual({ kind: "refused", code: "not-reached" });
    await expect(failing(new Error("reset"))).rejects.toThrow("reset");
    expect(new NotReached().name).toBe("NotReached");
  });
});

describe("one line", () => {
  it("has a space for any row of control characters and line separators, and is cut", () => {
    expect(oneLine("a\r\n\u0000b\u2028\u2029c d")).toBe("a b c d");
    expect(oneLine("a\u202eb\u2066c\u2069d")).toBe("a b c d");
    expect(oneLine("x".repeat(300))).toHaveLength(200);
    expect(oneLine("abcdef", 3)).toBe("abc");
  });
});
