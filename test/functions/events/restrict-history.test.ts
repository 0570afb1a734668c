import { expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { applyRemedy } from "../../../functions/events/restrict/apply-remedy.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, digestOf, now } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const former = await approvedPromotion("1.3.0");
const older = await approvedPromotion("1.2.0", {
  over: { submittedAt: addSeconds(former.promotion.submittedAt, -60) },
});
const drifted = await approvedPromotion("1.4.0", {
  over: {
    status: "restricted",
    submittedAt: addSeconds(now, -3600),
    restriction: restriction({ remedy: "previous" }),
  },
});
const { id } = drifted.promotion;
const nextOf = ({ id, history }: Promotion) => `${id}/${history.length}`;

/** What serves once a model drifted, where the ledger tells so many looks long of these what the table does not. */
async function servesAfter(apart: readonly string[], looks = Number.POSITIVE_INFINITY) {
  const promotions = new MemoryPromotions([older.promotion, former.promotion, drifted.promotion]);
  const target = new MemoryTarget({ revision: id, promotion: id });
  let looked = 0;
  await applyRemedy({
    now: () => now,
    log: () => {},
    attestationBase,
    artifactsBucket: "artifacts",
    promotions,
    inLedger: async (ids) => {
      looked += 1;
      const told = looked > looks ? [] : ids.filter((each) => apart.includes(each));
      return new Map(told.map((each) => [each, { leafHash: digestOf("another life") }]));
    },
    blobs: new MemoryBlobs([former.bytes, older.bytes, drifted.bytes]),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
  })(id);
  return { started: target.started.map(({ order }) => order.promotion), drifted: promotions.stored(id) };
}

it("what drifted makes place for no version of which the ledger tells more than the table, as that it drifted itself", async () => {
  expect((await servesAfter([])).started).toEqual([former.promotion.id]);
  expect((await servesAfter([nextOf(former.promotion)])).started).toEqual([older.promotion.id]);
  const none = await servesAfter([former, older].map(({ promotion }) => nextOf(promotion)));
  expect(none.started).toEqual([]);
  expect(none.drifted.history.at(-1)?.summary).toMatch(
    /1\.3\.0: The ledger tells p-\w+-1\/\d+ otherwise than the table/,
  );
});

it("what has only gone on between two looks is no other history", async () => {
  expect((await servesAfter([nextOf(former.promotion)], 1)).started).toEqual([former.promotion.id]);
});
