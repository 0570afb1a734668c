import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { House, shipped } from "./house.ts";
import type { Signed } from "./memory-pack.ts";
import type { Recordings } from "./retelling.ts";

// What a pipeline sends may be called as a document of Countersign's own, or have the bytes of one.

/** Evidence of the example under another name that sorts as its own does; some are refused by now, and stand in older logs. */
export async function evidenceCalled(name: string, instead = "model-quality.json"): Promise<Signed> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  return { house: { ...renamed(house, id, instead, name), attestation: house.attestation } };
}

/** Evidence that has the bytes of people.yaml of the policies, and is no evidence: the gates stop it. */
export async function withBytesOfPeople(): Promise<{ readonly house: House; readonly id: PromotionId }> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0", {
    "evidence/unit-tests.xml": shipped.bundle.texts["people.yaml"],
  });
  await house.freezeAndJudge(id);
  return { house, id };
}

/** What a service recorded that let a pipeline call a file so: in everything that names it, and by the digests of that. */
function renamed(house: Recordings, id: PromotionId, from: string, to: string): Recordings {
  const own = new Set(["freeze.json", "gate-report.json", "evidence-summary.json"]);
  const naming = house.facts.flatMap(({ attachments }) => attachments.filter(({ name }) => own.has(name)));
  const words = new Map([[from, to]]);
  const retold = (text: string) => [...words].reduce((told, [word, other]) => told.replaceAll(word, other), text);
  const blobs = new Map(house.blobs);
  // The manifest comes first, which the others name.
  for (const { sha256 } of naming) {
    const bytes = utf8(retold(fromUtf8(blobs.get(sha256) ?? new Uint8Array())));
    const digest = sha256Hex(bytes);
    blobs.set(digest, bytes);
    words.set(sha256, digest);
    if (!words.has(id)) words.set(id, promotionId(digest, 1));
  }
  return { facts: JSON.parse(retold(JSON.stringify(house.facts))), blobs };
}
