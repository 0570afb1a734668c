import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../core/approval/evaluate-approval.ts";
import { approvalInputOf, requirementsNow } from "../../core/approval/promotion-approval.ts";
import { readSignOffRequest } from "../../core/attestation/read-sign-off-request.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import { requireStatement, signOffContextOf } from "../../core/attestation/sign-off-context.ts";
import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import type { SignOff } from "../../core/promotion/sign-off.ts";
import { promotionView } from "../../functions/api/read-promotions/view.ts";
import type { ShownPromotion } from "../../portal/src/api/contract.ts";
import { barredIn, handOf } from "../../portal/src/decision/barred.ts";
import { composedStatement, fitsContext, incompleteness } from "../../portal/src/decision/compose-statement.ts";
import { notAsSigned } from "../../portal/src/decision/shown-as-signed.ts";
import { standingOf } from "../../portal/src/decision/standing.ts";
import { isFresh, readableStatement } from "../../portal/src/signing/signable.ts";
import { boundText, marginText, valueText } from "../../portal/src/ui/number.ts";
import { goodCandidate } from "../core/gates/candidate.ts";
import { clara, inReview, lena, policy, sam, theo } from "./candidate-in-review.ts";

const now = "2026-11-22T17:00:00.000Z" as Instant;
const issuer = "https://login.example";
const base = "https://countersign.example";
const { promotion, blobs } = inReview(goodCandidate, now);
const reviewer = (person: typeof clara) => ({
  identity: { issuer, subject: person.subject },
  name: person.name,
  groups: person.groups,
});
const members = [clara, lena, theo, sam].map((person) => ({
  ...reviewer(person),
  address: person.email,
  enabled: true,
}));
const document = (sha256: string): Json => {
  for (const [digest, bytes] of blobs) if (digest === sha256) return JSON.parse(Buffer.from(bytes).toString()) as Json;
  throw new Error(`There is no document ${sha256}.`);
};

/** The promotion as the API answers it to somebody, with these sign-offs. */
function shown(
  signOffs: readonly SignOff[] = [],
  override: Partial<typeof promotion> = {},
  reader = clara,
): ShownPromotion {
  const current = { ...promotion, ...override };
  const requirements = requirementsNow(policy, current).document;
  const input = approvalInputOf(current, requirements, {
    people: [],
    members,
    signOffs,
    entitlement: "as-signed",
    now,
  });
  const recorded = signOffs.map((signOff) => ({ signOff })) as unknown as readonly RecordedSignOff[];
  const view = promotionView({
    promotion: current,
    requirements,
    report: document(current.gates?.report ?? ""),
    summary: document(current.gates?.summary ?? ""),
    context: signOffContextOf(current, base),
    explanation: evaluateApproval(input).explanation,
    signOffs: recorded,
    loans: [],
    facts: [],
    outcomes: [],
    mayAnswer: false,
    authorNames: [],
    barred: [],
    members: [],
    places: [],
    reader: reviewer(reader).identity,
  });
  return JSON.parse(JSON.stringify(view)) as ShownPromotion;
}

const given = (person: typeof clara, result: SignOff["result"], at: Instant = now): SignOff => ({
  id: "ab".repeat(32) as SignOff["id"],
  promotion: promotion.id,
  review: 1,
  stage: 0,
  result,
  reason: "",
  roles: ["compliance-officer"],
  reviewer: reviewer(person).identity,
  reviewerName: person.name,
  groups: person.groups,
  recordedAt: at,
});
const roleNames = (roles: readonly { readonly name: string }[] | undefined) => roles?.map(({ name }) => name);

