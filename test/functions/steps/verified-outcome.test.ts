import { describe, expect, it } from "vitest";
import type { PersonKey } from "../../../core/approval/entitlement.ts";
import type { PeopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import type { LostSeat } from "../../../core/approval/settled-stages.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { keptPeople } from "../../../functions/steps/verify-sign-offs/kept-people.ts";
import {
  withHold,
  withRejection,
  withSeatsReopened,
  withVerdict,
} from "../../../functions/steps/verify-sign-offs/outcome.ts";
import {
  bo,
  cora,
  dana,
  digestOf,
  everybody,
  id,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

const approved = promotionInReview({ status: "approved", stage: openStage(1, { open: false }) });
const { stage: _, ...stageless } = approved;
const last = (promotion: Promotion | undefined) => promotion?.history.at(-1) ?? expect.unreachable();
const until = addSeconds(now, 3600);
const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
const told = (type: Fact["type"], body: Fact["body"]): Fact => ({
  ...{ id: `${id}/0`, at: now, promotion: id, summary: "", attachments: [] },
  ...{ type, body },
});

describe("what a freeze window holds up", () => {
  it("has no verdict until it ends, and is told until when", () => {
    const held = withHold({ ...approved, verdict }, "year end", until, now);
    expect(held).not.toHaveProperty("verdict");
    expect(last(held)).toMatchObject({ type: "held", body: { window: "year end", until } });
  });

  it("is told once for each end", () => {
    const known = told("held", { window: "year end", until });
    expect(withHold({ ...approved, history: [known] }, "year end", until, now)).toBeUndefined();
    const longer = addSeconds(until, 60);
    expect(last(withHold({ ...approved, history: [known] }, "year end", longer, now)).body).toMatchObject({
      until: longer,
    });
    const other = told("expired", { until });
    expect(last(withHold({ ...approved, history: [other] }, "year end", until, now)).type).toBe("held");
  });

  it("loses a verdict that it was given meanwhile, although the window was told", () => {
    const known = told("held", { window: "year end", until });
    expect(withHold({ ...approved, verdict, history: [known] }, "year end", until, now)).not.toHaveProperty("verdict");
  });
});

describe("what reviewers rejected", () => {
  const outcome = { kind: "rejected", by: [cora, sam], reason: "Cora rejects it." } as const;

  it("says by whom, and its stage is closed", () => {
    const open: Promotion = { ...approved, stage: openStage(1) };
    const rejected = withRejection(open, outcome, now);
    expect(rejected).toMatchObject({ status: "rejected", reason: outcome.reason, stage: { index: 1, open: false } });
    expect(last(rejected)).toMatchObject({
      ...{ type: "rejected", summary: outcome.reason },
      body: { by: [cora.identity, sam.identity] },
    });
  });

  it("has no stage where it had none", () => {
    expect(withRejection(stageless, outcome, now)).not.toHaveProperty("stage");
  });
});

describe("a verdict", () => {
  const policyDocuments = ["policies.json", "people.yaml"].map((name) => ({
    ...{ name, mediaType: "application/json", sha256: digestOf(name) },
  }));
  const given = { people: digestOf("people"), policy: policyDocuments };

  it("that passed keeps what it was judged by, and the status", () => {
    const passed = withVerdict(approved, verdict.sha256, "PASSED", now, given);
    expect(passed).toMatchObject({ status: "approved", verdict });
    expect(passed).not.toHaveProperty("reason");
    expect(last(passed)).toMatchObject({
      summary: "Everything was verified again; the verdict is PASSED.",
      body: { result: "PASSED", policy: digestOf("policies.json") },
      attachments: [{ sha256: verdict.sha256 }, { name: "people.json", sha256: given.people }, ...policyDocuments],
    });
    expect(Object.keys(last(passed).body)).toEqual(["result", "policy"]);
  });

  it("that failed says why and by which rule, and blocks", () => {
    const failure = new Failure("signature-invalid", "It is not Cora's.");
    const failed = withVerdict(approved, verdict.sha256, "FAILED", now, { failure });
    expect(failed).toMatchObject({
      ...{ status: "blocked", reason: "It is not Cora's.", verdict: { ...verdict, result: "FAILED" } },
    });
    expect(last(failed)).toMatchObject({
      summary: "The verdict is FAILED: It is not Cora's.",
      body: { result: "FAILED", code: "signature-invalid" },
      attachments: [{ name: "verdict.dsse.json" }],
    });
    expect(last(failed).attachments).toHaveLength(1);
  });

  it("says of an exception that the calendar made what it is for, and of no other window", () => {
    const window = { window: "year end", until };
    const excepted = { kind: "excepted", ...window, reason: "A fix." } as const;
    const passed = withVerdict(approved, verdict.sha256, "PASSED", now, { ...given, calendar: excepted });
    expect(last(passed).summary).toBe(
      "Everything was verified again; the verdict is PASSED. The freeze window 'year end' has an exception for it: A fix.",
    );
    expect(last(passed).body).toMatchObject({ exception: { window: "year end", reason: "A fix." } });
    for (const calendar of [{ kind: "free" }, { kind: "frozen", ...window }] as const) {
      const other = withVerdict(approved, verdict.sha256, "PASSED", now, { ...given, calendar });
      expect(last(other).summary).toBe("Everything was verified again; the verdict is PASSED.");
      expect(last(other).body).not.toHaveProperty("exception");
    }
  });

  describe("of a loan", () => {
    const loan: Loan = {
      ...{ terms: { seconds: 3600, incident: "https://incidents.example/7" }, lenders: [] },
      ...{ at: now, until },
    };
    const lent: Promotion = { ...approved, status: "loaned", loan };

    it("that passed is the loan's, and leaves the quorum's open", () => {
      const passed = withVerdict(lent, verdict.sha256, "PASSED", now, given);
      expect(passed).toMatchObject({ status: "loaned", loan: { verdict: { sha256: verdict.sha256, at: now } } });
      expect(passed).not.toHaveProperty("verdict");
      expect(last(passed)).toMatchObject({
        summary: "Everything but the seats that are lent was verified again; the verdict is PASSED, for a loan.",
        body: { loan: true },
      });
    });

    it("that failed is the promotion's: nothing is lent under it", () => {
      const failed = withVerdict(lent, verdict.sha256, "FAILED", now, {
        failure: new Failure("statement-mismatch", "It is not what was signed."),
      });
      expect(failed).toMatchObject({ status: "blocked", verdict: { result: "FAILED" } });
      expect(failed.loan).not.toHaveProperty("verdict");
    });
  });
});

describe("seats that were lost since", () => {
  const lost: readonly LostSeat[] = [
    { stage: 1, leaf: "1", role: "sre", person: sam, key: "sam" as PersonKey, signOff: digestOf("sam"), why: "left" },
  ];
  const seats = [0, 1].map((index) => ({ index, seats: [] }));
  const before: Promotion = { ...approved, verdict, settled: seats };

  it("are open again: in review, without a verdict, and without the stage that they belong to", () => {
    const reopened = withSeatsReopened(before, lost, now);
    expect(reopened).toMatchObject({
      ...{ status: "in-review", settled: [{ index: 0 }], stage: { index: 1, open: false } },
      invalidated: [{ signOff: digestOf("sam"), why: "left" }],
    });
    expect(reopened.settled).toHaveLength(1);
    expect(reopened).not.toHaveProperty("verdict");
    expect(last(reopened)).toMatchObject({
      ...{ type: "seat-reopened", summary: "Sam left, so the seat 'sre' is open again." },
      body: { fallen: [{ signOff: digestOf("sam"), why: "left" }] },
    });
  });

  it("are open again under the loan where it is lent, and its open stage is closed", () => {
    const lent: Promotion = { ...before, status: "loaned", stage: openStage(1) };
    expect(withSeatsReopened(lent, lost, now)).toMatchObject({ status: "loaned", stage: { open: false } });
    expect(withSeatsReopened({ ...stageless, settled: seats }, lost, now)).not.toHaveProperty("stage");
  });
});

describe("what a verdict keeps of people", () => {
  const documents = ["policies", "people"].map((name) => ({
    ...{ name: `${name}.json`, mediaType: "application/json", bytes: utf8(name) },
  }));
  async function kept(
    signed: Parameters<typeof keptPeople>[1],
    promotion: Promotion = approved,
  ): Promise<{ readonly names: readonly string[]; readonly blobs: MemoryBlobs; readonly told: object }> {
    const blobs = new MemoryBlobs();
    const { people, ...told } = await keptPeople(promotion, signed, everybody, {
      ...{ policy, policyDocuments: documents, salt: () => "ab".repeat(16), blobs: { put: blobs.put } },
    });
    const snapshot = JSON.parse(fromUtf8(await blobs.get(people))) as PeopleSnapshot;
    return { names: snapshot.members.map(({ address }) => address).toSorted(), blobs, told };
  }

  it("is who signed, and in whose place, and nobody else", async () => {
    expect((await kept([{ reviewer: cora.identity }])).names).toEqual([cora.address]);
    const onBehalfOf = { person: dana.identity } as NonNullable<Parameters<typeof keptPeople>[1][number]["onBehalfOf"]>;
    const { names } = await kept([{ reviewer: cora.identity }, { reviewer: bo.identity, onBehalfOf }]);
    expect(names).toEqual([bo, cora, dana].map(({ address }) => address));
  });

  it("is the policies beside it, of which nothing is written that a record of the promotion brought before", async () => {
    const [first, second] = documents.map(({ bytes }) => sha256Hex(bytes));
    const policyTold = documents.map(({ bytes, name, mediaType }) => ({ name, mediaType, sha256: sha256Hex(bytes) }));
    const { blobs, told: all } = await kept([{ reviewer: cora.identity }]);
    expect(all).toEqual({ policy: policyTold });
    for (const sha256 of [first, second]) expect(blobs.has(sha256 ?? expect.unreachable())).toBe(true);
    const brought = { ...told("gates", {}), attachments: policyTold.slice(0, 1) };
    const again = await kept([{ reviewer: cora.identity }], { ...approved, history: [brought] });
    expect(again.told).toEqual({ policy: policyTold });
    expect([first, second].map((each) => again.blobs.has(each ?? expect.unreachable()))).toEqual([false, true]);
  });
});
