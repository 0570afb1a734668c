import { expect, it } from "vitest";
import { askedOfSignIn } from "../../../core/attestation/sign-in-request.ts";

// https://openid.net/specs/openid-connect-core-1_0.html#IDToken: "When a max_age request is made […] then this Claim is REQUIRED".
it.each(["signing", "reading"] as const)("of a sign-in for %s the provider has to say when it was", (what) => {
  expect(askedOfSignIn(what)["max_age"]).toMatch(/^\d+$/);
});

it("only who signs has to sign in anew", () => {
  expect(askedOfSignIn("signing")).toEqual({ prompt: "login", max_age: "0" });
  expect(askedOfSignIn("reading")).not.toHaveProperty("prompt");
  expect(Number(askedOfSignIn("reading")["max_age"])).toBeGreaterThan(7 * 86_400);
});