describe("what a reviewer may do", () => {
  it("lets the compliance officer approve in the compliance stage, in that role", () => {
    const standing = standingOf(shown(), reviewer(clara), now);
    expect(standing?.noApproval).toBeUndefined();
    expect(roleNames(standing?.approveAs)).toEqual(["compliance-officer"]);
    expect(roleNames(standing?.rejectAs)).toEqual(["compliance-officer"]);
  });

  it("takes no approval in a freeze window, and says whether it is over before the window is", () => {
    const until = addSeconds(now, 3600);
    const frozen = { ...shown(), changeFreeze: { window: "Year end", until } };
    const { expiresAt } = promotion;
    const why = { why: "frozen", window: "Year end", until };
    expect(standingOf(frozen, reviewer(clara), now)?.noApproval).toEqual({ ...why, over: false });
    const longer = { ...frozen, changeFreeze: { window: "Year end", until: expiresAt } };
    const standing = standingOf(longer, reviewer(clara), now);
    expect(standing?.noApproval).toEqual({ ...why, until: expiresAt, over: true });
    expect(roleNames(standing?.rejectAs)).toEqual(["compliance-officer"]);
    // The page may be a little older than the end of the window.
    expect(standingOf(frozen, reviewer(clara), until)?.noApproval).toBeUndefined();
    expect(standingOf(frozen, reviewer(sam), now)?.noApproval).toMatchObject({ why: "no-role" });
  });

  it("lets somebody of a later stage reject, in their own role, and says which roles could approve", () => {
    const standing = standingOf(shown(), reviewer(sam), now);
    expect(standing?.noApproval).toMatchObject({ why: "no-role", asked: [{ title: "Compliance officer" }] });
    expect(roleNames(standing?.rejectAs)).toEqual(["sre"]);
  });

  it("tells whoever signed in an earlier stage that they did, before anything of the roles that it asks for now", () => {
    const stage = { index: 1, name: "model and operations", round: 1, openedAt: now, open: true };
    const approval = given(clara, "approve");
    const seats = [{ role: "compliance-officer", person: approval.reviewer, signOff: approval.id }];
    const deadline = addSeconds(now, 60);
    const moved = shown([approval], { stage: { ...stage, deadline }, settled: [{ index: 0, seats }] });
    const standing = standingOf(moved, reviewer(clara), now);
    expect(standing?.noApproval).toEqual({ why: "has-seat", stage: "compliance" });
    expect(roleNames(standing?.rejectAs)).toEqual(["compliance-officer"]);
  });

  it("lets nobody without a role do anything", () => {
    const standing = standingOf(shown(), { ...reviewer(sam), groups: ["everybody"] }, now);
    expect(standing).toMatchObject({ approveAs: [], rejectAs: [] });
  });

  it("tells the trainer that they cannot approve, why, and who could; they may reject", () => {
    const stage = { index: 1, name: "model and operations", round: 1, openedAt: now, open: true };
    const standing = standingOf(shown([], { stage: { ...stage, deadline: addSeconds(now, 60) } }), reviewer(theo), now);
    expect(standing?.noApproval).toMatchObject({ why: "barred", hand: "trained the model" });
    expect(standing?.noApproval).toHaveProperty(
      "others",
      expect.arrayContaining([expect.objectContaining({ name: "Lena Lead" })]),
    );
    expect(roleNames(standing?.rejectAs)).toEqual(["lead-data-scientist"]);
    // At the stage before, not that they are asked at this one.
    expect(standingOf(shown(), reviewer(theo), now)?.noApproval).toMatchObject({
      ...{ why: "barred", hand: "trained the model" },
      others: [expect.objectContaining({ name: "Clara Compliance" })],
    });
  });

  it("lets a delegate sign in the delegator's place, and only where neither had a hand in it", () => {
    const nobody = { ...reviewer(sam), groups: [] };
    const place = (delegator: typeof clara, role: string, over: object = {}) => ({
      id: "ef".repeat(32) as SignOff["id"],
      role,
      delegate: nobody.identity,
      delegator: reviewer(delegator).identity,
      delegatorName: delegator.name,
      until: addSeconds(now, 60),
      ...over,
    });
    const first = { ...shown(), delegations: [place(clara, "compliance-officer"), place(lena, "lead-data-scientist")] };
    expect(standingOf(first, nobody, now)).toMatchObject({
      approveAs: [],
      places: [{ name: "Clara Compliance", title: "Compliance officer" }],
      rejectAs: [],
      rejectPlaces: [{ name: "Clara Compliance" }, { name: "Lena Lead" }],
    });
    expect(standingOf(first, nobody, now)?.noApproval).toBeUndefined();
    expect(standingOf(first, reviewer(sam), now)).toMatchObject({
      places: [{}],
      rejectAs: [{ name: "sre" }],
      rejectPlaces: [],
    });
    const elsewhere = {
      ...first,
      delegations: [place(clara, "compliance-officer", { delegate: reviewer(lena).identity })],
    };
    expect(standingOf(elsewhere, nobody, now)).toMatchObject({ places: [], noApproval: { why: "no-role" } });
    const stage = { index: 1, name: "model and operations", round: 1, openedAt: now, open: true };
    const second = shown([], { stage: { ...stage, deadline: addSeconds(now, 60) } });
    const barred = { ...second, delegations: [place(theo, "lead-data-scientist")] };
    expect(standingOf(barred, nobody, now)).toMatchObject({ places: [], noApproval: { why: "no-role" } });
  });

  it("offers to take an approval back, and not a second time", () => {
    const later = addSeconds(now, 1);
    expect(standingOf(shown([given(clara, "approve")]), reviewer(clara), now)?.earlier?.result).toBe("approve");
    const withdrawn = shown([
      given(clara, "approve"),
      { ...given(clara, "withdraw", later), id: "cd".repeat(32) as SignOff["id"] },
    ]);
    expect(standingOf(withdrawn, reviewer(clara), now)?.earlier).toBeUndefined();
    expect(standingOf(shown([given(clara, "approve")], {}, lena), reviewer(lena), now)?.earlier).toBeUndefined();
    // Two people may have one name.
    const namesake = { ...lena, name: clara.name };
    expect(standingOf(shown([given(clara, "approve")], {}, lena), reviewer(namesake), now)?.earlier).toBeUndefined();
  });

  it("holds approvals back until the minimum review time is over, and no longer", () => {
    const view = shown();
    const { rule } = view.requirements.document;
    const stages = rule.stages.map((stage) => ({ ...stage, minimumReviewSeconds: 2 * 3600 + 60 }));
    const requirements = {
      ...view.requirements,
      document: { ...view.requirements.document, rule: { ...rule, stages } },
    };
    const from = addSeconds(now, 60);
    expect(standingOf({ ...view, requirements }, reviewer(clara), now)?.noApproval).toEqual({ why: "too-early", from });
    expect(standingOf({ ...view, requirements }, reviewer(clara), from)?.noApproval).toBeUndefined();
  });

  it("offers nothing where no decision is taken", () => {
    const { signOffContext: _, ...closed } = shown();
    expect(standingOf(closed, reviewer(clara), now)).toBeUndefined();
  });

  it("lets whoever holds a role reject what is approved and not verified, and approve no more", () => {
    const held = shown([given(clara, "approve")], { status: "approved" });
    for (const person of [clara, lena])
      expect(standingOf(held, reviewer(person), now)).toMatchObject({
        approveAs: [],
        places: [],
        noApproval: { why: "approved" },
        rejectAs: [{ name: person === clara ? "compliance-officer" : "lead-data-scientist" }],
      });
    expect(standingOf(held, { ...reviewer(clara), groups: [] }, now)).toBeUndefined();
  });

  it("names everybody who is barred once, with what they did", () => {
    expect(barredIn(shown().explanation).map((each) => [each.person.name, handOf(each)])).toEqual([
      ["Theo Trainer", "trained the model"],
    ]);
  });
});

