import { describe, expect, it } from "vitest";
import type { Reminders } from "../../../core/approval/reminders.ts";
import { addSeconds, minuteText, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Message } from "../../../core/notification/message.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { RemindPorts } from "../../../functions/schedules/remind/handler.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  cora,
  dana,
  deadline,
  digestOf,
  id,
  matrix,
  openedAt,
  openStage,
  policy,
  promotionInReview,
  sam,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { emil, hoursOn, reminded, reminders, scene, second } from "./remind-scene.ts";

describe("reminders", () => {
  it("go to those who are still needed, once for each period, each a fact", async () => {
    const { promotions, runAt } = scene();
    expect(await runAt(hoursOn(3.9))).toEqual([]);
    expect((await runAt(hoursOn(4))).toSorted()).toEqual(reminded(bo, dana, sam));
    expect(await runAt(hoursOn(5))).toEqual([]);
    const sent = (await promotions.facts(id)).filter(
      ({ type, body }) => type === "notification-sent" && body["purpose"] === "reminded",
    );
    expect(sent.map(({ summary }) => summary)).toContain(
      "Sam was reminded by email to review the stage 'model and operations'.",
    );
    expect(sent).toHaveLength(3);
  });

  it("leave out whoever has signed, and whoever only the others' seats would need", async () => {
    const { promotions, runAt } = scene();
    await promotions.recordSignOff(await givenSignOff(second, sam, { roles: ["sre"] }));
    expect((await runAt(hoursOn(4))).toSorted()).toEqual(reminded(bo, dana));
  });

  it("say of what drifted why it is asked about again, to whoever is still needed and to whom the matrix names", async () => {
    const running = promotionId(digestOf("running"), 1);
    const summary = "Drift was reported of credit-scoring 1.4.0 in production (psi 0.31).";
    const { body, ...told } = { type: "drift" as const, at: second.submittedAt, promotion: running, body: {} };
    const drifted = promotionInReview({
      id: running,
      status: "restricted",
      history: [{ ...told, id: `${running}/1`, summary, body, attachments: [] }],
    });
    const letters: Message[] = [];
    const post: RemindPorts["post"] = async (_, letter) => ({ kind: "sent", messageId: `m ${letters.push(letter)}` });
    const again = { ...second, reapproves: { promotion: running, frozen: [] } };
    const { promotions, runAt } = scene({ promotion: again, over: { post } });
    promotions.put(drifted);
    await runAt(hoursOn(8));
    const line = new RegExp(`^${summary.replace(/[().]/g, "\\$&")}$`, "m");
    expect(letters.map(({ purpose, letter, note }) => [purpose, line.test(letter), line.test(note)])).toEqual([
      ...[1, 2, 3].map(() => ["reminded", true, true]),
      ["escalated", true, true],
    ]);
  });

  it("say in a freeze window that nothing is approved, and until when", async () => {
    const when = { from: hoursOn(1), until: hoursOn(6) };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const frozen = { ...policy, matrix: { ...matrix, reminders, freezeWindows } };
    const letters: Message[] = [];
    const post: RemindPorts["post"] = async (_, letter) => ({ kind: "sent", messageId: `m ${letters.push(letter)}` });
    const { runAt } = scene({ over: { policy: frozen, post } });
    await runAt(hoursOn(4));
    const told = `Changes are frozen ('Year end'): nothing is approved before ${minuteText(when.until)}.`;
    expect(letters.map(({ letter }) => letter.includes(told))).toEqual([true, true, true]);
  });

  it("are left to the next run where there is no time any more for another", async () => {
    const { letters, runAt } = scene({ left: 29_999 });
    await expect(runAt(hoursOn(4))).rejects.toThrow("The reminders are left for the next run, from here on.");
    expect(letters).toEqual([]);
  });

  it("leave nobody out because another promotion cannot be read", async () => {
    const [broken, readable] = [{ ...second, id: promotionId(digestOf("broken"), 1) }, second];
    const promotions = new MemoryPromotions([readable]);
    const over: Partial<RemindPorts> = {
      promotions: {
        move: promotions.move,
        facts: promotions.facts,
        signOffs: promotions.signOffs,
        loans: promotions.loans,
        recordFact: promotions.recordFact,
        list: async ({ status }) => ({ promotions: status === "in-review" ? [broken, readable] : [] }),
        load: async (wanted) => (wanted === broken.id ? Promise.reject(new Error("not read")) : readable),
      },
    };
    const lines: unknown[] = [];
    const { letters, runAt } = scene({ over: { ...over, log: (...line) => void lines.push(line) } });
    expect(await refused(runAt(hoursOn(4)))).toMatchObject({
      code: "unavailable",
      sentence: "1 rounds of messages did not leave as a whole.",
    });
    expect(letters).toHaveLength(3);
    expect(lines).toEqual([
      ["error", "nobody reminded", expect.objectContaining({ promotionId: broken.id, error: "Error" })],
    ]);
  });

  it("leave nobody out because the item of another cannot be unpacked, which is told each time", async () => {
    const promotions = new MemoryPromotions([second]);
    const { load, move, facts, signOffs, loans, recordFact } = promotions;
    const list: RemindPorts["promotions"]["list"] = async ({ status, unreadable }) => {
      if (status === "superseded") return { promotions: [], unreadable: ["p-ended"] };
      return status === "in-review"
        ? { promotions: [second], unreadable: unreadable === "told" ? ["p-broken"] : [] }
        : { promotions: [] };
    };
    const lines: unknown[] = [];
    const over = { promotions: { load, move, facts, signOffs, loans, recordFact, list } };
    const { letters, runAt } = scene({ over: { ...over, log: (...line) => void lines.push(line) } });
    expect((await refused(runAt(hoursOn(4)))).code).toBe("unavailable");
    expect(letters).toHaveLength(3);
    expect(lines).toEqual([["error", "nobody reminded", { promotionId: "p-broken", code: "unreadable" }]]);
  });

  it("are tried anew, and said so, where what is about to leave cannot be written down", async () => {
    const lines: unknown[] = [];
    const promotions = new MemoryPromotions([second]);
    const over: Partial<RemindPorts> = {
      log: (_, message) => void lines.push(message),
      promotions: {
        ...{ load: promotions.load, move: promotions.move, facts: promotions.facts },
        ...{ signOffs: promotions.signOffs, loans: promotions.loans },
        list: async ({ status }) => ({ promotions: status === "in-review" ? [second] : [] }),
        recordFact: async () => Promise.reject(new Error("no table")),
      },
    };
    const { letters, runAt } = scene({ over, asksFirst: false });
    expect((await refused(runAt(hoursOn(4)))).code).toBe("unavailable");
    expect([letters, lines]).toEqual([[], ["nobody reminded"]]);
  });

  it("go on to the last page of what is open", async () => {
    const pages: (string | undefined)[] = [];
    const promotions = new MemoryPromotions([second]);
    const list: RemindPorts["promotions"]["list"] = async ({ status }, limit, from) => {
      if (status !== "in-review") return { promotions: [] };
      pages.push(`${limit} from ${from}`);
      return from === undefined ? { promotions: [], next: "there" } : { promotions: [second] };
    };
    const { load, move, facts, signOffs, loans, recordFact } = promotions;
    const over = { promotions: { load, move, facts, signOffs, loans, recordFact, list } };
    expect((await scene({ over }).runAt(hoursOn(4))).toSorted()).toEqual(reminded(bo, dana, sam));
    expect(pages).toEqual(["50 from undefined", "50 from there"]);
  });

  it("leave within a stage's first hour, too, where the matrix asks for that", async () => {
    const over = { policy: { ...policy, matrix: { ...matrix, reminders: { everySeconds: 900 } } } };
    const { runAt } = scene({ over, asksFirst: false });
    expect(await runAt(addSeconds(openedAt, 899))).toEqual([]);
    expect((await runAt(addSeconds(openedAt, 900))).toSorted()).toEqual(reminded(bo, dana, sam));
  });

  it("are tried again for somebody whom a channel does not know, after pauses that grow, and then given up", async () => {
    const lines: string[] = [];
    const { promotions, runAt } = scene({
      over: {
        log: (_, message) => void lines.push(message),
        post: async (_, { to }) =>
          to?.name === "Sam" ? { kind: "refused", code: "person-not-found" } : { kind: "sent", messageId: "m" },
        policy: { ...policy, matrix: { ...matrix, reminders: { everySeconds: 10 * 86_400 } } },
      },
    });
    const first = addSeconds(openedAt, 10 * 86_400);
    promotions.put({ ...second, stage: { ...openStage(1), deadline: addSeconds(first, 5 * 86_400) } });
    // Every fifteen minutes, for a day; what failed is called twice more.
    const failed: number[] = [];
    for (let run = 0; run < 96; run += 1)
      for (const seconds of [0, 60, 180]) {
        const ran = await runAt(addSeconds(first, run * 900 + seconds)).catch(() => failed.push(run * 15));
        if (typeof ran !== "number") break;
      }
    const facts = await promotions.facts(id);
    const of = (name: string) =>
      facts
        .filter(({ body }) => body["name"] === name && body["purpose"] === "reminded")
        .map(({ type, at }) => [type.slice("notification-".length), (msOfInstant(at) - msOfInstant(first)) / 60_000]);
    expect(of("Dana")).toEqual([
      ["queued", 0],
      ["sent", 0],
    ]);
    expect(of("Sam")).toEqual(
      [0, 15, 60, 225].flatMap((minutes) => [
        ["queued", minutes],
        ["refused", minutes],
      ]),
    );
    expect(lines).toEqual(Array.from({ length: 4 }, () => "letter refused"));
    expect(failed).toEqual([0, 15, 60, 225]);
  });

  it("of which nobody knows whether they arrived are none twice, and ring for an hour, not for as long as the stage is open", async () => {
    const lines: string[] = [];
    const over: Partial<RemindPorts> = {
      log: (_, message) => void lines.push(message),
      post: async (_, { to }) =>
        to?.name === "Cora" ? Promise.reject(new Error("broken off")) : { kind: "sent", messageId: "m" },
      policy: {
        ...policy,
        matrix: { ...matrix, reminders: { ...reminders, everySeconds: 10 * 86_400 } },
      },
    };
    const { promotions, runAt } = scene({ over });
    const failed: number[] = [];
    for (let minutes = 0; minutes < 600; minutes += 15)
      await runAt(hoursOn(8 + minutes / 60)).catch(() => failed.push(minutes));
    expect(failed).toEqual([0, 15, 30, 45]);
    expect(lines).toEqual(failed.map(() => "letter in doubt"));
    const about = (await promotions.facts(id)).filter(({ body }) => body["name"] === "Cora");
    expect(about.map(({ type }) => type)).toEqual(["notification-queued"]);
  });

  it("end with the decision, with the deadline, and where the matrix asks for none", async () => {
    const { promotions, runAt } = scene();
    await promotions.recordSignOff(await givenSignOff(second, sam, { roles: ["sre"] }));
    await promotions.recordSignOff(await givenSignOff(second, dana, { roles: ["lead-data-scientist"] }));
    expect(await runAt(hoursOn(4))).toEqual([]);
    expect(await scene().runAt(deadline)).toEqual([]);
    expect(await scene({ over: { policy } }).runAt(hoursOn(4))).toEqual([]);
    const closed = promotionInReview({ stage: { ...openStage(1), open: false } });
    expect(await scene({ promotion: closed }).runAt(hoursOn(4))).toEqual([]);
  });

  it("go to the delegate of whoever is away", async () => {
    const deeds = [await delegationDeed("delegate", delegationDocument(sam, emil, "sre"), sam, openedAt)];
    const over = {
      delegations: new MemoryDelegations(...deeds),
      absences: new MemoryAbsences({ person: sam.identity, until: hoursOn(100) }),
    };
    expect((await scene({ over }).runAt(hoursOn(4))).toSorted()).toEqual(reminded(bo, dana, emil));
  });

  it("do not go to a delegate who had a hand in the candidate, nor in the place of one who had", async () => {
    const toTom = await delegationDeed("delegate", delegationDocument(sam, tom, "sre"), sam, openedAt);
    const fromTom = delegationDocument(tom, emil, "lead-data-scientist");
    const deeds = [toTom, await delegationDeed("delegate", fromTom, tom, openedAt)];
    const over = { delegations: new MemoryDelegations(...deeds) };
    expect((await scene({ over }).runAt(hoursOn(4))).toSorted()).toEqual(reminded(bo, dana, sam));
  });
});

