import type { DelegationDocument } from "../../../../core/attestation/delegation-statement.ts";
import { keyFact, keyGeneration } from "../../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { authenticator } from "../../attestation/authenticator.ts";
import type { AttestationKey } from "../../attestation/signing-keys.ts";
import { cora, dana, House, sam, shipped } from "../house.ts";
import { attestationBase, attestationKey, member } from "../reviewers.ts";

// Honest histories, each of one kind and together of most records that anything rests on: short, since each record of them is told
// otherwise in several ways, and each time two verifiers look at all of it.

export interface SweepStory {
  readonly house: House;
  /** Every key that signs for the service in it, the oldest first. */
  readonly keys: readonly AttestationKey[];
}

/** No two of what follows are of the same few seconds, in which clocks may differ. */
export const apart = 10;

/** Everybody signs, and what they sign is heard seconds later. */
export async function signed(house: House, id: PromotionId, ...[who, ...how]: Signature): Promise<void> {
  const [result, options] = how;
  await house.sign(id, who, result, { ...options, unheard: true });
  house.pass(apart);
  await house.decide(id);
  house.pass(apart);
}
type Signature = Parameters<House["sign"]> extends [PromotionId, ...infer Rest] ? Rest : never;

export async function opened(house: House, id: PromotionId): Promise<void> {
  await house.openStage(id);
  house.pass(apart);
}

export async function released(house: House, id: PromotionId): Promise<void> {
  await house.verify(id);
  house.pass(apart);
  await house.deploy(id);
  house.pass(apart);
}

export const story = (house: House, keys: readonly AttestationKey[] = [house.attestation]): SweepStory => ({
  house,
  keys,
});

export async function judged(house: House, id: PromotionId): Promise<void> {
  house.pass(apart);
  await house.freeze(id);
  house.pass(apart);
  await house.judge(id);
  house.pass(apart);
  await opened(house, id);
}

export async function inReview(house: House, version: string): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await judged(house, id);
  return id;
}

const emil = member("Emil", "visitors");
const morning = "2026-11-23T08:00:00.000Z" as Instant;
const delegation: DelegationDocument = {
  ...{ delegator: dana.identity, delegate: emil.identity, role: "lead-data-scientist" },
  ...{ scope: { modelType: "credit-scoring" }, from: morning, until: addSeconds(morning, 7 * 86_400) },
  ...{ reason: "", salt: "AAAAAAAAAAAAAAAAAAAAAA" },
};

/** One by a delegate, who may do so no more; one after an approval was taken back and given again; and one that was rejected. */
async function reviews(): Promise<SweepStory> {
  const house = new House(undefined, undefined, [emil]);
  const first = await inReview(house, "2.0.0");
  await signed(house, first, cora);
  await opened(house, first);
  const given = await house.delegate("delegate", delegation, dana);
  await signed(house, first, emil, "approve", { inPlaceOf: { who: dana, delegation: given, role: delegation.role } });
  await signed(house, first, sam);
  await released(house, first);
  await house.delegate("revoke", delegation, dana);
  const second = await inReview(house, "2.1.0");
  await signed(house, second, cora);
  await opened(house, second);
  await signed(house, second, sam);
  await signed(house, second, sam, "withdraw", { reason: "Not yet." });
  await signed(house, second, sam);
  await signed(house, second, dana);
  await released(house, second);
  const third = await inReview(house, "2.2.0");
  await signed(house, third, cora);
  await opened(house, third);
  await signed(house, third, sam, "reject", { reason: "The runbook is missing." });
  return story(house);
}

const lenders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));

/** One that was taken back when its time was over, and one that its quorum ratified. */
async function loans(): Promise<SweepStory> {
  const house = new House(undefined, undefined, lenders);
  const [ida = cora, olaf = cora] = lenders;
  const lent = async (version: string) => {
    const id = await inReview(house, version);
    await signed(house, id, cora);
    await opened(house, id);
    const first = await house.lend(id, ida, { seconds: 3600 });
    await house.lend(id, olaf, { seconds: 3600, confirms: first, unheard: true });
    house.pass(apart);
    await house.decide(id);
    house.pass(apart);
    await released(house, id);
    return id;
  };
  const over = await lent("2.0.0");
  house.pass(3600);
  await house.expire(over);
  house.pass(apart);
  await house.cleanUp(over);
  const ratified = await lent("2.1.0");
  await signed(house, ratified, dana);
  await signed(house, ratified, sam);
  await house.verify(ratified);
  return story(house);
}

const { "matrix.yaml": matrix } = shipped.bundle.texts;

/** Policies that change under a review, a key of the service's that another follows, and a passkey that is revoked. */
async function changes(): Promise<SweepStory> {
  const house = new House(undefined, undefined, lenders);
  const old = house.attestation;
  const device = authenticator("ES256", "first");
  await house.passkey("enrol", device, sam);
  await house.passkey("confirm", device, sam, cora);
  const candidate = await inReview(house, "2.0.0");
  await signed(house, candidate, cora);
  await opened(house, candidate);
  await signed(house, candidate, sam, "approve", { device });
  const next = attestationKey();
  const [one, other] = [old, next].map(({ key }, place) => keyGeneration("attestation", place + 1, key.pem));
  if (one === undefined || other === undefined) throw new Error("There are two keys.");
  const by = ({ key, sign }: AttestationKey) => ({
    keyid: key.keyid,
    sign: async (message: Uint8Array) => sign(sha256Bytes(message)),
  });
  await house.promotions.recordFact(
    await keyFact(other, { change: "published" }, house.now(), attestationBase, by(old)),
  );
  house.hold(next.key);
  await house.tellOfKeys();
  house.attestation = next;
  const until = addSeconds(house.now(), 600);
  await house.promotions.recordFact(
    await keyFact(one, { change: "retired", until }, house.now(), attestationBase, by(next)),
  );
  await house.tellOfKeys();
  await house.passkey("revoke", device, sam);
  const change = await house.proposePolicy(sam, { "matrix.yaml": `${matrix}# Read once more.\n` });
  await judged(house, change);
  await signed(house, change, cora);
  await signed(house, change, dana);
  await house.verify(change);
  house.pass(apart);
  await house.activatePolicy(change);
  house.pass(apart);
  await signed(house, candidate, dana);
  await released(house, candidate);
  return story(house, [old, next]);
}

export const sweepStories = { reviews, loans, changes };