describe("the statement", () => {
  const context = signOffContextOf(promotion, base);
  const decision = {
    result: "approve",
    reason: "Good.",
    roles: ["compliance-officer"],
    reviewer: reviewer(clara).identity,
  } as const;
  const at = { now, random: new Uint8Array(16) };
  const statement = composedStatement(context, decision, at);

  it("is one that the service takes", () => {
    const body = JSON.parse(JSON.stringify({ statement, idToken: "token" })) as unknown;
    expect(requireStatement(readSignOffRequest(body), context, now)).toEqual(statement);
  });

  it("is one that the service takes, whatever is typed as the reason", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
          maxLength: 50,
        }),
        (reason) => {
          const body = { statement: composedStatement(context, { ...decision, reason }, at), idToken: "token" };
          const request = readSignOffRequest(JSON.parse(JSON.stringify(body)));
          expect(() => requireStatement(request, context, now)).not.toThrow();
        },
      ),
    );
  });

  it("stops fitting when the review moves on", () => {
    expect(fitsContext(statement, context)).toBe(true);
    expect(fitsContext(statement, { ...context, stage: { index: 1, name: "model and operations" } })).toBe(false);
    expect(fitsContext(statement, { ...context, review: 2 })).toBe(false);
    expect(fitsContext(statement, undefined)).toBe(false);
  });

  it("is too old to sign once half of its time is over", () => {
    expect(isFresh(statement, addSeconds(now, 449))).toBe(true);
    expect(isFresh(statement, addSeconds(now, 450))).toBe(false);
  });

  it("is shown as the JSON that is signed, with what turns text around written out", () => {
    const reason = "fine \u202etsrif\u202c \u{e0041}\u2028 \u200b<script>";
    const hostile = composedStatement(context, { ...decision, reason }, at);
    const text = readableStatement(hostile);
    expect(canonicalJson(JSON.parse(text))).toBe(canonicalJson(hostile));
    expect(text).toContain("\\u202etsrif\\u202c \\udb40\\udc41\\u2028 \\u200b<script>");
    expect(text).not.toMatch(/[\p{Cf}\u2028]/u);
  });

  it.each([
    ["a rejection without a reason", { result: "reject", reason: " \n", roles: ["sre"] }, "reason-missing"],
    ["a rejection with one", { result: "reject", reason: "Too biased.", roles: ["sre"] }, undefined],
    ["an approval without a reason", { result: "approve", reason: "", roles: ["sre"] }, undefined],
    ["an approval in no role", { result: "approve", reason: "", roles: [] }, "no-role"],
    ["a reason without end", { result: "approve", reason: "x".repeat(4001), roles: ["sre"] }, "reason-too-long"],
  ] as const)("is complete or not: %s", (_, draft, lacks) => {
    expect(incompleteness(draft)).toBe(lacks);
  });
});

