import { expect, it } from "vitest";
import { issuedAt, issuedByNow, issuedIn } from "../../../core/attestation/signed-at.ts";
import { addSeconds, instantFromMs, msOfInstant } from "../../../core/encoding/instant.ts";
import { now } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { provider } from "./signing-keys.ts";

const seconds = msOfInstant(now) / 1000;

it("a token says when its provider issued it, to the millisecond", () => {
  expect(issuedIn({ iat: seconds })).toBe(now);
  expect(issuedIn({ iat: seconds + 0.0019 })).toBe(addSeconds(now, 0.001));
  expect(issuedAt(provider.token({ iat: seconds }))).toBe(now);
});

it("a token of the last minute that there is says no later instant", () => {
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  expect(issuedIn({ iat: last / 1000 + 59 })).toBe(instantFromMs(last));
});

it("by our own clock that may have been a minute later", () => {
  expect(issuedByNow(now)).toBe(addSeconds(now, 60));
});

it("a token that does not say it is refused", () => {
  expect(told(codeOf(() => issuedIn({ iat: String(seconds) })))).toBe(
    "token-invalid: The token does not say when it was issued.",
  );
});
