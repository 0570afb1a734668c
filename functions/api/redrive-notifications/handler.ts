import * as v from "valibot";
import { givesRole } from "../../../core/approval/entitlement.ts";
import { type Matrix, operatorRole } from "../../../core/approval/matrix.ts";
import type { ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { type Instant, isInstant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { discardedFact, redrivenFact, type Untold, untoldIn } from "../../../core/promotion/untold.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";

interface Announced {
  readonly factId: string;
  readonly type: FactType;
  /** Absent where it is about no promotion. */
  readonly promotionId?: PromotionId;
  readonly at: string;
  readonly ledgerIndex: number;
}

/** An event about a fact that people could not be told of, as its queue gives it out. */
interface Taken {
  readonly id: string;
  readonly handle: string;
  readonly since: Instant;
  /** Absent where it is none that was put there by us. */
  readonly announced?: Announced;
}

export interface RedriveNotificationsPorts {
  readonly now: () => Instant;
  readonly roles: Matrix["roles"];
  readonly verifyPerson: (
    token: string,
    expected: { readonly now: Instant; readonly acts?: true },
  ) => Promise<ReviewerClaims>;
  readonly queue: {
    /** A few messages that nobody else is given meanwhile; none once all were given out. */
    take(): Promise<readonly Taken[]>;
    letGo(messages: readonly Taken[]): Promise<void>;
    remove(message: Taken): Promise<void>;
  };
  readonly announce: (events: readonly Announced[]) => Promise<void>;
  readonly promotions: {
    facts(id: PromotionId): Promise<readonly Fact[]>;
    /** Facts about no promotion whose ids begin so. */
    installationFacts(prefix: string): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/** What can be listed, or handed on, before API Gateway gives up. */
const mostListed = 100;
const mostRedriven = 30;

const discarding = v.strictObject({
  message: v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/)),
  reason: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(2000)),
});
const request = v.strictObject({ before: v.custom<Instant>(isInstant, "must be an instant") });

/**
 * GET /v1/notifications/undelivered: the facts that people could not be told of, and whom. POST /v1/notifications/redrive:
 * announces them once more, those that had failed before an instant, so that what fails again is not taken twice by one
 * command. Who was told already is not told again: each message is a record before it leaves. POST /v1/notifications/discard: gives
 * one of them up, which can never succeed, for a reason; what was to be told is in the ledger already, and stays there.
 */
export function redriveNotifications(ports: RedriveNotificationsPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const acts = http.method === "GET" ? {} : ({ acts: true } as const);
    const person = await ports.verifyPerson(bearerToken(http), { now: ports.now(), ...acts });
    if (!givesRole(ports.roles, operatorRole, person))
      throw new Failure("forbidden", `This is for whoever holds the role '${operatorRole}' of the approval matrix.`);
    switch (http.route) {
      case "/v1/notifications/undelivered":
        return list();
      case "/v1/notifications/redrive":
        return redrive(http, person);
      case "/v1/notifications/discard":
        return discard(http, person);
      default:
        throw new Failure("not-found", "There is no such path.");
    }
  };

  async function list(): Promise<Answer> {
    const taken: Taken[] = [];
    for (let more = await ports.queue.take(); more.length > 0; more = await ports.queue.take()) {
      taken.push(...more);
      if (taken.length >= mostListed) break;
    }
    await ports.queue.letGo(taken);
    const untold = new Map<string, readonly Untold[]>();
    for (const { announced } of taken) {
      if (announced === undefined || untold.has(subjectOf(announced))) continue;
      untold.set(subjectOf(announced), untoldIn(await factsAbout(announced)));
    }
    const undelivered = taken.flatMap(({ id: message, since, announced }) =>
      announced === undefined
        ? []
        : [{ message, since, ...shown(announced), untold: untold.get(subjectOf(announced)) ?? [] }],
    );
    const unreadable = taken.flatMap(({ id: message, since, announced }) =>
      announced === undefined ? [{ message, since }] : [],
    );
    return { status: 200, json: { undelivered, unreadable, more: taken.length >= mostListed } };
  }

  /** What was told, or was to be, of the promotion; where there is none, of the fact. */
  async function factsAbout({ promotionId, factId }: Announced): Promise<readonly Fact[]> {
    return promotionId === undefined
      ? await ports.promotions.installationFacts(`${factId}/`)
      : await ports.promotions.facts(promotionId);
  }

  async function redrive(http: ApiRequest, { identity, name }: ReviewerClaims): Promise<Answer> {
    const read = v.safeParse(request, jsonBody(http, 1024));
    if (!read.success)
      throw new Failure("invalid-request", "The body is { before }: an instant, after which nothing is taken.");
    const { before } = read.output;
    const redriven: Announced[] = [];
    const left: Taken[] = [];
    let taken = await ports.queue.take();
    while (taken.length > 0) {
      for (const message of taken) {
        const { id, since, announced } = message;
        if (announced === undefined || since >= before) {
          left.push(message);
          continue;
        }
        const by = { ...identity, name };
        const fact = { message: id, fact: announced.factId, by };
        await ports.promotions.recordFact(redrivenFact(announced.promotionId, fact, ports.now()));
        // A crash between these two announces it once more: who was told is not told again.
        await ports.announce([announced]);
        await ports.queue.remove(message);
        redriven.push(announced);
      }
      if (redriven.length >= mostRedriven) break;
      taken = await ports.queue.take();
    }
    await ports.queue.letGo(left);
    return { status: 200, json: { redriven: redriven.map(shown), more: taken.length > 0 } };
  }

  /** Whoever asks again, since the answer was lost, finds the record, and nothing in the queue. */
  async function discard(http: ApiRequest, { identity, name }: ReviewerClaims): Promise<Answer> {
    const read = v.safeParse(discarding, jsonBody(http, 4096));
    if (!read.success)
      throw new Failure(
        "invalid-request",
        "The body is { message, reason }: one that is listed, and why it is given up.",
      );
    const { message, reason } = read.output;
    const others: Taken[] = [];
    let found: Taken | undefined;
    let looked = 0;
    for (let more = await ports.queue.take(); more.length > 0; more = await ports.queue.take()) {
      found ??= more.find(({ id }) => id === message);
      others.push(...more.filter((each) => each !== found));
      looked += more.length;
      if (found !== undefined || looked >= mostListed) break;
    }
    await ports.queue.letGo(others);
    if (found === undefined)
      throw new Failure("not-found", "No such message waits. Others may be looking at it: list again in a minute.");
    const { promotionId, factId: fact } = found.announced ?? {};
    const by = { ...identity, name };
    const given = { message, by, reason, ...(fact === undefined ? {} : { fact }) };
    await ports.promotions.recordFact(discardedFact(promotionId, given, ports.now()));
    await ports.queue.remove(found);
    return {
      status: 200,
      json: { discarded: { message, ...(found.announced === undefined ? {} : shown(found.announced)) } },
    };
  }
}

function shown({ promotionId, factId, type }: Announced) {
  return { ...(promotionId === undefined ? {} : { promotion: promotionId }), fact: factId, type };
}

function subjectOf({ promotionId, factId }: Announced): string {
  return promotionId ?? factId;
}
