import * as v from "valibot";
import { reviewerMark } from "../attestation/review-link.ts";
import { type Instant, msOfInstant } from "../encoding/instant.ts";
import { by } from "../encoding/text-order.ts";
import type { Fact } from "../promotion/fact.ts";
import { type Identity, identityKey } from "../promotion/identity.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { type MarginedFinding, marginsOf } from "./margin.ts";

/** What a person decided about a candidate in a stage of a review: their latest word there, unless they took that back. */
export interface Decision {
  readonly person: Identity;
  /** The seat that it filled, or else the roles in which it was given. */
  readonly roles: readonly string[];
  readonly approved: boolean;
  /** From the opening of the stage; undefined where that is not recorded. */
  readonly secondsFromOpening?: number;
  /** Whether the person had followed their link before; undefined where none was sent to them, or it is not recorded. */
  readonly followedLink?: boolean;
}

/** What one promotion can teach: who decided, by which margins the gates passed, and what production said afterwards. */
export interface Episode {
  readonly promotion: PromotionId;
  readonly model: string;
  readonly target: string;
  /** Whether it came to a deployment at all: only then can production say anything. */
  readonly ran: boolean;
  /** Whether anything was told of it afterwards, and whether any of that speaks against having approved it. */
  readonly told: boolean;
  readonly failed: boolean;
  readonly decisions: readonly Decision[];
  readonly margins: readonly MarginedFinding[];
}

const identity = v.object({ issuer: v.string(), subject: v.string() });
const bodies = {
  request: v.object({ model: v.object({ name: v.string() }), target: v.string() }),
  signOff: v.object({
    signOff: v.string(),
    review: v.optional(v.number(), 1),
    stage: v.number(),
    result: v.picklist(["approve", "reject", "withdraw"]),
    roles: v.array(v.string()),
    reviewer: identity,
  }),
  seats: v.object({ seats: v.array(v.object({ role: v.string(), signOff: v.string() })) }),
  stage: v.object({ stage: v.number() }),
  letter: v.object({ purpose: v.literal("asked"), reviewer: v.string() }),
  link: v.object({ reviewer: v.string() }),
  outcome: v.object({ against: v.boolean() }),
} as const;

/**
 * The episode that a promotion's facts tell, in any order. Undefined without its request. What a fact says otherwise
 * than it should is passed over: whether the archive holds is for its verification to say.
 */
export function episodeOf(given: readonly Fact[], gateReport: unknown): Episode | undefined {
  const facts = given.toSorted(by(({ at }) => at));
  const request = facts.find(({ type }) => type === "request");
  const asked = request === undefined ? undefined : read(bodies.request, request);
  if (request?.promotion === undefined || asked === undefined) return undefined;
  const outcomes = facts.flatMap((fact) => (fact.type === "outcome" ? [read(bodies.outcome, fact)?.against] : []));
  const undone = facts.some(({ type }) => type === "rolled-back" || type === "drift");
  return {
    promotion: request.promotion,
    model: asked.model.name,
    target: asked.target,
    ran: facts.some(({ type }) => type === "deployment-started"),
    told: undone || outcomes.length > 0,
    failed: undone || outcomes.includes(true),
    decisions: decisionsOf(facts),
    margins: marginsOf(gateReport),
  };
}

function decisionsOf(facts: readonly Fact[]): readonly Decision[] {
  const seats = new Map(
    facts
      .flatMap((fact) => (fact.type === "stage-decided" ? (read(bodies.seats, fact)?.seats ?? []) : []))
      .map(({ role, signOff }) => [signOff, role]),
  );
  const given = facts.flatMap((fact) => {
    const said = fact.type === "sign-off" ? read(bodies.signOff, fact) : undefined;
    return said === undefined ? [] : [{ ...said, at: fact.at }];
  });
  const latest = new Map(
    given.map((said) => [JSON.stringify([said.review, said.stage, identityKey(said.reviewer)]), said]),
  );
  return given.flatMap((said) => {
    const { signOff, stage, result, roles, reviewer, at } = said;
    const stands = latest.get(JSON.stringify([said.review, stage, identityKey(reviewer)])) === said;
    if (result === "withdraw" || !stands) return [];
    const seat = seats.get(signOff);
    const opened = facts.findLast(
      (each) => each.type === "stage-opened" && each.at <= at && read(bodies.stage, each)?.stage === stage,
    );
    const followed = followedLink(facts, reviewer, at);
    return [
      {
        person: { issuer: reviewer.issuer, subject: reviewer.subject },
        roles: seat === undefined ? roles : [seat],
        approved: result === "approve",
        ...(opened === undefined ? {} : { secondsFromOpening: (msOfInstant(at) - msOfInstant(opened.at)) / 1000 }),
        ...(followed === undefined ? {} : { followedLink: followed }),
      },
    ];
  });
}

function followedLink(facts: readonly Fact[], person: Identity, at: Instant): boolean | undefined {
  const mark = reviewerMark(identityKey(person));
  const wasAsked = facts.some(
    (fact) => fact.type === "notification-sent" && read(bodies.letter, fact)?.reviewer === mark && fact.at <= at,
  );
  if (!wasAsked) return undefined;
  return facts.some(
    (fact) => fact.type === "link-opened" && read(bodies.link, fact)?.reviewer === mark && fact.at <= at,
  );
}

function read<Schema extends v.GenericSchema>(schema: Schema, { body }: Fact): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, body);
  return result.success ? result.output : undefined;
}
