import { describe, expect, it } from "vitest";
import { type SettleLostPorts, settleLost } from "../../../functions/events/restrict/settle-lost.ts";

const ended = (job: unknown) => ({
  "detail-type": "SageMaker Processing Job State Change",
  detail: { ProcessingJobName: job },
});
const fact = { "detail-type": "Countersign Fact Recorded", detail: { promotionId: "p-1", type: "drift" } };
const rung = { "detail-type": "Scheduled Event", detail: {} };

/** A queue that gives out two at once, and a monitor whose jobs named so cannot be asked for. */
function scene(given: readonly unknown[], failing: readonly string[] = []) {
  const left = new Map(given.map((event, at) => [`${at}`, event]));
  const unseen = [...left.keys()];
  const heard: unknown[] = [];
  const lines: string[] = [];
  const ports: SettleLostPorts = {
    log: (level, message, { kind } = {}) => void lines.push(`${level} ${message} ${kind}`),
    lost: {
      take: async () => unseen.splice(0, 2).map((handle) => ({ handle, event: left.get(handle) })),
      remove: async ({ handle }) => void left.delete(handle),
    },
    monitored: async (job) => {
      heard.push(job);
      if (failing.includes(String(job))) throw new Error("throttled");
    },
  };
  return { left, heard, lines, unseen, settle: settleLost(ports) };
}

describe("events that were given up", () => {
  it("are settled once every place was seen to: by that itself, or since a monitor's job is heard once more", async () => {
    const { left, heard, settle } = scene([rung, fact, ended("job-1"), rung, ended("job-2")]);
    expect(await settle(true)).toBe(0);
    expect([left.size, heard]).toEqual([0, ["job-1", "job-2"]]);
  });

  it("wait where a place was not seen to, as far as they may ask to look at it", async () => {
    const { left, heard, settle } = scene([fact, rung, ended("job-1")]);
    expect(await settle(false)).toBe(0);
    expect([[...left.values()], heard]).toEqual([[fact], ["job-1"]]);
  });

  it("stay where they fail again, and keep no other from being settled", async () => {
    const { left, lines, settle } = scene([ended("job-1"), rung, ended("job-2")], ["job-1"]);
    expect(await settle(true)).toBe(1);
    expect([...left.values()]).toEqual([ended("job-1")]);
    expect(lines).toEqual(["error lost event not settled SageMaker Processing Job State Change"]);
  });

  it("wait for people where they are none of these", async () => {
    const odd = [undefined, "text", { "detail-type": "Another" }, ended(7)];
    const { left, heard, settle } = scene(odd);
    expect(await settle(true)).toBe(0);
    expect([[...left.values()], heard]).toEqual([odd, []]);
  });

  it("are so many at a time as one run has time for: the next goes on", async () => {
    const { left, unseen, settle } = scene(Array(23).fill(rung));
    await settle(true);
    expect([left.size, unseen.length]).toEqual([3, 3]);
  });
});
