import { describe, expect, it } from "vitest";
import {
  isPersonalDocument,
  isPersonalRecord,
  keptDocuments,
  recheckKept,
  whyLeftOutWrongly,
} from "../../../../core/archive/pack/personal-data.ts";
import { factTypes, type LedgerRecord } from "../../../../core/promotion/fact.ts";
import { digestOf, now, promotionInReview } from "../../promotion/promotion-in-review.ts";

const promotion = promotionInReview().id;

it("whatever becomes of a letter names the person who gets it", () => {
  const ofLetters = factTypes.filter((type) => type.startsWith("notification-"));
  expect(ofLetters.length).toBeGreaterThan(1);
  expect(ofLetters.filter((type) => !isPersonalRecord(type))).toEqual([]);
});

const documentsOf = (...names: readonly string[]) =>
  names.map((name) => ({ name, mediaType: "application/json", sha256: digestOf(name) }));

describe("a document is personal", () => {
  it.each([
    ["sign-off", "id-token.jwt"],
    ["sign-off-kept", "id-token.jwt"],
    ["loan-requested", "id-token.jwt"],
    ["delegated", "id-token.jwt"],
    ["delegation-revoked", "id-token.jwt"],
    ["passkey-enrolled", "id-token.jwt"],
    ["passkey-confirmed", "id-token.jwt"],
    ["passkey-revoked", "id-token.jwt"],
    ["verdict", "people.json"],
    ["verdict", "people.yaml"],
    ["gates", "people.yaml"],
    ["blocked", "channels.yaml"],
    ["policy-activated", "people.yaml"],
  ] as const)("in a %s that is called %s", (type, name) => {
    expect(isPersonalDocument({ type, body: {} }, name)).toBe(true);
  });

  it("as people.yaml of proposed policies, and not as evidence that is called so", () => {
    const frozen = (...names: readonly string[]) => ({
      type: "freeze" as const,
      body: { frozen: names.map((name) => ({ name, key: `frozen/${digestOf(name)}/${name}`, versionId: "v1" })) },
    });
    expect(isPersonalDocument(frozen("policies.json", "people.yaml"), "people.yaml")).toBe(true);
    expect(isPersonalDocument(frozen("model.json"), "people.yaml")).toBe(false);
    for (const body of [{}, { frozen: "people.yaml" }, { frozen: [null, "people.yaml", {}] }])
      expect(isPersonalDocument({ type: "freeze", body }, "people.yaml")).toBe(false);
  });

  it.each([
    ["outcome", "people.yaml"],
    ["sign-off", "people.yaml"],
    ["gates", "id-token.jwt"],
    ["verdict", "verdict.dsse.json"],
  ] as const)("but not in a %s that is called %s", (type, name) => {
    expect(isPersonalDocument({ type, body: {} }, name)).toBe(false);
  });
});

describe("what is personal is left out of a record's documents altogether, or not at all", () => {
  const verdict = {
    ...({ recordVersion: 1, id: "p/7", type: "verdict", at: now, promotion, summary: "", body: {} } as const),
    attachments: documentsOf("verdict.dsse.json", "people.json", "people.yaml"),
  };
  const of = (withoutPersonalData: boolean, ...names: readonly string[]) => {
    return { leftOut: new Set(names.map(digestOf)), withoutPersonalData };
  };

  it("so nothing else is", () => {
    const wrong = (...left: Parameters<typeof of>) => whyLeftOutWrongly(verdict, of(...left));
    expect(wrong(false)).toBeUndefined();
    expect(wrong(true, "people.json", "people.yaml")).toBeUndefined();
    expect(wrong(false, "people.json")).toBe(
      "The people.json of 'p/7' was left out of a pack that is not one without personal data: all that is personal is left out, or nothing.",
    );
    expect(wrong(true, "verdict.dsse.json", "people.json", "people.yaml")).toBe(
      "The document verdict.dsse.json of 'p/7' is said to be left out as personal data, which it is not.",
    );
  });

  it("so all of it is, but what a record of the pack brings as something else", async () => {
    const outcome = { ...verdict, id: "p/outcome/1", type: "outcome" as const };
    const among = (...records: readonly LedgerRecord[]) =>
      recheckKept(keptDocuments({ record: verdict, index: 7 }, of(true, "people.json")), async function* () {
        yield* [verdict, ...records];
      });
    expect(keptDocuments({ record: verdict, index: 7 }, of(false))).toEqual([]);
    expect(await among()).toEqual([
      {
        code: "manifest-differs",
        path: "records/7.json",
        promotion,
        sentence:
          "Personal data was left out, but not the people.yaml of 'p/7': all that is personal is left out, or nothing.",
      },
    ]);
    expect(await among({ ...outcome, attachments: documentsOf("report.json") })).toHaveLength(1);
    const [, , people] = verdict.attachments;
    if (people === undefined) expect.unreachable();
    expect(await among({ ...outcome, attachments: [{ ...people, name: "bias.json" }] })).toEqual([]);
  });
});