describe("of what runs on loan", () => {
  const until = hoursOn(4);
  const terms = { seconds: 4 * 3600, incident: "https://incidents.example/7" };
  const lent = promotionInReview({
    ...{ status: "loaned", stage: { ...openStage(1), deadline: until }, startedBy: { identity: tom.identity } },
    loan: { terms, lenders: [], at: openedAt, until },
  });
  const workingHours = { zone: "Europe/Berlin", from: 9 * 60, to: 17 * 60, days: [] };

  it.each<[string, Reminders | undefined]>([
    ["working hours or not", { everySeconds: 900, workingHours }],
    ["where the matrix asks for no reminders", undefined],
  ])("people are reminded once half of its time is over and once a quarter is left, %s", async (_, asked) => {
    const { reminders: __, ...others } = matrix;
    const over = { policy: { ...policy, matrix: asked === undefined ? others : { ...others, reminders: asked } } };
    const { promotions, runAt } = scene({ promotion: lent, over });
    expect(await runAt(hoursOn(0.3))).toEqual([]);
    expect(await runAt(hoursOn(1.9))).toEqual([]);
    expect((await runAt(hoursOn(2))).toSorted()).toEqual(reminded(bo, dana, sam));
    expect(await runAt(hoursOn(2.9))).toEqual([]);
    await promotions.recordSignOff(await givenSignOff(lent, sam, { roles: ["sre"] }));
    expect((await runAt(hoursOn(3))).toSorted()).toEqual(reminded(bo, dana));
    expect(await runAt(hoursOn(3.9))).toEqual([]);
    expect(await runAt(hoursOn(4))).toEqual([]);
  });

  it("they are told until when it runs", async () => {
    const letters: Message[] = [];
    const post: RemindPorts["post"] = async (_, letter) => ({ kind: "sent", messageId: `${letters.push(letter)}` });
    await scene({ promotion: lent, over: { post } }).runAt(hoursOn(2));
    expect(letters[0]?.letter).toContain(
      `It runs on loan, and is taken back on ${minuteText(until)} unless those who are still needed sign before.`,
    );
  });

  it("which was ratified, and is in review again, people are reminded as of any other", async () => {
    const again = promotionInReview({
      stage: openStage(1),
      loan: { terms, lenders: [], at: openedAt, until, ratifiedAt: openedAt },
    });
    const { runAt } = scene({ promotion: again });
    expect(await runAt(hoursOn(2))).toEqual([]);
    expect((await runAt(hoursOn(4))).toSorted()).toEqual(reminded(bo, dana, sam));
  });

  it.each<[string, typeof policy.matrix]>([
    ["with its first reminder", { ...matrix, reminders }],
    ["then too where the matrix asks for no reminders", matrix],
  ])("whoever started the run is told that nobody is left to ratify it, %s", async (_, inForce) => {
    const absences = new MemoryAbsences(
      ...[sam, bo].map(({ identity }) => ({ person: identity, until: hoursOn(100) })),
    );
    const { runAt } = scene({ promotion: lent, over: { absences, policy: { ...policy, matrix: inForce } } });
    expect(await runAt(hoursOn(1.9))).toEqual([]);
    expect((await runAt(hoursOn(2))).toSorted()).toEqual([...reminded(dana), "tom: Nobody has decided yet"]);
    expect(await runAt(hoursOn(3))).toEqual(reminded(dana));
  });

  it("whoever started the run is told so once more than of the stage before it was lent", async () => {
    const absences = new MemoryAbsences(
      ...[sam, bo].map(({ identity }) => ({ person: identity, until: hoursOn(100) })),
    );
    const { loan: _, ...unlent } = lent;
    const hourly = { ...policy, matrix: { ...matrix, reminders: { everySeconds: 3600 } } };
    const inReview = { ...unlent, status: "in-review" as const };
    const { promotions, runAt } = scene({ promotion: inReview, over: { absences, policy: hourly } });
    const both = [...reminded(dana), "tom: Nobody has decided yet"];
    expect((await runAt(hoursOn(1))).toSorted()).toEqual(both);
    promotions.put(lent);
    expect((await runAt(hoursOn(2))).toSorted()).toEqual(both);
  });
});

