import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Attachment, Fact } from "./fact.ts";
import type { PromotionId } from "./promotion-id.ts";

// Facts about what runs without an approval, and about what was approved and runs no more. They belong to the promotion that should run in the place, or to the one
// that does; to none where nothing was ever approved there. One is told for each finding, however often it is found.

/** Whose facts they are, and about which place. */
export interface IntruderSubject {
  readonly promotion: PromotionId | undefined;
  readonly place: { readonly kind: string; readonly target: string; readonly endpoint: string };
}

/** A finding, as it is told. */
export interface FoundIntruder {
  readonly kind: string;
  readonly why: string;
  /** The target's own name for what serves. */
  readonly running: string;
  readonly action: "report" | "take-back";
}

/** Where the facts about places without a promotion begin. */
export const intrudersOfNone = "installation/intruder/";

/** Where the facts about one of these places begin. */
export function intruderPrefix({ target, endpoint }: IntruderSubject["place"]): string {
  return `${intrudersOfNone}${target}/${endpoint}/`;
}

/** The place that a finding is about. */
export function placeFound({
  type,
  body: { place },
}: Pick<Fact, "type" | "body">): IntruderSubject["place"] | undefined {
  if (type !== "intruder-found" || typeof place !== "object" || place === null || Array.isArray(place))
    return undefined;
  const { kind, target, endpoint } = place as { readonly [member: string]: unknown };
  return typeof kind === "string" && typeof target === "string" && typeof endpoint === "string"
    ? { kind, target, endpoint }
    : undefined;
}

/** The finding about a place that still stands, by its facts: the latest, unless it was told to be gone. */
export function openIntruder(facts: readonly Fact[], place: IntruderSubject["place"]): Fact | undefined {
  const latest = foundIn(facts, place).at(-1);
  return facts.some(({ type, body }) => type === "intruder-gone" && body["found"] === latest?.id) ? undefined : latest;
}

/** The findings that still stand, of every place that these facts are about. */
export function openIntruders(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter((fact) => {
    const place = placeFound(fact);
    return place !== undefined && openIntruder(facts, place) === fact;
  });
}

/** Whether a finding is another than the one that stands. */
export function isNews(open: Fact | undefined, { kind, running, action }: FoundIntruder): boolean {
  return open?.body["kind"] !== kind || open.body["running"] !== running || open.body["action"] !== action;
}

export function intruderFound(
  subject: IntruderSubject,
  facts: readonly Fact[],
  found: FoundIntruder,
  attachments: readonly Attachment[],
  at: Instant,
): Fact {
  const begins =
    subject.promotion === undefined
      ? intruderPrefix(subject.place)
      : `${subject.promotion}/intruder/${subject.place.endpoint}/`;
  // Places of other targets, or of another kind, may have the same name, and so share these numbers.
  const told = facts.filter(({ type, id }) => type === "intruder-found" && id.startsWith(begins));
  const number = Math.max(0, ...told.map(numberOf)) + 1;
  const { kind, why, running, action } = found;
  return {
    id: `${begins}${number}`,
    type: "intruder-found",
    at,
    ...(subject.promotion === undefined ? {} : { promotion: subject.promotion }),
    summary: action === "take-back" ? `${why} What was approved is put back.` : why,
    body: { kind, running, action, place: { ...subject.place } },
    attachments,
  };
}

/** It does not run there any more, whoever saw to that. */
export function intruderGone(found: Fact, at: Instant): Fact {
  const summary =
    found.body["kind"] === "missing"
      ? "What was approved is no longer missing there."
      : "What should not run does not run there any more.";
  return about(found, "intruder-gone", `${found.id}/gone`, at, summary, {});
}

/** What was approved is put back, under that verdict; nothing where nothing is to run. */
export function takeBackStarted(found: Fact, verdict: Sha256 | undefined, at: Instant): Fact {
  const summary =
    verdict === undefined
      ? "What should not run is taken out of service."
      : "What was approved is put back in the place of what should not run.";
  const body = { state: "started", ...(verdict === undefined ? {} : { verdict }) };
  return about(found, "take-back", `${found.id}/take-back`, at, summary, body);
}

/** It could not be, and is tried again; told once. */
export function takeBackFailed(found: Fact, why: string, at: Instant): Fact {
  const summary = `What should not run could not be taken back. ${why} It is tried again.`;
  return about(found, "take-back", `${found.id}/take-back/failed`, at, summary, { state: "failed" });
}

function about(found: Fact, type: Fact["type"], id: string, at: Instant, summary: string, body: Fact["body"]): Fact {
  const { promotion } = found;
  return {
    id,
    type,
    at,
    ...(promotion === undefined ? {} : { promotion }),
    summary,
    body: { found: found.id, ...body },
    attachments: [],
  };
}

function foundIn(facts: readonly Fact[], { kind, target, endpoint }: IntruderSubject["place"]): readonly Fact[] {
  return facts
    .filter((fact) => {
      const said = placeFound(fact);
      return said?.kind === kind && said.target === target && said.endpoint === endpoint;
    })
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}

function numberOf({ id }: Fact): number {
  return Number(id.slice(id.lastIndexOf("/") + 1));
}