describe("what is shown", () => {
  it("is what a sign-off names", () => {
    expect(notAsSigned(shown())).toEqual([]);
  });

  it("is told apart from what a sign-off names, part by part", () => {
    const view = shown();
    const { summary, requirements, manifest } = view;
    if (summary === undefined) throw new Error("There is no summary.");
    const better = {
      ...summary,
      document: { ...summary.document, attention: [], outcome: "passed" as const, curve: [] },
    };
    expect(notAsSigned({ ...view, summary: { ...better, document: { ...better.document, quality: [] } } })).toEqual([
      "summary",
    ]);
    expect(notAsSigned({ ...view, manifest: { ...manifest, model: { ...manifest.model, version: "1" } } })).toEqual([
      "manifest",
    ]);
    const other = { ...requirements, document: { ...requirements.document, roles: {} } };
    expect(notAsSigned({ ...view, requirements: other })).toEqual(["requirements"]);
  });

  it.each([
    ["what a pocket calculator makes of value and bound", 0.7466, { min: 0.6972 }, "0.747", "at least 0.697", "+0.05"],
    ["of two bounds the nearer", 0.9678, { min: 0.8, max: 1.25 }, "0.968", "0.8 to 1.25", "+0.168"],
    ["a miss", 0.6921, { min: 0.72 }, "0.692", "at least 0.72", "−0.028"],
    ["nothing at the bound", 0.72, { min: 0.72 }, "0.72", "at least 0.72", "+0"],
    ["never nothing where there is something", 0.720000004, { min: 0.72 }, "0.720000004", "at least 0.72", "+4.0e-9"],
    ["nor where something is missing", 0.719999996, { min: 0.72 }, "0.719999996", "at least 0.72", "−0.000001"],
  ])("shows as the margin %s", (_, value, bound: { min: number; max?: number }, shown, required, margin) => {
    const left = Number(Math.min(value - bound.min, (bound.max ?? Number.POSITIVE_INFINITY) - value).toPrecision(12));
    const measure = { title: "AUC", where: "x", value, bound, margin: left };
    expect([valueText(measure), boundText(measure), marginText(measure)]).toEqual([shown, required, margin]);
  });
});
