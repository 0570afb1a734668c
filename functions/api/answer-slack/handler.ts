import { membersOf, personInSlack } from "../../../core/approval/chat-account.ts";
import { type PersonOf, personOf } from "../../../core/approval/entitlement.ts";
import type { Person } from "../../../core/approval/people.ts";
import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import { type GenerateMac, reviewerMark, reviewLink } from "../../../core/attestation/review-link.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import { type ChatEvent, type Dialog, longestHandedReason } from "../../../core/notification/chat.ts";
import { type Identity, identityKey, type Member } from "../../../core/promotion/identity.ts";
import { awaitsItsVerdict } from "../../../core/promotion/objection.ts";
import type { OpenStage, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { parseQuestion } from "../../../core/promotion/question.ts";
import { type QuestionPorts, recordQuestion } from "../../review/questions.ts";
import type { Answer, ApiRequest } from "../http.ts";

export interface AnswerSlackPorts extends QuestionPorts {
  readonly portalUrl: string;
  readonly people: readonly Person[];
  /** The groups that give a role in the approval matrix. */
  readonly groups: readonly string[];
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly promotions: QuestionPorts["promotions"] & { load(id: PromotionId): Promise<Promotion | undefined> };
  readonly mac: GenerateMac;
  /** Throws where Slack did not sign it just now. */
  readonly receive: (request: ApiRequest) => Promise<{
    readonly event: ChatEvent;
    /** Whether this very request comes for the first time. */
    readonly first: () => Promise<boolean>;
    readonly show: (trigger: string, dialog: Dialog) => Promise<void>;
  }>;
  /** What Slack takes as the answer to a form. */
  readonly inItsPlace: (dialog: Dialog) => object;
}

type FilledIn = ChatEvent & { readonly kind: "filled-in" };

/** A payload holds the message that the button stands in. */
const largestBody = 256 * 1024;

/**
 * POST /v1/slack/interactions: what people press in Slack. A question becomes a record, as it does on the page. A reason to
 * reject is handed on to the page and recorded nowhere: Slack vouches for whoever pressed the button, and only the identity
 * provider can sign a decision (design 3.3, 3.9).
 */
export function answerSlack(ports: AnswerSlackPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    if (http.body.length > largestBody) throw new Failure("body-too-large", "No interaction is as large as this.");
    const { event, first, show } = await ports.receive(http);
    if (!(await first())) throw new Failure("token-replayed", "This very request came before.");
    switch (event.kind) {
      case "nothing":
        return { status: 200 };
      case "pressed": {
        const { deed, promotion } = event;
        const known = personInSlack(event.user, ports.people) !== undefined;
        await show(event.trigger, known ? { kind: "form", deed, promotion } : notLinked(promotion));
        return { status: 200 };
      }
      case "filled-in":
        return { status: 200, json: ports.inItsPlace(await outcomeOf(event)) };
      default:
        return event satisfies never;
    }
  };

  async function outcomeOf(event: FilledIn): Promise<Dialog> {
    const person = personInSlack(event.user, ports.people);
    if (person === undefined) return notLinked(event.promotion);
    const everybody = await ports.directory.everybody(ports.groups);
    const reviewer = membersOf(person, everybody).find(({ groups }) =>
      groups.some((group) => ports.groups.includes(group)),
    );
    if (reviewer === undefined) return notice("No role", "You hold no role in any review here.", event.promotion);
    const promotion = await ports.promotions.load(event.promotion);
    if (promotion === undefined) return notice("Not found", "There is no such promotion.", event.promotion);
    try {
      switch (event.deed) {
        case "ask":
          return await ask(promotion, reviewer, event, personOf(everybody, ports.people));
        case "reject":
          return await handOn(promotion, reviewer, event.text);
        default:
          return event.deed satisfies never;
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "internal") throw error;
      return notice("Not taken", error.message, event.promotion);
    }
  }

  async function ask(
    promotion: Promotion,
    { identity, name }: Member,
    { dialog: id, text }: FilledIn,
    keyOf: PersonOf,
  ): Promise<Dialog> {
    await recordQuestion(promotion, parseQuestion({ id, text }), { identity, name, through: "Slack" }, keyOf, ports);
    const told = "Your question is recorded, and whoever had a hand in the candidate is told. You are told the answer.";
    return notice("Asked", told, promotion.id);
  }

  /** The reader's own review link, or the page of what everybody has approved, with the reason for the page to begin with. */
  async function handOn(promotion: Promotion, { identity }: Member, reason: string): Promise<Dialog> {
    const stage = openStageOf(promotion);
    if (stage === undefined && !awaitsItsVerdict(promotion))
      return notice("Not in review", `The promotion is ${promotion.status}; no stage of it is open.`, promotion.id);
    if ([...reason].length > longestHandedReason)
      throw new Failure(
        "invalid-request",
        `Give at most ${longestHandedReason} characters here, and the rest on the page.`,
      );
    const next = "Nothing is decided yet. The page has what you wrote; read the review there, and sign in to reject.";
    const link = stage === undefined ? pageOf(promotion.id) : await linkTo(stage, promotion.id, identity);
    return {
      kind: "notice",
      title: "One more step",
      text: stage === undefined ? `It is approved, and can be rejected until its verdict is signed. ${next}` : next,
      button: { text: "Go to the page and reject", link: `${link}?reject=${base64url(utf8(reason))}` },
    };
  }

  async function linkTo({ index, deadline }: OpenStage, promotion: PromotionId, reader: Identity): Promise<string> {
    const target = { promotion, stage: index, reviewer: reviewerMark(identityKey(reader)) };
    return `${ports.portalUrl}/r/${await reviewLink(target, deadline, ports.mac)}`;
  }

  function notice(title: string, text: string, promotion: PromotionId): Dialog {
    return { kind: "notice", title, text, button: { text: "Open the page", link: pageOf(promotion) } };
  }

  function notLinked(promotion: PromotionId): Dialog {
    const text =
      "Nobody here is linked to your Slack account. Whoever looks after the policies can add your member id to your entry in people.yaml. On the page you can do everything without that.";
    return notice("Who are you?", text, promotion);
  }

  function pageOf(promotion: PromotionId): string {
    return `${ports.portalUrl}/#/promotions/${promotion}`;
  }
}
