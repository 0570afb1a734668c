import { describe, expect, it } from "vitest";
import type { HeldDelegation } from "../../../../core/archive/people/held-delegation.ts";
import { alsoKnownBy, directoryThen, linkedBy, peopleAsSigned } from "../../../../core/archive/people/people-then.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { now } from "../../promotion/promotion-in-review.ts";
import { cora, dana, sam } from "../people.ts";

const none: ReadonlyMap<Sha256, HeldDelegation> = new Map();
const signed = (...members: readonly (typeof cora)[]) =>
  members.map((member, place) => ({ member: { ...member }, signOff: { recordedAt: addSeconds(now, place) } }));

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

  it("go by the latest of their tokens, in whatever order these come", () => {
    const renamed = { ...sam, address: "samuel@example.com" };
    const [first, second] = signed(sam, renamed);
    if (first === undefined || second === undefined) expect.unreachable();
    for (const order of [
      [first, second],
      [second, first],
      [second, { member: sam, signature: first.signOff }],
    ])
      expect(peopleAsSigned(order, none).members).toEqual([renamed]);
  });

  it("are those in whose place something was signed here, and nobody who delegated elsewhere", () => {
    const [of, elsewhere] = ["1".repeat(64) as Sha256, "2".repeat(64) as Sha256];
    const lastYear = { ...dana, address: cora.address };
    const terms = {
      role: "sre",
      scope: {},
      from: now,
      until: addSeconds(now, 60),
      delegatorGroups: [],
      recordedAt: now,
    };
    const given = (id: Sha256, delegator: typeof dana): HeldDelegation => ({
      delegator,
      delegation: {
        ...terms,
        id,
        delegator: delegator.identity,
        delegatorName: delegator.name,
        delegate: cora.identity,
      },
    });
    const all = new Map([
      [of, given(of, sam)],
      [elsewhere, given(elsewhere, lastYear)],
    ]);
    const inPlace = signed(cora).map((each) => ({
      ...each,
      signOff: { ...each.signOff, onBehalfOf: { delegation: of } },
    }));
    const own = peopleAsSigned(inPlace, all);
    expect(own.members).toEqual([sam, cora]);
    expect(own.delegations.map(({ id }) => id)).toEqual([of]);
    expect(peopleAsSigned(signed(sam, cora), all)).toMatchObject({ members: [sam, cora], delegations: [] });
  });

  it("are another list under other delegations", () => {
    expect(peopleAsSigned(signed(cora), new Map())).not.toBe(peopleAsSigned(signed(cora), none));
  });
});

const entry = { addresses: ["a@example.com"], accounts: [], identities: [], outside: false };
const { name: _, ...nameless } = cora;
const snapshot = { peopleVersion: 1, salt: "ab".repeat(16), members: [nameless], people: [entry] } as const;

describe("people as the directory told", () => {
  it("are as of then and without their names, and whoever is in a token alone is nobody there", () => {
    const own = peopleAsSigned(signed({ ...cora, address: "cora@home.example" }, dana), none);
    expect(directoryThen(snapshot, own)).toEqual({
      members: [
        { ...cora, address: "cora@home.example", groups: [], enabled: false },
        { ...dana, groups: [], enabled: false },
        { ...cora, name: "" },
      ],
      // Who rejects is told by the tokens alone.
      objectors: own.members,
      people: [{ ...entry, name: "" }],
      entitlement: "as-of-now",
      delegations: own.delegations,
    });
  });

  it("are the same list for the same document and the same people who signed, and no other", () => {
    const own = peopleAsSigned(signed(cora), none);
    const first = directoryThen(snapshot, own);
    expect(directoryThen(snapshot, own)).toBe(first);
    expect(directoryThen({ ...snapshot }, own)).not.toBe(first);
    expect(directoryThen(snapshot, peopleAsSigned(signed(sam), none)).members).toHaveLength(2);
  });
});

describe("people as the directory knew them besides", () => {
  it("have its addresses for those who signed, where it had others, and count as they signed", () => {
    const own = peopleAsSigned(signed({ ...cora, address: "cora@home.example" }, dana), none);
    const also = alsoKnownBy(snapshot, own);
    expect(also).toEqual({ ...own, members: [{ ...snapshot.members[0], name: "" }, ...own.members] });
    expect(alsoKnownBy(snapshot, own)).toBe(also);
    const same = peopleAsSigned(signed(cora, dana), none);
    expect(alsoKnownBy(snapshot, same)).toBe(same);
  });
});

describe("people who are linked by entries", () => {
  it("are the same people, once for the same entries", () => {
    const own = peopleAsSigned(signed(cora, sam), none);
    const entries = [{ name: "", addresses: ["cora@example.com"], accounts: [], identities: [], outside: false }];
    const linked = linkedBy(own, entries);
    expect(linked).toEqual({ ...own, people: entries });
    expect(linkedBy(own, entries)).toBe(linked);
    expect(linkedBy(own, [...entries])).not.toBe(linked);
    expect(linkedBy(own, [])).toBe(own);
    expect(linkedBy(linked, []).people).toEqual([]);
  });
});
