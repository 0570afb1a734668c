import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { type AsyncTarget, openAsyncInvocations } from "../../../local/lambda/async.ts";
import type { InvocationResult } from "../../../local/lambda/invocation.ts";
import { handClock } from "../hand-clock.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "async-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const failure: InvocationResult = { errorType: "Error", errorMessage: "no" };
const fine: InvocationResult = { payload: null };

/** A queue to a function that gives `results` one after the other, then succeeds. */
function queueOf(results: readonly (InvocationResult | Failure)[], over: Partial<AsyncTarget> = {}) {
  const left = [...results];
  const seen: unknown[] = [];
  const clock = handClock();
  const target: AsyncTarget = {
    name: "Notify",
    retries: 2,
    onFailure: undefined,
    invoke: async (event) => {
      seen.push(event);
      const result = left.shift() ?? fine;
      if (result instanceof Failure) throw result;
      return result;
    },
    ...over,
  };
  return { seen, clock, queue: openAsyncInvocations(directory, () => target, clock) };
}

describe("an event for which nobody waits", () => {
  it("is on disk until the function has taken it", async () => {
    const { queue, seen } = queueOf([]);
    queue.send("Notify", { a: 1 });
    expect(readdirSync(directory)).toHaveLength(1);
    await queue.close();
    expect([seen, readdirSync(directory)]).toEqual([[{ a: 1 }], []]);
  });

  it("is tried again when the function failed", async () => {
    const { queue, seen, clock } = queueOf([failure]);
    queue.send("Notify", {});
    await clock.next();
    await queue.close();
    expect([seen.length, readdirSync(directory)]).toEqual([2, []]);
  });

  it("goes to the destination after the last retry, as a whole", async () => {
    const onFailure = vi.fn(async () => undefined);
    const { queue, clock } = queueOf([failure, failure], { retries: 1, onFailure });
    queue.send("Notify", { a: 1 });
    await clock.next();
    await queue.close();
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        requestContext: expect.objectContaining({ condition: "RetriesExhausted", approximateInvokeCount: 2 }),
        requestPayload: { a: 1 },
        responsePayload: { errorType: "Error" },
      }),
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it("stays for the next start when nobody knows the outcome", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const first = queueOf([new Failure("unavailable", "cut off")]);
    first.queue.send("Notify", { a: 1 });
    await first.queue.close();
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
    const second = queueOf([]);
    second.queue.resume();
    await second.queue.close();
    expect([second.seen, readdirSync(directory)]).toEqual([[{ a: 1 }], []]);
  });

  it("is not delivered once more where what an earlier run left is taken up while it is on its way", async () => {
    const { queue, seen } = queueOf([]);
    queue.send("Notify", { a: 1 });
    queue.resume();
    await queue.close();
    expect([seen, readdirSync(directory)]).toEqual([[{ a: 1 }], []]);
  });

  it("that waits to be tried again stays for the next start", async () => {
    const first = queueOf([failure]);
    first.queue.send("Notify", {});
    await vi.waitFor(() => expect(first.clock.alarms()).toHaveLength(1));
    await first.queue.close();
    expect(readdirSync(directory)).toHaveLength(1);
  });
});
