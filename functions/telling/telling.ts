import { reviewerMark } from "../../core/attestation/review-link.ts";
import { type Instant, minuteText } from "../../core/encoding/instant.ts";
import { fill, type Templates, type Values } from "../../core/notification/load-messages.ts";
import { type Message, oneLine } from "../../core/notification/message.ts";
import { changesPolicies, statusWords } from "../../core/policy/change-words.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { identityKey, type Member } from "../../core/promotion/identity.ts";
import { type Notification, notificationTag, type Purpose } from "../../core/promotion/notification.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { OpenChannel } from "./open-channels.ts";

/** Somebody who is to be told. */
export interface Recipient {
  readonly member: Member;
  /** The roles that it is about, and their titles; empty where it is about none. */
  readonly roles: readonly { readonly name: string; readonly title: string }[];
  readonly reason?: string;
  /** What is left for them to do, in a sentence. */
  readonly next?: string;
  /** The candidate that they signed for, whose signature is told about. */
  readonly signed?: string;
  /** The candidate that took its place, for which the signature was not kept. */
  readonly successor?: string;
}

/** What something is told of: a promotion, or a place for which there never was one. */
type Subject =
  | { readonly promotion: Promotion }
  | { readonly promotion?: undefined; readonly place: { readonly target: string; readonly endpoint: string } };

/** Something to tell, once to each person and each room. */
export type Telling = Subject & Occasion;

/** When it is told, to whom, and why. */
export interface Occasion {
  readonly purpose: Purpose;
  /** Every fact about its subject so far. */
  readonly facts: readonly Fact[];
  /**
   * Sets this occasion apart from others of the same purpose, such as `1/0/1` for review, stage and round; where there is
   * no promotion, the id of the fact that is told.
   */
  readonly occasion: string;
  readonly at: Instant;
  readonly stage?: { readonly index: number; readonly name: string; readonly deadline: Instant };
  readonly people: readonly Recipient[];
  /** For which roles rooms are asked, where it is a question; absent where only people are told. */
  readonly rooms?: { readonly roles: Recipient["roles"] };
  readonly reason?: string;
  /** Which earlier questions it goes on about; absent where it is a question itself. */
  readonly answers?: (asked: Fact) => boolean;
}

/** The message to one person or room, as its facts name it. */
export function notificationOf(telling: Telling, channel: OpenChannel, to: Member | undefined): Notification {
  const { promotion, purpose, occasion, stage } = telling;
  const reviewer = to === undefined ? undefined : reviewerMark(identityKey(to.identity));
  const name = to?.name ?? `the channel '${channel.name}'`;
  return {
    id: `${promotion === undefined ? occasion : `${promotion.id}/${purpose}/${occasion}`}/${channel.name}/${reviewer ?? "room"}`,
    ...(promotion === undefined ? {} : { promotion: promotion.id }),
    purpose,
    channel: channel.name,
    form: channel.form,
    ...(stage === undefined ? {} : { stage: stage.index }),
    ...(reviewer === undefined ? {} : { reviewer }),
    name,
    summary: `${to?.name ?? `The channel '${channel.name}'`} was ${whatOf(telling)}`.replace(
      "{by}",
      `by ${wayOf(channel)}`,
    ),
  };
}

/** As its own people write it, where it goes by the name of a product: `Slack`. */
function wayOf({ kind, form }: OpenChannel): string {
  const [product = ""] = form.split(" ", 1);
  return product.toLowerCase() === kind ? product : kind;
}

