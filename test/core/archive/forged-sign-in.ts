import { base64url } from "../../../core/encoding/base64.ts";
import { fromHex, hex, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf } from "./memory-pack.ts";
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

/** A promotion that people signed for; and since an earlier head another one, for which the service signed in. */
export async function forgedSince() {
  const house = new House();
  const approve = async (version: string) => {
    const id = await house.submit("candidate", version);
    await house.freezeAndJudge(id);
    for (const people of [[cora], [sam, dana]]) {
      await house.openStage(id);
      for (const person of people) await house.sign(id, person);
    }
    await house.verify(id);
    await house.deploy(id);
    return id;
  };
  await approve("2.0.0");
  // What was young at the earlier head is looked at again.
  house.pass(3 * 86_400);
  await house.submit("weak", "9.0.0");
  const count = house.facts.length;
  house.pass(3600);
  const second = await approve("3.0.0");
  const own = identityProvider("key-1");
  const jwks = canonicalJsonBytes({ ...own.jwks });
  const blobs = new Map<Sha256, Uint8Array>(house.blobs).set(sha256Hex(jwks), jwks);
  const facts = house.facts.map((fact) => {
    if (fact.type !== "sign-off" || fact.promotion !== second) return fact;
    const { subject } = fact.body["reviewer"] as { readonly subject: string };
    const person = [cora, sam, dana].find(({ identity }) => identity.subject === subject) ?? cora;
    const token = utf8(own.token(person, base64url(fromHex(String(fact.body["signOff"]))), fact.at));
    blobs.set(sha256Hex(token), token);
    const forged = new Map([
      ["id-token.jwt", sha256Hex(token)],
      ["jwks.json", sha256Hex(jwks)],
    ]);
    const attachments = fact.attachments.map((each) => ({ ...each, sha256: forged.get(each.name) ?? each.sha256 }));
    return { ...fact, attachments };
  });
  const log = new MemoryLedger();
  const before = await packOf({ house }, { facts: facts.slice(0, count), blobs, log });
  const bytes = before.get("log/checkpoint") ?? new Uint8Array();
  const since = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
  const { size, root } = since.checkpoint;
  const files = await packOf({ house }, { facts: facts.slice(count), blobs, log });
  const part = await packOf({ house }, { facts: [], blobs, log, scope: { kind: "since", size, root: hex(root) } });
  return { files, since, part };
}
