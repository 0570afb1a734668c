import { expect, it } from "vitest";
import { isPersonalRecord, whyLeftOutWrongly } from "../../../core/archive/personal-data.ts";
import { factTypes } from "../../../core/promotion/fact.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";

it("whatever becomes of a letter names the person who gets it", () => {
  const ofLetters = factTypes.filter((type) => type.startsWith("notification-"));
  expect(ofLetters.length).toBeGreaterThan(1);
  expect(ofLetters.filter((type) => !isPersonalRecord(type))).toEqual([]);
});

it("what is personal is left out of a record's documents altogether, or not at all", () => {
  const attachments = ["sign-off.dsse.json", "id-token.jwt", "people.json"].map((name) => {
    return { name, mediaType: "application/json", sha256: digestOf(name) };
  });
  const wrong = (withoutPersonalData: boolean, ...names: readonly string[]) =>
    whyLeftOutWrongly({ id: "p/1", attachments }, { leftOut: new Set(names.map(digestOf)), withoutPersonalData });
  expect(wrong(false)).toBeUndefined();
  expect(wrong(true, "id-token.jwt", "people.json")).toBeUndefined();
  expect(wrong(false, "people.json")).toBe(
    "The people.json of 'p/1' was left out of a pack that is not one without personal data: all that is personal is left out, or nothing.",
  );
  expect(wrong(true, "id-token.jwt")).toBe(
    "Personal data was left out, but not the people.json of 'p/1': all that is personal is left out, or nothing.",
  );
  expect(wrong(true, "sign-off.dsse.json", "id-token.jwt", "people.json")).toBe(
    "The document sign-off.dsse.json of 'p/1' is said to be left out as personal data, which it is not.",
  );
});
