import { describe, expect, it } from "vitest";
import { loanFactId } from "../../../core/attestation/recorded-loan.ts";
import type { Message } from "../../../core/notification/message.ts";
import { questionFact } from "../../../core/promotion/question.ts";
import type { OpenChannel } from "../../../functions/telling/open-channels.ts";
import { asked as request } from "../../core/approval/lenders.ts";
import {
  cora,
  digestOf,
  id,
  now,
  openStage,
  policiesWithoutRule,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { email, fact, scene, signed } from "./notify-scene.ts";

const room: OpenChannel = { ...email, name: "all", kind: "slack", form: "Slack message", audience: "room" };
const ofSre = { ...room, name: "sre", roles: ["sre"] };
const tickets = { ...room, name: "tickets", kind: "jira", form: "Jira ticket", follows: true };

/** Rooms of everybody and of one role, and tickets that follow what was asked. */
function rooms(promotion = promotionInReview()) {
  const told: (readonly [room: string, message: Message])[] = [];
  const world = scene(promotion, undefined, {
    channels: [room, ofSre, tickets],
    post: async (name, message) => ({ kind: "sent", messageId: `message ${told.push([name, message])}` }),
  });
  const names = () => told.splice(0).map(([name]) => name);
  return { ...world, told, names };
}

describe("rooms", () => {
  it("are asked for the roles of the stage that are theirs, by their titles", async () => {
    const { promotions, told, hear, names } = rooms();
    await hear("stage-opened");
    expect(told.map(([name, { note }]) => [name, note.includes("Compliance officer")])).toEqual([
      ["all", true],
      ["tickets", true],
    ]);
    names();
    promotions.put(promotionInReview({ stage: openStage(1) }));
    await hear("stage-opened");
    expect(told.map(([name, { letter }]) => [name, /your sign-off as ([\w ]+) for/.exec(letter)?.[1]])).toEqual([
      ["all", "Lead data scientist or SRE"],
      ["sre", "SRE"],
      ["tickets", "Lead data scientist or SRE"],
    ]);
  });

  it.each([
    ["how it ended", "rejected"],
    ["what runs and should not", "intruder-found"],
    ["a loan that is asked for", "loan-requested"],
    ["a question", "question"],
  ] as const)("are told of %s: all that take anything, and others where they were asked before", async (_, type) => {
    const { promotions, hear, names } = rooms();
    const question = questionFact(id, { id: "1", text: "Why?" }, { identity: cora.identity, name: cora.name }, now);
    const factIds = {
      rejected: "x",
      "intruder-found": `${id}/intruder/credit-scoring/1`,
      "loan-requested": loanFactId(id, request.id),
      question: question.id,
    };
    await promotions.recordLoan({ ...signed("loan"), signature: request });
    await promotions.recordFact(question);
    await promotions.recordFact({ ...fact("intruder-found", {}), id: factIds["intruder-found"] });
    const status = type === "rejected" ? "rejected" : "in-review";
    const unasked = rooms(promotionInReview({ status }));
    await unasked.promotions.recordLoan({ ...signed("loan"), signature: request });
    for (const each of promotions.recordedFacts()) await unasked.promotions.recordFact(each);
    await unasked.hear(type, id, factIds[type]);
    expect(unasked.names()).toEqual(["all"]);
    await hear("stage-opened");
    promotions.put(promotionInReview({ stage: openStage(1) }));
    await hear("stage-opened");
    names();
    promotions.put(promotionInReview({ status }));
    await hear(type, id, factIds[type]);
    expect(names()).toEqual(["all", "sre", "tickets"]);
  });

  it("that follow what was asked are told nothing where that never left", async () => {
    const { ports, promotions, hear, names } = rooms();
    const { post } = ports;
    Object.assign(ports, {
      post: (name: string, message: Message, again: boolean) =>
        name === "tickets" ? { kind: "refused", code: "busy" } : post(name, message, again),
    });
    await expect(hear("stage-opened")).rejects.toThrow("1 messages were refused");
    Object.assign(ports, { post });
    names();
    promotions.put(promotionInReview({ status: "rejected" }));
    await hear("rejected");
    expect(names()).toEqual(["all"]);
  });

  it.each(policiesWithoutRule)("are told how it ended under policies without a rule as well: %s", async (_, policy) => {
    const { promotions, hear, names, ports } = rooms();
    await hear("stage-opened");
    names();
    promotions.put(promotionInReview({ status: "blocked" }));
    Object.assign(ports, { policy });
    await hear("blocked");
    expect(names()).toEqual(["all", "tickets"]);
  });
});

describe("whose signature was kept from the review before", () => {
  const kept = (review: number) => {
    const signOff = {
      ...{
        id: digestOf("kept"),
        promotion: id,
        review: 0,
        stage: 1,
        result: "approve" as const,
        reason: "",
        roles: ["sre"],
      },
      ...{ reviewer: sam.identity, reviewerName: sam.name, groups: sam.groups, recordedAt: now },
    } as const;
    return promotionInReview({ stage: openStage(1), carried: [{ signOff, stage: 1, roles: ["sre"], review }] });
  };
  const askedOf = async (review: number) => {
    const { letters, hear } = scene(kept(review));
    await hear("stage-opened");
    return letters.map(({ to }) => to?.name).toSorted();
  };

  it("is not asked again, unless that was kept for another review", async () => {
    expect(await askedOf(1)).toEqual(["Bo", "Dana"]);
    expect(await askedOf(0)).toEqual(["Bo", "Dana", "Sam"]);
  });
});
