import { describe, expect, it } from "vitest";
import { foreignId, hasOwnId } from "../../../../core/archive/documents/record-ids.ts";
import { type Fact, type FactType, factTypes } from "../../../../core/promotion/fact.ts";
import { factOf, factWith } from "../retelling.ts";
import { smallFacts, smallPack, verifiedPack, wrongWith } from "../small-pack.ts";
import { told } from "../told.ts";

// What is told by its type is verified by its id: a record that stands under another is told to people, and asked nothing.

const { house, rejected } = told;
const path = `records/${smallFacts.length}.json`;
/** What is wrong with a log that ends in this besides. */
const wrong = async (fact: Fact) =>
  await wrongWith(await smallPack({ facts: [...smallFacts, fact], blobs: house.blobs }));
const foreign = ({ id, type }: Fact) =>
  `life-cycle ${path}: '${id}' is no id of a record of the type '${type}': what it tells would be verified by nobody.`;

describe("the id of a record", () => {
  it("is of its type, whatever is recorded", () => {
    expect(house.facts.filter((fact) => !hasOwnId(fact))).toEqual([]);
    expect(new Set(house.facts.map(({ type }) => type))).toEqual(new Set(factTypes));
  });

  it("is none of another type, but among those of the history", () => {
    const isLetter = (type: FactType) => type.startsWith("notification-");
    const fits = (fact: Fact) => factTypes.filter((type) => !isLetter(type) && hasOwnId({ ...fact, type }));
    const changes = new Set(house.facts.filter(({ id }) => /\/\d+$/.test(id)).map(({ type }) => type));
    for (const fact of house.facts.filter(({ type }) => !isLetter(type))) {
      const isChange = fact.id === `${fact.promotion}/${fact.id.split("/").at(-1)}` && /\/\d+$/.test(fact.id);
      if (isChange) expect(fits(fact).filter((type) => !changes.has(type))).toEqual([]);
      else expect([fact.id, fits(fact)]).toEqual([fact.id, [fact.type]]);
    }
  });

  it("names its promotion, if there is one", () => {
    const gates = factOf(house, "gates", rejected);
    const elsewhere = { ...gates, id: gates.id.replace(rejected, told.withdrawn) };
    expect(hasOwnId(elsewhere)).toBe(false);
    expect(foreignId(elsewhere)).toBe(`'${elsewhere.id}' is no record of ${rejected}.`);
    const { promotion: _, ...ofNone } = gates;
    expect(hasOwnId(ofNone)).toBe(false);
  });
});

describe("a record under the id of another type", () => {
  const last = smallFacts.at(-1) ?? expect.unreachable("Nothing was recorded.");

  it("is no verdict of a candidate that was rejected, nor its deployment", async () => {
    const verdict = factWith(house, "verdict", "verdict.dsse.json");
    for (const fact of [
      { ...verdict, id: `${rejected}/verdict`, promotion: rejected, at: last.at },
      { ...factOf(house, "deployed"), id: `${rejected}/deployed`, promotion: rejected, at: last.at },
    ]) {
      expect(await wrong(fact)).toContain(foreign(fact));
      const { promotions } = await verifiedPack(await smallPack({ facts: [...smallFacts, fact], blobs: house.blobs }));
      expect(promotions.find(({ promotion }) => promotion === rejected)?.outcome).toBe("FAILED");
    }
  });

  it("is no sign-off of no promotion", async () => {
    const { promotion: _, ...signed } = factOf(house, "sign-off", rejected);
    const fact: Fact = { ...signed, id: "installation/sign-off", at: last.at };
    expect(await wrong(fact)).toContain(foreign(fact));
  });

  it("is no revocation that nobody reads", async () => {
    const revoked = factOf(house, "passkey-revoked");
    const fact = { ...revoked, id: `${rejected}/${revoked.id}`, promotion: rejected, at: last.at };
    expect(await wrong(fact)).toContain(foreign(fact));
  });
});
