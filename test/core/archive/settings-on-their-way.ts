import type { PackScope } from "../../../core/archive/pack/pack-manifest.ts";
import { readToken } from "../../../core/attestation/id-token.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { authenticator } from "../attestation/authenticator.ts";
import { cora, House, installation, sam } from "./house.ts";
import { keptAndWithdrawn } from "./kept-and-crashed.ts";
import { approved } from "./left-under-way.ts";
import { type Files, packOf } from "./memory-pack.ts";
import { factOf } from "./retelling.ts";

/** A house that was installed with another provider and page, and has just moved to its own. */
function moved(others: readonly Member[] = []): House {
  const before = {
    issuer: "https://before.example",
    passkeys: { rpId: "before.example", origins: ["https://before.example"] },
  };
  const house = new House(undefined, undefined, others, undefined, { installation: before });
  house.moveTo({ issuer: installation.issuer, passkeys: installation.passkeys });
  return house;
}

const untold = (house: House) => house.facts.filter(({ id }) => id !== "installation/settings/2");

/**
 * Moments after a deployment another provider signs people in, and passkeys are made on another page: a candidate is approved. The
 * log goes on for so many seconds, and the record of these settings has come to it, or not.
 */
export async function signedInElsewhere(goesOn: number, told = false): Promise<Files> {
  const house = moved();
  const device = authenticator();
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  const id = await house.submit("candidate", "2.0.0");
  await approved(house, id, device);
  return await packOf({ house }, { facts: told ? house.facts : untold(house), goesOn });
}

/** The same of approvals that were written as kept for a newer candidate, which was withdrawn before it rested on them. */
export async function keptOfElsewhere() {
  const { house } = await keptAndWithdrawn(moved);
  const packUntil = (goesOn: number, scope: PackScope = { kind: "everything" }) =>
    packOf({ house }, { facts: untold(house), goesOn, scope });
  return { house, packUntil };
}

/** A moment ago somebody signed in for two applications at once, as nobody does. */
export async function signedInForTwo(): Promise<Files> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  const signed = factOf(house, "sign-off");
  const named = signed.attachments.find(({ name }) => name === "id-token.jwt");
  const before = named && house.blobs.get(named.sha256);
  if (named === undefined || before === undefined) throw new Error("Nobody signed in.");
  const { nonce, iat, aud } = readToken(fromUtf8(before)).claims;
  const at = instantFromMs(Number(iat) * 1000);
  const bytes = utf8(house.provider.token(cora, String(nonce), at, { aud: [aud, "another"] }));
  const sha256 = sha256Hex(bytes);
  const attachments = signed.attachments.map((each) => (each === named ? { ...named, sha256 } : each));
  const facts = house.facts.map((each) => (each === signed ? { ...signed, attachments } : each));
  return await packOf({ house }, { facts, blobs: new Map(house.blobs).set(sha256, bytes), goesOn: 0 });
}