describe("where nobody is left to ask for a seat", () => {
  const owned = promotionInReview({ stage: openStage(1), startedBy: { identity: tom.identity } });
  const away = {
    absences: new MemoryAbsences(...[sam, bo].map(({ identity }) => ({ person: identity, until: hoursOn(100) }))),
  };

  it("tells whoever started the run, once, and reminds the others as ever", async () => {
    const { letters, runAt } = scene({ promotion: owned, over: away });
    expect(await runAt(hoursOn(3))).toEqual([]);
    expect((await runAt(hoursOn(4))).toSorted()).toEqual([...reminded(dana), "tom: Nobody has decided yet"]);
    expect((await runAt(hoursOn(7.9))).toSorted()).toEqual([]);
    expect(letters).toEqual([]);
  });

  it("tells whoever started the run as well where the matrix asks for no reminders, once, and says why", async () => {
    const letters: Message[] = [];
    const post: RemindPorts["post"] = async (_, letter) => ({ kind: "sent", messageId: `${letters.push(letter)}` });
    const { runAt } = scene({ promotion: owned, over: { ...away, policy, post } });
    await runAt(hoursOn(0.5));
    await runAt(hoursOn(5));
    expect(letters.map(({ to }) => to?.name)).toEqual(["Tom"]);
    expect(letters[0]?.note).toContain(
      "waiting for a sign-off as SRE, and nobody has given it yet.\nNobody can be asked for it: whoever could sign is away",
    );
    expect(await scene({ promotion: owned, over: { policy } }).runAt(hoursOn(5))).toEqual([]);
  });

  it("tells nobody so while a delegate can be asked", async () => {
    const deeds = [await delegationDeed("delegate", delegationDocument(sam, emil, "sre"), sam, openedAt)];
    const over = { ...away, delegations: new MemoryDelegations(...deeds) };
    expect((await scene({ promotion: owned, over }).runAt(hoursOn(4))).join()).not.toContain("tom");
  });
});

