import { describe, expect, it } from "vitest";
import { loanFactId, type RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import {
  cora,
  digestOf,
  everybody,
  id,
  member,
  now,
  openedAt,
  openStage,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { addresses, fact, portalUrl, scene, signed } from "./notify-scene.ts";

describe("a loan that somebody asks for", () => {
  const terms = { seconds: 3600, incident: "https://incidents.example/7" };
  const request: RecordedLoan = {
    ...signed("loan"),
    signature: {
      ...{ id: digestOf("request"), promotion: id, review: 1, terms, reason: "It declines everybody.", role: "sre" },
      ...{ reviewer: sam.identity, reviewerName: sam.name, groups: sam.groups, recordedAt: now },
    },
  };
  const told = (promotion = promotionInReview(), recorded = request) => {
    const asked = scene(promotion);
    const factId = loanFactId(id, recorded.signature.id);
    return { ...asked, ask: () => asked.hear("loan-requested", id, factId), recorded };
  };

  it("is told at once to everybody whose seat it would do without, while it can still be stopped", async () => {
    const { promotions, letters, ask } = told();
    await promotions.recordLoan(request);
    await ask();
    await ask();
    expect(addresses(letters).toSorted()).toEqual(everybody.map(({ address }) => address).toSorted());
    const [first] = letters;
    expect(first?.subject).toBe("Somebody asks for a loan: credit-scoring 1.4.0 for production");
    expect(first?.letter).toContain("Sam asked for a loan of 1 hour as SRE. It declines everybody.");
    expect(first?.letter).toContain("Whoever may reject the candidate can stop it now.");
    expect(first?.link).toBe(`${portalUrl}/#/promotions/${id}`);
  });

  it("is told in its own words, where several are asked for, and to no disabled account", async () => {
    const second = { ...request, signature: { ...request.signature, id: digestOf("second"), reason: "It is slow." } };
    const { promotions, letters, hear } = scene(promotionInReview(), [cora, { ...sam, enabled: false }]);
    for (const each of [request, second]) await promotions.recordLoan(each);
    await hear("loan-requested", id, loanFactId(id, second.signature.id));
    expect(addresses(letters)).toEqual([cora.address]);
    expect(letters[0]?.letter).toContain("It is slow.");
    await hear("loan-requested", id, loanFactId(id, digestOf("none")));
    expect(letters).toHaveLength(1);
  });

  it("is told to nobody's delegate: they confirm nothing", async () => {
    const emil = member("Emil", "visitors");
    const deed = await delegationDeed("delegate", delegationDocument(cora, emil, "compliance-officer"), cora, openedAt);
    const { promotions, letters, hear } = scene(promotionInReview(), [...everybody, emil], {
      delegations: new MemoryDelegations(deed),
      absences: new MemoryAbsences({ person: cora.identity, until: addSeconds(now, 86_400) }),
    });
    await promotions.recordLoan(request);
    await hear("loan-requested", id, loanFactId(id, request.signature.id));
    expect(addresses(letters)).not.toContain(emil.address);
  });

  it.each<[string, Partial<Promotion>, Partial<RecordedLoan["signature"]>]>([
    [
      "comes too late once something is lent",
      { loan: { terms, lenders: [], at: now, until: addSeconds(now, 3600) } },
      {},
    ],
    ["that confirms another is told as what comes of it", {}, { confirms: digestOf("other") }],
    ["of an earlier review is over", {}, { review: 0 }],
    ["comes too late once it has ended", { status: "rejected" }, {}],
  ])("%s", async (_, over, signature) => {
    const { promotions, letters, ask, recorded } = told(promotionInReview(over), {
      ...request,
      signature: { ...request.signature, ...signature },
    });
    await promotions.recordLoan(recorded);
    await ask();
    expect(letters).toEqual([]);
  });
});

describe("a loan that was given", () => {
  const given = { ...fact("loan", {}), id: `${id}/4` };
  const until = addSeconds(now, 3600);
  const terms = { seconds: 3600, incident: "https://incidents.example/7" };
  const lent = promotionInReview({
    ...{ status: "loaned", stage: { ...openStage(1), deadline: until }, history: [given] },
    loan: { terms, lenders: [], at: now, until },
  });

  it("is told to whoever may ratify it in the place of somebody who is away, beside everybody whose role the rule names", async () => {
    const emil = member("Emil", "visitors");
    const deed = await delegationDeed("delegate", delegationDocument(sam, emil, "sre"), sam, openedAt);
    const { letters, hear } = scene(lent, [...everybody, emil], {
      delegations: new MemoryDelegations(deed),
      absences: new MemoryAbsences({ person: sam.identity, until: addSeconds(now, 86_400) }),
    });
    await hear("loan", id, given.id);
    expect(addresses(letters).toSorted()).toEqual([...everybody, emil].map(({ address }) => address).toSorted());
  });

  it("is told once more as its review is opened afterwards", async () => {
    const opened = { ...fact("loan-review-opened", {}), id: `${id}/5` };
    const { letters, hear } = scene({ ...lent, history: [given, opened] });
    await hear("loan-review-opened", id, opened.id);
    expect(addresses(letters).toSorted()).toEqual(everybody.map(({ address }) => address).toSorted());
  });

  it("is not told to a delegate of somebody who is there", async () => {
    const emil = member("Emil", "visitors");
    const { letters, hear } = scene(lent, [...everybody, emil]);
    await hear("loan", id, given.id);
    expect(addresses(letters)).not.toContain(emil.address);
  });
});
