import type { Member } from "../../../core/promotion/identity.ts";
import { type Authenticator, authenticator } from "../attestation/authenticator.ts";
import { cora, House, shipped, shippedWith } from "./house.ts";
import { type Files, packOf } from "./memory-pack.ts";
import { member } from "./reviewers.ts";

/** An account in the directory, and no more. */
export const visitor = member("Vera", "visitors");

/** A service that takes anybody for somebody who may confirm a passkey. */
class LaxHouse extends House {
  async confirmed(device: Authenticator, by: Member): Promise<void> {
    const inForce = this.policy;
    const matrix = inForce.bundle.texts["matrix.yaml"];
    this.policy = shippedWith(matrix.replace(/^roles:\n/m, "$&  visitor: { title: Visitor, groups: [visitors] }\n"));
    await this.passkey("confirm", device, cora, by);
    this.policy = inForce;
  }
}

/** A passkey that somebody confirmed, and a candidate beside it. */
export async function passkeyConfirmedBy(by: Member): Promise<Files> {
  const house = new LaxHouse(undefined, shipped, [visitor]);
  const device = authenticator("ES256", "first");
  await house.passkey("enrol", device, cora);
  await house.confirmed(device, by);
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0"));
  house.pass(3600);
  await house.submit("weak", "9.0.0");
  return await packOf({ house });
}