describe("an escalation", () => {
  it("tells the role that the matrix names, once", async () => {
    const { promotions, runAt } = scene();
    const escalated = async () => (await promotions.facts(id)).filter(({ type }) => type === "escalated");
    await runAt(hoursOn(7.9));
    expect(await escalated()).toEqual([]);
    expect(await runAt(hoursOn(8))).toContain("cora: Nobody has decided yet");
    expect((await runAt(hoursOn(12))).join()).not.toContain("cora");
    const facts = await promotions.facts(id);
    expect(await escalated()).toMatchObject([
      {
        summary:
          "Nobody has decided the stage 'model and operations' yet, so it was escalated to the role 'Compliance officer'.",
        body: { review: 1, stage: 1, round: 1, role: "compliance-officer", openedAt },
      },
    ]);
    const told = facts.filter(({ body }) => body["purpose"] === "escalated");
    expect(told.map(({ type }) => type)).toEqual(["notification-queued", "notification-sent"]);
    expect(told[1]?.summary).toBe(
      "Cora was told by email that nobody has decided the stage 'model and operations' yet.",
    );
  });

  it("comes before any reminder where the matrix says so", async () => {
    const early = { ...reminders, escalation: { afterSeconds: 1800, to: "compliance-officer" } };
    const { runAt } = scene({ over: { policy: { ...policy, matrix: { ...matrix, reminders: early } } } });
    expect(await runAt(hoursOn(0.5))).toEqual(["cora: Nobody has decided yet"]);
  });

  it("opens no seat to those who are told", async () => {
    const { promotions, runAt } = scene();
    await promotions.recordSignOff(await givenSignOff(second, cora, { roles: ["compliance-officer"] }));
    expect((await runAt(hoursOn(8))).toSorted()).toEqual([
      ...reminded(bo),
      "cora: Nobody has decided yet",
      ...reminded(dana, sam),
    ]);
  });
});
