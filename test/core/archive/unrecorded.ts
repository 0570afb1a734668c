import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { cora, House } from "./house.ts";

/** The envelope of what a record tells was signed, as whoever signed it was answered. */
export function answerFor(fact: Fact, blobs: ReadonlyMap<Sha256, Uint8Array>): Uint8Array {
  const kept = fact.attachments.find(({ name }) => name.endsWith(".dsse.json"));
  const bytes = kept === undefined ? undefined : blobs.get(kept.sha256);
  if (bytes === undefined) throw new Error(`'${fact.id}' tells of nothing signed.`);
  const envelope: Json = JSON.parse(fromUtf8(bytes));
  return canonicalJsonBytes({ id: fact.id, recordedAt: fact.at, envelope });
}

/** A house in which Cora rejected a candidate; what she was answered, and the facts without that. */
export async function unrecordedRejection(house = new House()): Promise<{
  readonly house: House;
  readonly answer: Uint8Array;
  readonly without: () => readonly Fact[];
}> {
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "reject", { reason: "Never.", unheard: true });
  const rejection = house.facts.find(({ type }) => type === "sign-off");
  if (rejection === undefined) throw new Error("Nobody signed.");
  const answer = answerFor(rejection, house.blobs);
  house.promotions.forgetLatest();
  return { house, answer, without: () => house.facts.filter((fact) => fact !== rejection) };
}

/** When packs of a log that goes on for so long are looked at. */
export const muchLater = "2026-11-27T00:00:00.000Z" as Instant;

/** Until whatever was signed has to be in the log. */
export async function longAfter(house: House): Promise<void> {
  house.pass(2 * 86_400);
  await house.submit("weak", "9.0.0");
}
