import { describe, expect, it } from "vitest";
import { peopleAsSigned } from "../../../../core/archive/people/people-then.ts";
import { confirmedByOthers, peopleTold } from "../../../../core/archive/people/people-told.ts";
import { now } from "../../promotion/promotion-in-review.ts";
import { cora, dana, sam, tom } from "../people.ts";
import { told, trustIn } from "../told.ts";

const entry = (...addresses: readonly string[]) => ({
  ...{ name: "", addresses, accounts: [], identities: [], outside: false },
});
const own = peopleAsSigned(
  [cora, sam].map((member) => ({ member, signOff: { recordedAt: now } })),
  new Map(),
);
const [one, other] = [[entry(cora.address, sam.address)], [entry(cora.address), entry("x@example.com")]];
const { name: _, ...nameless } = cora;
const snapshot = {
  peopleVersion: 1,
  salt: "ab".repeat(16),
  members: [nameless],
  people: [entry(cora.address, dana.address)],
} as const;
const named = [
  { index: 2, people: one },
  { index: 9, people: other },
];

describe("who people were", () => {
  const who = peopleTold({ own, authors: [], named, kept: new Map() });

  it("as a decision was made, is by the policies named before it or next", () => {
    const linked = ({ index }: { readonly index: number }) => who.asDecided({ index }).map(({ people }) => people);
    expect(linked({ index: 1 })).toEqual([one]);
    expect(linked({ index: 5 })).toEqual([one, [entry(cora.address)]]);
    expect(linked({ index: 9 })).toEqual([[entry(cora.address)]]);
    // How the directory knew people is told by the next verdict: of Cora as her token does, and of Sam by another address.
    const kept = new Map([[7, { ...snapshot, members: [nameless, { ...nameless, identity: sam.identity }] }]]);
    const ways = peopleTold({ own, authors: [], named, kept });
    expect(ways.asDecided({ index: 5 }).map(({ people, members }) => [people, members.length])).toEqual([
      ...[one, [entry(cora.address)]].map((people) => [people, 2]),
      ...[one, [entry(cora.address)]].map((people) => [people, 3]),
    ]);
    expect(ways.asDecided({ index: 9 })).toHaveLength(1);
    expect(peopleTold({ own, authors: [], named: [], kept: new Map() }).asDecided({ index: 5 })).toEqual([own]);
  });

  it("as a verdict was judged, is by the policies that it names, and by what lies with it of the directory", () => {
    const keeping = peopleTold({
      own,
      authors: [tom],
      named,
      kept: new Map([1, 8, 9].map((index) => [index, snapshot])),
    });
    const linked = (index: number, by = keeping) => by.asVerified({ index }).people;
    expect(linked(9)).toEqual([entry(cora.address)]);
    expect(linked(8)).toEqual(one);
    expect(linked(8, who)).toEqual(one);
    expect(linked(1)).toEqual(snapshot.people);
    expect(linked(1, who)).toEqual([]);
    expect(keeping.asVerified({ index: 9 }).entitlement).toEqual("as-of-now");
  });
});

describe("a passkey that its owner confirmed under another identity", () => {
  it("was confirmed by nobody", async () => {
    const { passkeys } = (await trustIn({})).trust;
    const passkey = [...passkeys.values()].find(({ confirmed }) => confirmed !== undefined) ?? expect.unreachable();
    const used = [{ passkey: { id: passkey.id } }];
    expect(passkey.confirmed?.person).toEqual(cora.identity);
    const confirmed = (people: typeof own, by: Parameters<typeof confirmedByOthers>[1] = used) =>
      confirmedByOthers(passkeys, by, people).get(passkey.id)?.confirmed?.person;
    // Their tokens tell their addresses, whoever else signed.
    const nobody = { ...own, members: [] };
    expect(confirmed({ ...nobody, people: one })).toBeUndefined();
    expect(confirmed({ ...nobody, people: other })).toEqual(cora.identity);
    expect(confirmed({ ...nobody, people: one }, [])).toEqual(cora.identity);
    expect(told.house.facts.some(({ type }) => type === "passkey-confirmed")).toBe(true);
  });
});
