import { describe, expect, it } from "vitest";
import {
  type CandidateSaid,
  candidateSaid,
  intruderIn,
  placeOfTarget,
  type RunningReport,
} from "../../../core/deployment/intruder.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { deployedPromotion } from "../../functions/api/deployed-promotion.ts";
import { digestOf, id, manifest, now } from "../promotion/promotion-in-review.ts";

const place = placeOfTarget(manifest.target);
const candidate: CandidateSaid = {
  version: "1.4.0",
  place,
  status: "deployed",
  since: addSeconds(now, -3600),
  lentUntil: null,
  verdict: null,
  altered: null,
};
const report: RunningReport = {
  readAt: now,
  place,
  expected: id,
  revision: id,
  promotion: id,
  candidate,
};
const other = promotionId(digestOf("other"), 1);
const seen = (over: Partial<RunningReport>, of: Partial<CandidateSaid> = {}) => {
  const found = intruderIn({ ...report, candidate: { ...candidate, ...of }, ...over });
  return found && `${found.kind}: ${found.why}`;
};
const where = "The endpoint 'credit-scoring' in production";

describe("what runs", () => {
  it.each<[string, Partial<RunningReport>, Partial<CandidateSaid>]>([
    ["was approved last", {}, {}],
    ["is nothing", { revision: null, promotion: null, candidate: null }, {}],
    ["drifted and may go on", {}, { status: "restricted" }],
    ["is on its way", { expected: other }, { status: "deploying" }],
    ["is lent", { expected: other }, { status: "loaned", lentUntil: addSeconds(now, 1) }],
    ["was lent, and its clean-up is at work", { expected: other }, { status: "expired", since: now, lentUntil: now }],
    ["was lent a moment ago", { expected: other }, { status: "loaned", lentUntil: addSeconds(now, -899) }],
    ["ended a moment ago", { expected: other }, { status: "failed", since: addSeconds(now, -899) }],
  ])("%s: nobody is alarmed", (_, over, of) => {
    expect(seen(over, of)).toBeUndefined();
  });

  it.each<[Partial<RunningReport>, Partial<CandidateSaid>, string]>([
    [
      { revision: "quick-fix", promotion: null, candidate: null },
      {},
      `unapproved: ${where} serves 'quick-fix', which nobody approved here.`,
    ],
    [
      { revision: '{"copies":1,"model":"side-project"}', promotion: null, candidate: null },
      {},
      `unapproved: ${where} serves 'side-project', which nobody approved here.`,
    ],
    [
      { revision: '{"image":"repository@sha256:1"}', promotion: null, candidate: null },
      {},
      `unapproved: ${where} serves 'repository@sha256:1', which nobody approved here.`,
    ],
    [{ candidate: null }, {}, `unapproved: ${where} serves '${id}', which nobody approved here.`],
    [
      {},
      { place: { ...place, target: "staging" } },
      `unapproved: ${where} serves 1.4.0, which was approved for the endpoint 'credit-scoring' in staging.`,
    ],
    [{ expected: other }, {}, `unapproved: ${where} serves 1.4.0, which is not what was approved last.`],
    [
      { expected: null },
      { status: "restricted" },
      `unapproved: ${where} serves 1.4.0, which was taken out of service.`,
    ],
    [{}, { status: "rejected" }, `unapproved: ${where} serves 1.4.0, which is rejected.`],
    [{}, { status: "in-review", since: now }, `unapproved: ${where} serves 1.4.0, which is in-review.`],
    [
      {},
      { verdict: "It is for another target." },
      `unapproved: ${where} serves 1.4.0, whose verdict does not allow it: It is for another target.`,
    ],
    [{}, { altered: "Somebody changed it." }, "altered: Somebody changed it."],
    [
      {},
      { status: "loaned", lentUntil: addSeconds(now, -900) },
      `expired: ${where} still serves 1.4.0, whose loan ended at ${addSeconds(now, -900)}.`,
    ],
    [
      {},
      { status: "rejected", lentUntil: addSeconds(now, 60) },
      `unapproved: ${where} still serves 1.4.0, which is rejected.`,
    ],
  ])("that it should not is said: %j %j", (over, of, sentence) => {
    expect(seen(over, of)).toBe(sentence);
  });

  it("in a cluster is called a workload", () => {
    const there = { ...place, kind: "kubernetes" as const };
    expect(seen({ place: there, promotion: null, candidate: null })).toMatch(
      /^unapproved: The workload 'credit-scoring'/,
    );
  });
});

it("of the promotion that runs, what is judged is said", () => {
  const said = { verdict: null, altered: null };
  expect(candidateSaid(deployedPromotion(), said)).toEqual({ ...candidate, since: now });
  const { history } = deployedPromotion();
  const [told = expect.unreachable()] = history;
  const later = [...history, { ...told, at: addSeconds(now, 5) }, { ...told, at: addSeconds(now, 9) }];
  expect(candidateSaid(deployedPromotion({ history: later }), said).since).toBe(addSeconds(now, 9));
  expect(candidateSaid(deployedPromotion({ history: [], submittedAt: addSeconds(now, -9) }), said).since).toBe(
    addSeconds(now, -9),
  );
  const loan = {
    terms: { seconds: 60, incident: "https://incidents.example/1" },
    lenders: [],
    at: now,
    until: addSeconds(now, 60),
  };
  expect(candidateSaid(deployedPromotion({ status: "loaned", loan }), said).lentUntil).toBe(loan.until);
  expect(candidateSaid(deployedPromotion({ loan: { ...loan, ratifiedAt: now } }), said).lentUntil).toBeNull();
});

describe("what was approved and runs no more", () => {
  const nothing = { revision: null, promotion: null };

  it("is missing, whether it is restricted or not", () => {
    const gone = (status: string) =>
      `missing: ${where} serves nothing: 1.4.0, which is ${status} there, is gone, and nothing here took it away.`;
    expect(seen(nothing)).toBe(gone("deployed"));
    expect(seen(nothing, { status: "restricted" })).toBe(gone("restricted"));
  });

  it("is missing before the end of its loan, and not from then on", () => {
    const until = addSeconds(now, 1);
    expect(seen(nothing, { status: "loaned", lentUntil: until })).toBe(
      `missing: ${where} serves nothing: 1.4.0, which is loaned there until ${until}, is gone, and nothing here took it away.`,
    );
    expect(seen(nothing, { status: "loaned", lentUntil: now })).toBeUndefined();
    expect(seen(nothing, { status: "loaned", lentUntil: null })).toBeUndefined();
  });

  it.each<[string, Partial<RunningReport>, Partial<CandidateSaid>]>([
    ["was deployed just now, and may be read too early", {}, { since: addSeconds(now, -899) }],
    ["was taken back", {}, { status: "rolled-back" }],
    ["is on loan no more", {}, { status: "expired", lentUntil: now }],
    ["is still on its way", {}, { status: "deploying" }],
    ["was taken out of service", { expected: null }, {}],
    ["was approved for another place", {}, { place: { ...place, endpoint: "other" } }],
    ["nobody knows", { candidate: null }, {}],
  ])("is not where it %s", (_, over, of) => {
    expect(seen({ ...nothing, ...over }, of)).toBeUndefined();
  });
});
