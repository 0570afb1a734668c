import { expect, it } from "vitest";
import { entriesAbout } from "../../../core/approval/entries-about.ts";
import type { Person } from "../../../core/approval/people.ts";
import { cora, dana, sam } from "../promotion/promotion-in-review.ts";

const person = (over: Partial<Person>): Person => ({
  ...{ name: "", addresses: [], accounts: [], identities: [], outside: false },
  ...over,
});
const account = { provider: "github", id: "7" } as const;
const [byAddress, byIdentity, byAccount, other] = [
  person({ addresses: [cora.address, "cora@home.example"] }),
  person({ identities: [dana.identity] }),
  person({ accounts: [account] }),
  person({ addresses: [""], identities: [sam.identity] }),
];
const people = [byAddress, byIdentity, byAccount, other];

it("entries of people.yaml are about whoever they name, in any way, and in its order", () => {
  const about = (
    members: readonly (typeof cora)[],
    authors: Parameters<typeof entriesAbout>[1]["authors"] = [],
  ): readonly Person[] => entriesAbout(people, { members, authors });
  expect(about([dana, cora])).toEqual([byAddress, byIdentity]);
  expect(about([], [{ account }, { address: " Cora@Home.example" }])).toEqual([byAddress, byAccount]);
  expect(about([], [{ identity: dana.identity }])).toEqual([byIdentity]);
  // No address is nobody's.
  expect(about([{ ...dana, address: "" }])).toEqual([byIdentity]);
});

it("entries of people.yaml about the same people are the same list", () => {
  const first = entriesAbout(people, { members: [cora], authors: [] });
  expect(entriesAbout(people, { members: [{ ...cora }], authors: [] })).toBe(first);
  expect(entriesAbout([...people], { members: [cora], authors: [] })).not.toBe(first);
});
