import fc from "fast-check";
import { expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { identityKey, normalAddress, sameIdentity } from "../../../core/promotion/identity.ts";
import { requireDeclared } from "../../../core/promotion/reported-file.ts";
import { codeOf, told } from "../refusal.ts";
import { digestOf } from "./promotion-in-review.ts";

const text = fc.string({ unit: fc.constantFrom("a", " ", "1"), maxLength: 4 });
const identity = fc.record({ issuer: text, subject: text });

it("two identities are one only if both parts are the same, and their keys tell it", () => {
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      const same = a.issuer === b.issuer && a.subject === b.subject;
      expect([sameIdentity(a, b), identityKey(a) === identityKey(b)]).toEqual([same, same]);
    }),
    { numRuns: 300 },
  );
  expect(sameIdentity({ issuer: "i", subject: "a" }, { issuer: "i", subject: "b" })).toBe(false);
  expect(sameIdentity({ issuer: "i", subject: "a" }, { issuer: "j", subject: "a" })).toBe(false);
});

it("addresses are compared in normal form, without case and without what is around them", () => {
  expect(normalAddress("  U\u0308ber@Example.ORG ")).toBe("\u00fcber@example.org");
});

it("a file is the declared one only if both its digest and its length are", () => {
  const file = { name: "report.json", sha256: digestOf("report"), size: 6 };
  const refusal = `digest-mismatch: The bytes of 'report.json' are not the declared ones: they do not hash to ${file.sha256}.`;
  expect(requireDeclared(file, utf8("report"))).toBe(file.sha256);
  expect(told(codeOf(() => requireDeclared(file, utf8("other!"))))).toBe(refusal);
  expect(told(codeOf(() => requireDeclared({ ...file, size: 7 }, utf8("report"))))).toBe(refusal);
});
