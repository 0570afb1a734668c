import { base64url } from "../../../core/encoding/base64.ts";
import { fromHex, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { cora, House, sam } from "./house.ts";
import { changed, type Retold } from "./retelling.ts";
import { identityProvider } from "./reviewers.ts";

/** Two people approved; and the same with the second one's sign-in made by a key of the service's own, under the name of the provider's. */
export async function forgedSignIn(kid = "key-1"): Promise<{ readonly house: House; readonly forged: Fact } & Retold> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  const forged = house.facts.findLast(({ type }) => type === "sign-off");
  if (forged === undefined) throw new Error("Nobody signed.");
  const own = identityProvider(kid);
  const nonce = base64url(fromHex(String(forged.body["signOff"])));
  const documents = new Map([
    ["id-token.jwt", utf8(own.token(sam, nonce, forged.at))],
    ["jwks.json", canonicalJsonBytes({ ...own.jwks })],
  ]);
  const blobs = new Map<Sha256, Uint8Array>(house.blobs);
  for (const bytes of documents.values()) blobs.set(sha256Hex(bytes), bytes);
  const attachments = forged.attachments.map((each) => {
    const bytes = documents.get(each.name);
    return bytes === undefined ? each : { ...each, sha256: sha256Hex(bytes) };
  });
  return { house, forged, facts: changed(house, forged, (fact) => ({ ...fact, attachments })), blobs };
}
