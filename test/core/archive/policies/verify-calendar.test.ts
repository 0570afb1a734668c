import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import {
  type OnTheCalendar,
  onTheCalendar,
  verifyCalendar,
} from "../../../../core/archive/policies/verify-calendar.ts";
import { noPoliciesKnown } from "../../../../core/archive/policies/verify-policies.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { recordsOf, replayedOf, told } from "../told.ts";

// At noon nothing is deployed, and at the year's end nothing but what the board agreed to (tampering/everything.ts).

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const known = noPoliciesKnown();
const { steps } = await replayedOf(told.deployed);
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");
const own = recordsOf(facts).filter(({ record }) => record.promotion === told.deployed);
const records = await onTheCalendar(steps, own, read, known);
const of = (kind: OnTheCalendar["said"]["kind"]) =>
  records.find(({ said }) => said.kind === kind) ?? expect.unreachable(`None is ${kind}.`);
const [held, excepted, begun, signed] = [of("held"), of("excepted"), of("begun"), of("signed")];
const noon = "2026-11-23T12:30:00.000Z" as Instant;
const before = "2026-11-23T11:30:00.000Z" as Instant;

const verify = async (each: OnTheCalendar, versions: readonly PromotionRecord[] = activations) => {
  const { settledBy: _, ...unsettled } = each;
  const { problems, unchecked } = await verifyCalendar(versions, [unsettled], read, known);
  return [...problems, ...unchecked].map(({ sentence }) => sentence);
};
/** The one version there is, since ever. */
const first = activations.slice(0, 1);

describe("what records say of freeze windows", () => {
  it("is what the policies in force have, and their own gates' policies tell of it", async () => {
    expect(records.every(({ settledBy }) => settledBy !== undefined)).toBe(true);
    for (const each of records) expect(await verify(each)).toEqual([]);
    expect(await verifyCalendar([], records, read, known)).toEqual({ problems: [], unchecked: [] });
    expect(await onTheCalendar((await replayedOf(told.policies)).steps, [], read, known)).toEqual([]);
  });

  it("is nothing where it waits for something else, and names a window with its end where it waits for one", async () => {
    const heldBy = async (body: Fact["body"]) => {
      const said = steps.map((step) =>
        step.record.type === "held" ? { ...step, record: { ...step.record, body } } : step,
      );
      return (await onTheCalendar(said, [], read, known)).filter(({ said: { kind } }) => kind === "held");
    };
    expect(await heldBy({ plans: [] })).toEqual([]);
    const [halfway = expect.unreachable()] = await heldBy({ window: "Noon" });
    expect(await verify(halfway)).toEqual([expect.stringContaining("It was held up by a freeze window")]);
  });

  it.each<[string, OnTheCalendar, string]>([
    ["another window", { ...held, said: { kind: "held", window: "Midnight", until: noon } }, "It was held up by"],
    ["another end of it", { ...held, said: { kind: "held", window: "Noon", until: noon } }, "It was held up by"],
    [
      "another exception",
      { ...excepted, said: { ...excepted.said, window: "Noon" } as never },
      "It names an exception",
    ],
    ["another reason", { ...excepted, said: { ...excepted.said, reason: "Mine" } as never }, "It names an exception"],
    ["no exception", { ...excepted, said: { kind: "free" } }, "The verdict is PASSED in a freeze window"],
    ["a verdict in a window", { ...excepted, at: noon, said: { kind: "free" } }, "The verdict is PASSED in a freeze"],
    ["a deployment in one", { ...begun, at: noon }, "The deployment began in a freeze window"],
    ["an approval in one", { ...signed, at: noon }, "It was signed in a freeze window"],
  ])("is never %s", async (_, each, sentence) => {
    expect(await verify(each, first)).toEqual([expect.stringContaining(sentence)]);
  });

  it("is that a deployment began whose run did before the window", async () => {
    expect(await verify({ ...begun, at: "2026-11-23T12:14:59.000Z" as Instant }, first)).toEqual([]);
    expect(await verify({ ...begun, at: "2026-11-23T12:15:00.000Z" as Instant }, first)).toHaveLength(1);
    expect(await verify({ ...begun, at: before }, first)).toEqual([]);
  });

  it("is told by the record alone where the calendar of that time is not there", async () => {
    expect(await verify(held, [])).toEqual([
      `Whether changes were frozen by 'Noon' is told by '${held.id}' alone: the calendar of that time is not here.`,
    ]);
    expect(await verify(excepted, [])).toEqual([
      `Whether the freeze window 'Year end' had an exception for it is told by '${excepted.id}' alone: the calendar of that time is not here, and the verdict itself does not say it.`,
    ]);
    expect(await verify(begun, [])).toEqual([]);
    expect(await verify(signed, [])).toEqual([]);
  });
});
