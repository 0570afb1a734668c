import { describe, expect, it } from "vitest";
import { delegationIdOf } from "../../../core/attestation/delegation-statement.ts";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { maySee, type Reader, readerOf } from "../../../functions/api/readers.ts";
import { standsInFor } from "../../../functions/people/delegations.ts";
import { cora, id, member, now, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { apiRequest } from "./api-request.ts";

// Emil holds no role; Cora, who is in compliance, is away.
const emil = member("Emil", "visitors");
const promotion = promotionInReview();
const { model, target } = promotion.manifest;

type Others = { readonly from?: Instant; readonly delegator?: Member; readonly delegate?: Member };

function standIn(scope: object, { from = now, delegator = cora, delegate = emil }: Others = {}) {
  const delegation = {
    ...{ delegator: delegator.identity, delegate: delegate.identity, role: "compliance-officer", scope, from },
    ...{ until: addSeconds(from, 86_400), reason: "", salt: "AAAAAAAAAAAAAAAAAAAAAA" },
  };
  const said = { personName: delegator.name, groups: delegator.groups, recordedAt: from, idToken: "" };
  return {
    ...{ id: delegationIdOf(delegation), deed: "delegate", delegation, person: delegator.identity, ...said },
    ...{ envelope: { payload: "", payloadType: "", signatures: [] }, jwks: { keys: [] } },
  } satisfies RecordedDelegationDeed as RecordedDelegationDeed;
}

const reading = (deeds: readonly RecordedDelegationDeed[], members: readonly Member[] = [cora]): Promise<Reader> =>
  readerOf(apiRequest(), {
    now: () => now,
    claimsMachine: () => false,
    verifyPerson: async () => ({ identity: emil.identity, name: "Emil", groups: emil.groups, authenticatedAt: now }),
    verifyMachine: async () => emil.identity,
    groups: ["compliance-officers"],
    standsIn: (person) =>
      standsInFor(person, deeds, now, { roles: policy.matrix.roles, directory: memoryDirectory(members) }),
  });

describe("whoever holds no role and stands in for somebody", () => {
  it.each([
    ["all", {}],
    ["its model", { model: model.name }],
    ["its model type and target", { modelType: model.type, target: target.name }],
  ])("sees a promotion where that is for %s", async (_, scope) => {
    expect(promotion.id).toBe(id);
    expect(maySee(await reading([standIn(scope)]), promotion)).toBe(true);
  });

  it.each([
    ["another model", { model: "other" }],
    ["another model type", { modelType: "other" }],
    ["another target", { model: model.name, target: "other" }],
  ])("sees nothing of it where that is for %s", async (_, scope) => {
    expect(maySee(await reading([standIn(scope)]), promotion)).toBe(false);
    expect(maySee(await reading([standIn(scope), standIn({})]), promotion)).toBe(true);
  });

  it("is nobody once it is over, where it is another who stands in, or whoever is away holds the role no more", async () => {
    const wanted = { code: "forbidden" };
    const nobody: readonly [readonly RecordedDelegationDeed[], readonly Member[]][] = [
      [[], [cora]],
      [[standIn({}, { from: addSeconds(now, -86_400) })], [cora]],
      [[standIn({}, { delegate: member("Fay", "visitors") })], [cora]],
      [[standIn({})], []],
      [[standIn({})], [{ ...cora, enabled: false }]],
      [[standIn({})], [{ ...cora, groups: ["visitors"] }]],
    ];
    for (const [deeds, members] of nobody) await expect(reading(deeds, members)).rejects.toMatchObject(wanted);
  });
});