function whatOf({ purpose, stage, promotion }: Telling): string {
  const named = `the stage '${stage?.name ?? ""}'`;
  switch (purpose) {
    case "asked":
      return `asked {by} to review ${named}.`;
    case "reminded":
      return `reminded {by} to review ${named}.`;
    case "escalated":
      return `told {by} that nobody has decided ${named} yet.`;
    case "settled":
      return `told {by} that ${named} is decided.`;
    case "fallen":
      return "told {by} that their sign-off no longer counts.";
    case "stands":
      return "told {by} that their rejection stands.";
    case "question":
      return "told {by} that a reviewer asks something.";
    case "answer":
      return "told {by} that a question is answered.";
    case "lending":
      return "told {by} that somebody asks for a loan.";
    case "lent":
      return "told {by} that the seats that are missing are lent.";
    case "afterwards":
      return "asked {by} to review the loan.";
    case "taken-back":
      return "told {by} that the release was taken back and is in review again.";
    case "intruder":
      return "told {by} that what runs is not what was approved.";
    case "told":
    case "restricted":
      return `told {by} that the promotion is ${promotion === undefined ? "over" : statusWords(promotion.status, changesPolicies(promotion.manifest.model))}.`;
    default:
      return purpose satisfies never;
  }
}

/** What is said to them, in the words of the deployment. */
export function messageOf(
  templates: Templates,
  telling: Telling,
  {
    notification,
    to,
    roles,
    reason: own,
    next,
    signed,
    successor,
    link,
    earlier,
  }: Omit<Recipient, "member"> & {
    readonly notification: Notification;
    readonly to: Member | undefined;
    readonly link: string;
    readonly earlier: readonly string[];
  },
): Message {
  const { purpose, stage, at } = telling;
  const about = aboutOf(telling);
  const reason = own ?? telling.reason;
  const template = templates[purpose];
  const beginnings =
    telling.promotion !== undefined && changesPolicies(telling.promotion.manifest.model) ? begunWithPolicies : {};
  const values: Values = {
    ...(to === undefined ? {} : { name: to.name }),
    ...named(telling),
    ...(roles.length === 0 ? {} : { roles: roles.map(({ title }) => title).join(" or ") }),
    ...(stage === undefined ? {} : { stage: stage.name, deadline: minuteText(stage.deadline) }),
    ...(reason === undefined ? {} : { reason }),
    ...(next === undefined ? {} : { next }),
    ...(telling.promotion === undefined ? {} : { submitted: minuteText(telling.promotion.submittedAt) }),
    ...(signed === undefined ? {} : { signed }),
    ...(successor === undefined ? {} : { successor }),
    link,
  };
  // Every line of the words may name a place without a value: they may be of before there was anything to tell about no promotion.
  const subject = oneLine(fill(template.subject, values, beginnings) || (reason ?? aboutWhat(values)));
  return {
    id: notificationTag(notification.id),
    purpose,
    at,
    subject,
    letter: fill(template.letter, values, beginnings),
    // Slack refuses a block, and Jira a paragraph, without a text.
    note: fill(template.note, values, beginnings) || subject,
    button: fill(template.button, values) || "Look at it",
    link,
    ...(to === undefined ? {} : { to: { name: to.name, address: to.address } }),
    earlier,
    about: {
      ...about,
      ...(stage === undefined ? {} : { stage: stage.name, deadline: stage.deadline }),
      ...(reason === undefined ? {} : { reason }),
    },
  };
}

/** A change of the policies, within a sentence and where one begins with it: it has no name of its own. */
const ofPolicies = { model: "the change of policies" };
const begunWithPolicies = { model: "The change of policies" };

/** What it is about, in words: a change of the policies is no model that runs somewhere. */
function named(telling: Telling): Values {
  if (telling.promotion === undefined) return { target: telling.place.target };
  const { status, manifest } = telling.promotion;
  const { model, target } = manifest;
  const words = statusWords(status, changesPolicies(model));
  return changesPolicies(model)
    ? { ...ofPolicies, version: `'${model.version}'`, target: "this installation", status: words }
    : { model: model.name, version: model.version, target: target.name, status: words };
}

/** The least that can be said of every message. */
function aboutWhat(values: Values): string {
  return fill("{model} {version} for {target}", values) || fill("{target}", values);
}

function aboutOf(
  telling: Telling,
): Pick<Message["about"], "promotion" | "model" | "version" | "target" | "endpoint" | "status"> {
  if (telling.promotion === undefined) return { ...telling.place };
  const { id, status, manifest } = telling.promotion;
  const { model, target } = manifest;
  return { promotion: id, model: model.name, version: model.version, target: target.name, status };
}
