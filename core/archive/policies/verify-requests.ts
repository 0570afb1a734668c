import type { AskedAbout } from "../../approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import {
  askedAbout,
  everKnown,
  judgedBy,
  type KnownPolicies,
  type PoliciesThen,
  type Required,
  readOrUndefined,
  requiredBy,
} from "./verify-policies.ts";
import { byVersion, inForceIn } from "./versions-in-force.ts";

/** Under what a promotion was asked for, as its request says, and what of that its own records tell. */
export interface Request {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly at: Instant;
  /** What policies asked about it then. */
  readonly asked: AskedAbout;
  /** Whether that is all they asked: not of what was never frozen. */
  readonly complete: boolean;
  readonly expiresAt: Instant;
  readonly requirements: Sha256;
  readonly own: Word;
  /** The policies that judged its gates first, where they say the same of all that policies ask. */
  readonly settledBy?: Sha256;
}

type Said = Omit<Request, "own" | "settledBy">;

/**
 * What a promotion's own records say of its request: the requirements and the policies that its gates went by may be
 * those of the request. `untold`: they are others, or there are none.
 */
type Word =
  | { readonly kind: "fits" }
  | { readonly kind: "differs"; readonly sentence: string }
  | { readonly kind: "untold" };

const untold: Word = { kind: "untold" };
const otherEnd = "The request says another end than its requirements give it.";
const otherRequirements =
  "The request says that it was asked for under other requirements than the policies in force then come to.";

/** What a promotion's request says that it was asked for under; `undefined` where there is none. */
export async function requestOf(
  steps: readonly Step[],
  frozen: boolean,
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<Request | undefined> {
  const [first] = steps;
  if (first === undefined) return undefined;
  const { record, index, after } = first;
  const { expiresAt, requirements } = bodyOf("request", record);
  const said: Said = {
    promotion: after.id,
    index,
    at: record.at,
    asked: askedAbout(after),
    complete: frozen,
    expiresAt,
    requirements,
  };
  const judged = steps.filter(({ record }) => wasJudged(record));
  const policy = judged[0] === undefined ? undefined : judgedBy(judged[0]).policy;
  const policies = policy === undefined ? undefined : await readOrUndefined(policy, read, known);
  const byPolicies = said.complete ? wordOf(policies, said, known) : untold;
  const own = ownWord(said, judged, byPolicies);
  const settled = policy !== undefined && byPolicies.kind === "fits" && own.kind === "fits";
  return { ...said, own, ...(settled ? { settledBy: policy } : {}) };
}

/** @param byPolicies what the policies say that judged the gates first */
function ownWord(said: Said, judged: readonly Step[], byPolicies: Word): Word {
  // Whatever the policies were: the requirements themselves say for how long.
  const own = judged.find(({ after }) => after.requirements.sha256 === said.requirements)?.requirements?.rule;
  if (own !== undefined) return endsAs(said, own) ? { kind: "fits" } : differs(otherEnd);
  // What they do not come to may be what others do.
  return byPolicies.kind === "differs" && byPolicies.sentence !== otherEnd ? untold : byPolicies;
}

function endsAs(
  { at, expiresAt }: Pick<Request, "at" | "expiresAt">,
  { expiresAfterSeconds }: Pick<Required, "expiresAfterSeconds">,
): boolean {
  return expiresAt === addSeconds(at, expiresAfterSeconds);
}

/** What is wrong with requests, and of which promotions nobody could tell. */
export interface RequestsVerification {
  readonly problems: readonly { readonly promotion: PromotionId; readonly index: number; readonly sentence: string }[];
  readonly untold: readonly PromotionId[];
}

/**
 * Derives again under which requirements promotions were asked for, and until when they could be decided: from the policies
 * that were in force at the request, where the log tells of all that ever were; else from what the promotion's own records
 * bring.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 */
export async function verifyRequests(
  activations: readonly PromotionRecord[],
  requests: readonly Request[],
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<RequestsVerification> {
  const versions = inForceIn(activations);
  const byPolicies = ({ own, complete }: Request) => versions.count > 0 && complete && own.kind !== "differs";
  const words = new Map(
    requests.map((request) => [request, byPolicies(request) ? differs(otherRequirements) : request.own]),
  );
  // One version after the other: each is large, and there may be many.
  for (const [policy, asked] of byVersion(versions, requests.filter(byPolicies), ({ at }) => at)) {
    const policies = await readOrUndefined(policy, read, known);
    for (const request of asked) {
      const before = words.get(request)?.kind;
      const word = wordOf(policies, request, known);
      // Where several may have been in force, one that fits is enough, and what one cannot tell the others do not settle.
      if (word.kind === "fits" || (before !== "fits" && word.kind === "untold")) words.set(request, word);
      if (before === "differs" && word.kind === "differs" && word.sentence === otherEnd) words.set(request, word);
    }
  }
  return {
    problems: requests.flatMap((request) => {
      const word = words.get(request);
      return word?.kind === "differs" ? [{ ...request, sentence: word.sentence }] : [];
    }),
    untold: requests.flatMap((request) => (words.get(request)?.kind === "untold" ? [request.promotion] : [])),
  };
}

/** What policies that may have been in force say of a request. */
function wordOf(policies: PoliciesThen | undefined, request: Said, known: KnownPolicies): Word {
  // What cannot be read is said where it was put in force.
  if (policies === undefined) return untold;
  const required = requiredBy(policies, request.asked, known);
  if (required === undefined || request.requirements !== required.sha256) return differs(otherRequirements);
  return endsAs(request, required) ? { kind: "fits" } : differs(otherEnd);
}

function differs(sentence: string): Word {
  return { kind: "differs", sentence };
}

/** What is said of promotions whose requests nobody can hold against the policies of that time. */
export const requestUntold =
  "Until when it could be decided, and under which requirements it was asked for, is told by its request alone: the policies that were in force then are not here.";
