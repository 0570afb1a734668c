import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { excludedPeople } from "../../../core/approval/exclusions.ts";
import type { Duty } from "../../../core/approval/matrix.ts";
import type { Person } from "../../../core/approval/people.ts";
import { authorsOf, peopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import { type Author, identityKey, type Member } from "../../../core/promotion/identity.ts";

const issuer = "https://login.example";
const identity = (subject: string) => ({ issuer, subject });
const member = (subject: string, address: string): Member => ({
  identity: identity(subject),
  name: `Name of ${subject}`,
  address,
  groups: ["reviewers"],
  enabled: true,
});
const entry = (over: Partial<Person>): Person => ({
  name: "Somebody",
  addresses: [],
  accounts: [],
  identities: [],
  outside: false,
  ...over,
});
const lineage = { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] };
const requester = identity("pipeline");
const salt = "ab".repeat(16);

describe("what is kept of people for the record", () => {
  const members = [member("ann", "ann@example.com"), member("bob", "bob@example.com"), member("cy", "cy@example.com")];
  const people = [
    entry({ addresses: ["ann@example.com"], accounts: [{ provider: "github", id: "1" }], slack: "U024BE7LH" }),
    entry({ addresses: ["cy@example.com"], accounts: [{ provider: "github", id: "3" }] }),
  ];

  it("is about those who signed and those who made the candidate, without a name and without anybody else", () => {
    const kept = peopleSnapshot({ signers: [identity("ann")], authors: [], members, people, salt });
    expect(kept.members.map(({ identity: { subject } }) => subject)).toEqual(["ann"]);
    expect(kept.people.map(({ addresses }) => addresses)).toEqual([["ann@example.com"]]);
    expect(JSON.stringify(kept)).not.toMatch(/ame of ann|U024BE7LH/);
    const account = { provider: "github", id: "3" } as const;
    const author = peopleSnapshot({ signers: [identity("ann")], authors: [{ account }], members, people, salt });
    expect(author.people).toHaveLength(2);
  });

  it.each<[string, Partial<Parameters<typeof peopleSnapshot>[0]>, number]>([
    ["an author's address", { authors: [{ address: " CY@example.com" }] }, 1],
    ["an author's account", { authors: [{ account: { provider: "github", id: "3" } }] }, 1],
    ["an author's identity", { authors: [{ identity: identity("dee") }] }, 1],
    ["a signer's identity that the directory does not list", { signers: [identity("dee")] }, 1],
    ["an account with the same number elsewhere", { authors: [{ account: { provider: "gitlab", id: "3" } }] }, 0],
    ["nobody", {}, 0],
  ])("keeps of people.yaml what is about %s", (_, about, entries) => {
    const dee = entry({ identities: [identity("dee")] });
    const cy = entry({ addresses: ["cy@example.com", "cy@home.example"], accounts: [{ provider: "github", id: "3" }] });
    const kept = peopleSnapshot({ signers: [], authors: [], members, people: [cy, dee], salt, ...about });
    expect(kept.people).toHaveLength(entries);
    expect(kept.members).toEqual([]);
  });

  it("is about every identity of whoever signed", () => {
    const linked = entry({ identities: [identity("ann"), identity("ann-admin")] });
    const kept = peopleSnapshot({
      signers: [identity("ann")],
      salt,
      authors: [],
      members: [...members, member("ann-admin", "admin@example.com")],
      people: [linked, entry({ addresses: ["admin@example.com"] }), entry({ identities: [identity("bob")] })],
    });
    expect(kept.members.map((each) => each.identity.subject)).toEqual(["ann", "ann-admin"]);
    expect(kept.people).toHaveLength(2);
  });

  it("counts everybody as an author who had a hand in it", () => {
    const at = (name: string): Author => ({ address: `${name}@example.com` });
    const made = {
      trainedBy: [at("t")],
      codeAuthors: [at("c")],
      dataOwners: [at("d")],
      infrastructureAuthors: [at("i")],
    };
    const all = [{ identity: requester }, at("t"), at("c"), at("d"), at("i")];
    expect(authorsOf({ requester, lineage: { ...lineage, ...made } }, undefined)).toEqual(all);
    expect(authorsOf({ requester, lineage: { ...lineage, ...made } }, at("s"))).toEqual([...all, at("s")]);
  });

  it("is enough to tell again whether a signer had a hand in the candidate", () => {
    const pick = fc.constantFrom("a", "b", "c", "d");
    const authors = fc.oneof(
      pick.map((each): Author => ({ address: `${each}@example.com` })),
      pick.map((each): Author => ({ account: { provider: "github", id: `${each.charCodeAt(0)}` } })),
      pick.map((each): Author => ({ identity: identity(each) })),
    );
    const directory = fc.uniqueArray(fc.record({ subject: pick, address: pick }), {
      selector: ({ subject }) => subject,
    });
    const entries = fc.array(
      fc.record({ addresses: fc.subarray(["a", "b", "c", "d"]), accounts: fc.subarray(["a", "b", "c", "d"]) }),
      { maxLength: 3 },
    );
    const duties: readonly Duty[] = ["trained-the-model"];
    fc.assert(
      fc.property(
        fc.array(authors, { maxLength: 3 }),
        directory,
        entries,
        pick,
        (trainedBy, accounts, links, signer) => {
          const all = accounts.map(({ subject, address }) => member(subject, `${address}@example.com`));
          // One address or account under two people is refused when the file is loaded.
          const taken = new Set<string>();
          const free = (kind: string, each: string) => !taken.has(kind + each) && taken.add(kind + each) !== undefined;
          const yaml = links.map((link) =>
            entry({
              addresses: link.addresses.filter((each) => free("@", each)).map((each) => `${each}@example.com`),
              accounts: link.accounts
                .filter((each) => free("#", each))
                .map((each) => ({ provider: "github", id: `${each.charCodeAt(0)}` })),
            }),
          );
          const manifest = { requester, lineage: { ...lineage, trainedBy } };
          const judged = { manifest, startedBy: undefined, duties };
          const kept = peopleSnapshot({
            signers: [identity(signer)],
            authors: authorsOf(manifest, undefined),
            members: all,
            people: yaml,
            salt,
          });
          const whole = excludedPeople({ ...judged, members: all, people: yaml });
          const again = excludedPeople({
            ...judged,
            members: kept.members.map((each) => ({ ...each, name: "" })),
            people: kept.people.map((each) => ({ ...each, name: "" })),
          });
          const key = identityKey(identity(signer));
          expect(again.excluded.get(key)).toBe(whole.excluded.get(key));
        },
      ),
    );
  });
});
