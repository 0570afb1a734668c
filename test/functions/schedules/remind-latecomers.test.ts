import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Message } from "../../../core/notification/message.ts";
import { reportFact } from "../../../core/promotion/notification.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  dana,
  everybody,
  id,
  matrix,
  member,
  openedAt,
  policy,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { email, emil, hoursOn, reminded, reminders, scene, second } from "./remind-scene.ts";

const asked = (...people: readonly { readonly name: string }[]) =>
  people.map(({ name }) => `${name.toLowerCase()}: Please review credit-scoring 1.4.0 for production`);

describe("who can sign only since the stage has opened", () => {
  it("is asked once, with a link of their own and for the role, and reminded from the next period on", async () => {
    const letters: Message[] = [];
    const delegations = new MemoryDelegations();
    const { promotions, runAt } = scene({
      over: { delegations, post: async (_, letter) => ({ kind: "sent", messageId: `${letters.push(letter)}` }) },
    });
    await runAt(hoursOn(5));
    const until = letters.splice(0).length;
    expect(until).toBe(3);
    await delegations.record(await delegationDeed("delegate", delegationDocument(sam, emil, "sre"), sam, hoursOn(5)));
    for (const hours of [5.25, 5.5, 7.9]) await runAt(hoursOn(hours));
    const [letter, ...others] = letters.splice(0);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ purpose: "asked", to: { name: "Emil" }, at: hoursOn(5.25) });
    expect(letter?.letter).toContain("SRE (in the place of Sam)");
    expect(letter?.link).toContain("/r/");
    expect((await promotions.facts(id)).at(-1)?.summary).toBe(
      "Emil was asked by email to review the stage 'model and operations'.",
    );
    await runAt(hoursOn(8));
    expect(letters.map(({ purpose, to }) => [purpose, to?.name]).filter(([purpose]) => purpose === "reminded")).toEqual(
      [bo, dana, sam, emil].map(({ name }) => ["reminded", name]),
    );
  });

  it.each(["is back from being away", "was given the role"])("is asked as well: who %s", async (what) => {
    const absences = new MemoryAbsences({ person: sam.identity, until: hoursOn(2) });
    const people = [...everybody];
    const over = {
      absences: what === "was given the role" ? new MemoryAbsences() : absences,
      directory: { everybody: async () => people },
    };
    const { runAt } = scene({ over });
    expect(await runAt(hoursOn(1.5))).toEqual([]);
    if (what === "was given the role") people.push(member("Rita", "sre"));
    expect(await runAt(hoursOn(2))).toEqual(asked(what === "was given the role" ? { name: "Rita" } : sam));
    expect(await runAt(hoursOn(3))).toEqual([]);
  });

  it.each([
    ["is asked where the matrix asks for no reminders, too", policy, undefined, asked(emil)],
    ["is not asked where the seat is filled", { ...policy, matrix: { ...matrix, reminders } }, sam, []],
  ] as const)("%s", async (_, inForce, signer, expected) => {
    const delegations = new MemoryDelegations();
    const { promotions, runAt } = scene({ over: { delegations, policy: inForce } });
    expect(await runAt(hoursOn(1))).toEqual([]);
    await delegations.record(await delegationDeed("delegate", delegationDocument(sam, emil, "sre"), sam, hoursOn(1)));
    if (signer !== undefined) await promotions.recordSignOff(await givenSignOff(second, signer, { roles: ["sre"] }));
    expect(await runAt(hoursOn(2))).toEqual(expected);
  });

  it("is left for an hour to whoever asks as the stage opens, and asked then where that asked nobody", async () => {
    const { runAt } = scene({ asksFirst: false });
    expect(await runAt(addSeconds(openedAt, 3599))).toEqual([]);
    expect((await runAt(addSeconds(openedAt, 3600))).toSorted()).toEqual(asked(bo, dana, sam));
  });

  it("is asked rather than reminded where both are due, and reminded where no channel asks", async () => {
    expect((await scene({ asksFirst: false }).runAt(hoursOn(4))).toSorted()).toEqual(asked(bo, dana, sam));
    const channels = [{ ...email, purposes: ["reminded"] as const }];
    expect((await scene({ asksFirst: false, over: { channels } }).runAt(hoursOn(4))).toSorted()).toEqual(
      reminded(bo, dana, sam),
    );
  });

  it("is not who was asked before, though their letter is reported on only since", async () => {
    const { promotions, runAt } = scene();
    expect(await runAt(hoursOn(1))).toEqual([]);
    for (const queued of await promotions.facts(id))
      if (queued.type === "notification-queued")
        await promotions.recordFact(reportFact(queued, "complained", "message", {}, hoursOn(5)));
    expect((await runAt(hoursOn(5))).toSorted()).toEqual(reminded(bo, dana, sam));
  });
});
