import { authenticator } from "../attestation/authenticator.ts";
import { cora, dana, House, installation, sam } from "./house.ts";
import { type Files, packOf } from "./memory-pack.ts";

/**
 * Moments after a deployment another provider signs people in, and passkeys are made on another page: a candidate is approved. The
 * log goes on for so many seconds, and the record of these settings has come to it, or not.
 */
export async function signedInElsewhere(goesOn: number, told = false): Promise<Files> {
  const before = {
    issuer: "https://before.example",
    passkeys: { rpId: "before.example", origins: ["https://before.example"] },
  };
  const house = new House(undefined, undefined, [], undefined, { installation: before });
  house.moveTo({ issuer: installation.issuer, passkeys: installation.passkeys });
  const device = authenticator();
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "approve", { device });
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  const facts = house.facts.filter(({ id: of }) => told || of !== "installation/settings/2");
  return await packOf({ house }, { facts, goesOn });
}
