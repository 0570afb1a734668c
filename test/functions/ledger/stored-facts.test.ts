import { describe, expect, it } from "vitest";
import { finishedExport, startedExport } from "../../../core/archive/export/export-job.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { attachmentOf } from "../../../core/attestation/recorded-sign-off.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { listsApart, listsName } from "../../../core/promotion/lists-apart.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { documentsIn, factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { idBefore, isDeed, isHistory } from "../../../functions/ledger/told-otherwise.ts";
import { asked } from "../../core/approval/lenders.ts";
import { askedExport } from "../../core/archive/export/asked-export.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed } from "../../core/attestation/given-delegation.ts";
import { passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, digestOf, id, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { given } from "../api/delegation-requests.ts";

const recorded = await givenSignOff(promotionInReview(), cora);
const { envelope, idToken, jwks } = recorded;
const loan: RecordedLoan = { signature: asked, envelope, idToken, jwks } as RecordedLoan;
const enrolled = await passkeyDeed("enrol", authenticator(), cora);
const delegated = await delegationDeed("delegate", given, sam);
/** A thousand sign-offs fell: more than a record would hold. */
const fell = { fallen: Array.from({ length: 1000 }, (_, at) => digestOf(`${at}`)), kept: [] };
const opened = advance(promotionInReview(), {}, told("stage-opened"));
const restarted = advance(opened, {}, told("seat-reopened", fell));

function told(type: Fact["type"], body: Fact["body"] = {}) {
  return { type, at: now, summary: `It is ${type}.`, body, attachments: [] };
}
const alone = (type: Fact["type"], body: Fact["body"] = {}): Fact => ({
  ...{ ...told(type, body), id: `${id}/${type}/1`, promotion: id },
});

describe("an item of the table", () => {
  it.each<[string, Stored]>([
    ["a sign-off", { kind: "sign-off", recorded }],
    ["a loan's signature", { kind: "loan", recorded: loan }],
    ["a passkey's deed", { kind: "passkey", deed: enrolled }],
    ["a delegation's deed", { kind: "delegation", deed: delegated }],
  ])("of %s is one fact, with every document that it names", (_, stored) => {
    const [fact, ...more] = factsIn(stored);
    expect(more).toEqual([]);
    expect(fact?.attachments.length).toBeGreaterThan(0);
    expect(documentsIn(stored).map(attachmentOf)).toEqual(fact?.attachments);
  });

  it("of a promotion is what its history has more than before, with the lists that a record would not hold", () => {
    const stored: Stored = { kind: "promotion", promotion: restarted };
    expect(factsIn(stored)).toEqual(restarted.history);
    expect(factsIn(stored, { kind: "promotion", promotion: opened })).toEqual(restarted.history.slice(1));
    expect(factsIn(stored, { kind: "lane" })).toEqual(restarted.history);
    expect(documentsIn(stored).map(({ name }) => name)).toEqual([listsName]);
    expect(documentsIn({ kind: "promotion", promotion: opened })).toEqual([]);
  });

  it("of a fact that stands by itself is that, with its lists", () => {
    const fact = alone("seat-reopened", fell);
    const stored: Stored = { kind: "fact", fact };
    expect(factsIn(stored)).toEqual([fact]);
    expect(documentsIn(stored)).toEqual([listsApart(fact).document]);
    expect(documentsIn({ kind: "fact", fact: alone("link-opened") })).toEqual([]);
  });

  it("of an export is what it tells more than before", () => {
    const ledger = { origin: "countersign.example/ledger", entries: 12, rootHash: "r" };
    const pack = { file: "audit-1.zip", bytes: 6, sha256: digestOf("a pack"), ledger };
    const done = finishedExport(startedExport(askedExport, now) ?? expect.unreachable(), pack, now);
    expect(factsIn({ kind: "export", job: askedExport })).toEqual(askedExport.history);
    expect(factsIn({ kind: "export", job: done }, { kind: "export", job: askedExport })).toEqual(
      done.history.slice(askedExport.history.length),
    );
    expect(factsIn({ kind: "export", job: done }, { kind: "lane" })).toEqual(done.history);
    expect(documentsIn({ kind: "export", job: done })).toEqual([]);
  });

  it.each([
    "lane",
    "turn-book",
    "loan-book",
    "unknown",
    "passkey-use",
    "passkey-place",
    "delegation-end",
    "policy",
  ] as const)("of the kind %s tells nothing", (kind) => {
    expect([factsIn({ kind }), documentsIn({ kind })]).toEqual([[], []]);
  });
});

describe("a fact's place", () => {
  const at = (number: string, promotion: PromotionId | undefined = id) => ({
    ...{ id: `${id}/${number}`, ...(promotion === undefined ? {} : { promotion }) },
  });

  it.each([
    ["0", true, undefined],
    ["1", true, `${id}/0`],
    ["12", true, `${id}/11`],
    ["12a", false, undefined],
    ["link-opened/1", false, undefined],
    ["sign-off/7", false, undefined],
  ])("is in its promotion's history by its number alone: %s", (number, history, before) => {
    expect([isHistory(at(number)), idBefore(at(number))]).toEqual([history, before]);
  });

  it("is in no history where it is about no promotion", () => {
    const { promotion: _, ...fact } = { ...at("1"), promotion: undefined };
    expect([isHistory(fact), idBefore(fact)]).toEqual([false, undefined]);
  });

  it.each<[Fact["type"], boolean]>([
    ["sign-off", true],
    ["question", true],
    ["outcome", true],
    ["notification-queued", false],
    ["notification-delivered", false],
    ["link-opened", false],
    ["escalated", false],
  ])("is a deed's unless people were told by it: %s", (type, deed) => {
    expect(isDeed(alone(type))).toBe(deed);
    // What a promotion tells in its order is none, nor what is about none.
    expect(isDeed({ ...alone(type), id: `${id}/1` })).toBe(false);
    const { promotion: _, ...installed } = alone(type);
    expect(isDeed(installed)).toBe(false);
  });
});
