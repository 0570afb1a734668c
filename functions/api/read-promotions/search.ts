import * as v from "valibot";
import { excludedPeople } from "../../../core/approval/exclusions.ts";
import { allDuties } from "../../../core/approval/loading/load-matrix.ts";
import type { Person } from "../../../core/approval/people.ts";
import { type Instant, instantFromMs, isInstant, msOfInstant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import {
  type Author,
  type IdentityKey,
  identityKey,
  type Member,
  normalAddress,
} from "../../../core/promotion/identity.ts";
import { type Promotion, type Status, statuses } from "../../../core/promotion/promotion.ts";
import { slug } from "../../../core/promotion/request.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { isAsked } from "../query-members.ts";

/** When a promotion was submitted; both ends are included. */
export interface SubmittedBetween {
  readonly from?: Instant;
  readonly until?: Instant;
}

/** What a listing looks through: the promotions of one status, those of one model and target, or all. */
type Listed =
  | { readonly by: "status"; readonly status: Status }
  | { readonly by: "model"; readonly model: string; readonly target: string }
  | { readonly by: "any" };

/** What a request for a listing asks for. */
export interface Search {
  readonly listed: Listed;
  readonly between: SubmittedBetween;
  /** What of those is wanted. */
  readonly status?: Status;
  readonly target?: string;
  /** In normal form, as `wantedPerson` takes it. */
  readonly person?: string;
  /** Tell of each how it stands for the reader. */
  readonly standing: boolean;
  /** Only what the reader decided about, and how it stands. */
  readonly decided: boolean;
}

const anyStatus = "any";
const longestPerson = 320;
const earliest = instantFromMs(0);

/** Reads the parameters of a listing; throws `invalid-request`, saying what is wrong. */
export function readSearch(query: Readonly<Record<string, string | undefined>>): Search {
  const { status, model, target, person } = query;
  const wanted = status === undefined || status === anyStatus ? undefined : statusOf(status);
  const between = betweenIn(query);
  const listed = listedBy(model, target, status, wanted);
  if (person !== undefined && (person.trim() === "" || person.length > longestPerson)) {
    throw new Failure("invalid-request", `person has 1 to ${longestPerson} characters.`);
  }
  return {
    listed,
    between,
    standing: isAsked(query, "standing"),
    decided: isAsked(query, "decided"),
    ...(wanted === undefined ? {} : { status: wanted }),
    ...(target === undefined ? {} : { target }),
    ...(person === undefined ? {} : { person: normalAddress(person) }),
  };
}

function listedBy(
  model: string | undefined,
  target: string | undefined,
  status: string | undefined,
  wanted: Status | undefined,
): Listed {
  // Other things lie in the index by other names, which no model can have.
  if ([model, target].some((each) => each !== undefined && !v.is(slug, each)))
    throw new Failure("invalid-request", "model and target are names such as credit-scoring.");
  if (model !== undefined) return { by: "model", model, target: target ?? "production" };
  if (wanted !== undefined) return { by: "status", status: wanted };
  return status === undefined ? { by: "status", status: "in-review" } : { by: "any" };
}

function statusOf(text: string): Status {
  const status = statuses.find((each) => each === text);
  if (status !== undefined) return status;
  throw new Failure("invalid-request", `status is '${anyStatus}' or one of ${statuses.join(", ")}.`);
}

function instantIn(query: Readonly<Record<string, string | undefined>>, name: "from" | "to"): { from?: Instant } {
  const text = query[name];
  if (text === undefined) return {};
  if (isInstant(text)) return { from: text };
  throw new Failure("invalid-request", `${name} is a time such as 2026-11-22T17:03:00.000Z.`);
}

/** `to` is not included, as everywhere; instants have milliseconds. */
function betweenIn(query: Readonly<Record<string, string | undefined>>): SubmittedBetween {
  const { from } = instantIn(query, "from");
  const { from: to } = instantIn(query, "to");
  if (to !== undefined && to <= (from ?? earliest)) throw new Failure("invalid-request", "from is before to.");
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { until: instantFromMs(msOfInstant(to) - 1) }),
  };
}

/** Whether a promotion is one that the search wants; who had a hand in it is asked separately. */
export function isWanted(promotion: Promotion, { status, target }: Search): boolean {
  return (
    (status === undefined || promotion.status === status) &&
    (target === undefined || promotion.manifest.target.name === target)
  );
}

/** Whom somebody may mean by a name, an address, an account's number or a subject: those in the directory, and the word itself. */
export interface WantedPerson {
  readonly text: string;
  readonly identities: ReadonlySet<IdentityKey>;
}

/** Finds whom the text means: a part of a name, or the whole of anything else. */
export function wantedPerson(text: string, members: readonly Member[]): WantedPerson {
  const meant = members.filter(
    ({ name, address, identity }) =>
      normalAddress(name).includes(text) || normalAddress(address) === text || normalAddress(identity.subject) === text,
  );
  return { text, identities: new Set(meant.map(({ identity }) => identityKey(identity))) };
}

/** Whether a person asked for a promotion, had a hand in its candidate, or signed. */
export function involves(
  promotion: Promotion,
  signOffs: readonly SignOff[],
  { text, identities }: WantedPerson,
  directory: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): boolean {
  const { manifest, startedBy } = promotion;
  const { lineage, requester } = manifest;
  const hands = excludedPeople({ manifest, startedBy, duties: allDuties, ...directory }).excluded;
  const authors = [
    { identity: requester },
    ...(startedBy === undefined ? [] : [startedBy]),
    ...lineage.trainedBy,
    ...lineage.codeAuthors,
    ...lineage.dataOwners,
    ...lineage.infrastructureAuthors,
  ];
  return (
    [...identities].some((identity) => hands.has(identity)) ||
    authors.some((author) => normalAddress(wordOf(author)) === text) ||
    signOffs.some(
      ({ reviewer, reviewerName }) =>
        identities.has(identityKey(reviewer)) ||
        normalAddress(reviewer.subject) === text ||
        normalAddress(reviewerName).includes(text),
    )
  );
}

function wordOf(author: Author): string {
  if ("address" in author) return author.address;
  return "account" in author ? author.account.id : author.identity.subject;
}
