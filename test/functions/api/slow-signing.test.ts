import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { delegationRequest, delegationScene, routes as ofDelegations } from "./delegation-requests.ts";
import { routes as ofPasskeys, passkeyRequest, passkeyScene } from "./passkey-requests.ts";

/** A key that takes so many seconds to sign, and the clock that goes on meanwhile. */
function slowBy(seconds: number) {
  let at = now;
  const sign: typeof attestation.sign = async (digest) => {
    at = addSeconds(at, seconds);
    return attestation.sign(digest);
  };
  return { now: () => at, sign };
}

async function enrolled(seconds: number) {
  const { passkeys, post } = passkeyScene({ ports: slowBy(seconds) });
  const sent = post(ofPasskeys.enrol, passkeyRequest("enrol"));
  return { sent, recorded: () => passkeys.deeds() };
}

async function delegated(seconds: number) {
  const { delegations, post } = delegationScene({ ports: slowBy(seconds) });
  const sent = post(ofDelegations.delegate, delegationRequest("delegate"));
  return { sent, recorded: async () => delegations.recorded };
}

describe.each([
  ["a passkey", enrolled],
  ["a delegation", delegated],
])("%s that takes long to be signed", (_, signed) => {
  it("is recorded as of when it was looked at again", async () => {
    const { sent, recorded } = await signed(60);
    expect((await sent).status).toBe(201);
    expect((await recorded()).map(({ recordedAt }) => recordedAt)).toEqual([addSeconds(now, 60)]);
  });

  it("is not recorded where it could not be signed any more by then", async () => {
    const { sent, recorded } = await signed(86_400);
    expect((await refused(sent)).code).toMatch(/^(statement|token)-expired$/);
    expect(await recorded()).toEqual([]);
  });
});
