import { describe, expect, it } from "vitest";
import type { HeldDelegation } from "../../../core/archive/held-delegation.ts";
import { bothOf, peopleAsSigned, peopleThen } from "../../../core/archive/people-then.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { cora, dana, sam } from "./people.ts";

const none: ReadonlyMap<Sha256, HeldDelegation> = new Map();
const signed = (...members: readonly (typeof cora)[]) => members.map((member) => ({ member: { ...member } }));

describe("people who signed", () => {
  it("are the same list where the same people signed, and another where anything about one differs", () => {
    const first = peopleAsSigned(signed(cora, sam), none);
    expect(first.members).toEqual([cora, sam]);
    expect(peopleAsSigned(signed(cora, sam, cora), none)).toBe(first);
    expect(peopleAsSigned(signed(cora, { ...sam, address: "other@example.com" }), none).members).not.toEqual(
      first.members,
    );
    expect(peopleAsSigned(signed(cora, { ...sam, groups: [] }), none).members).not.toEqual(first.members);
    expect(peopleAsSigned(signed(cora, dana), none).members).toEqual([cora, dana]);
    expect(peopleAsSigned(signed(cora, sam), none)).toBe(first);
  });

  it("are another list under other delegations", () => {
    expect(peopleAsSigned(signed(cora), new Map())).not.toBe(peopleAsSigned(signed(cora), none));
  });
});

describe("people as the directory told", () => {
  const snapshot = { members: [], people: [] } as unknown as Parameters<typeof peopleThen>[0];

  it("are the same list for the same document and delegations, and no other", () => {
    const delegations = [] as const;
    const first = peopleThen(snapshot, delegations);
    expect(peopleThen(snapshot, delegations)).toBe(first);
    expect(peopleThen({ ...snapshot }, delegations)).not.toBe(first);
    expect(peopleThen(snapshot, [])).not.toBe(first);
  });

  it("are joined by those who signed, once for the two", () => {
    const then = peopleThen(snapshot, []);
    const own = peopleAsSigned(signed(cora), none);
    const both = bothOf(then, own);
    expect(both).toEqual({ ...then, members: [cora] });
    expect(bothOf(then, own)).toBe(both);
    expect(bothOf(own, own).members).toEqual([cora, cora]);
    expect(bothOf(then, peopleAsSigned(signed(sam), none)).members).toEqual([sam]);
  });
});
