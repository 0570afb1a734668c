import { describe, expect, it } from "vitest";
import { excludedPeople, strangersAmong, unlinkableSentence } from "../../../core/approval/exclusions.ts";
import { allDuties } from "../../../core/approval/loading/load-matrix.ts";
import type { Person } from "../../../core/approval/people.ts";
import type { Lineage } from "../../../core/promotion/freeze-manifest.ts";
import { type Author, type Identity, identityKey } from "../../../core/promotion/identity.ts";
import { identity, member } from "./people-and-votes.ts";

const dora = member("dora", "data");
const sam = member("sam", "sre");
const pipeline: Identity = { issuer: "https://ci.example", subject: "project:7" };
const address = (name: string): Author => ({ address: `${name}@example.org` });
const github = (id: string): Author => ({ account: { provider: "github", id } });

function person(over: Partial<Person>): Person {
  return { name: "Dora", addresses: [], accounts: [], identities: [], outside: false, ...over };
}

function exclusions(
  lineage: Partial<Lineage>,
  more: Partial<Parameters<typeof excludedPeople>[0]> & { requester?: Identity } = {},
) {
  const none: Lineage = { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] };
  const { excluded, unlinkable } = excludedPeople({
    manifest: { requester: more.requester ?? pipeline, lineage: { ...none, ...lineage } },
    startedBy: undefined,
    duties: allDuties,
    members: [dora, sam],
    people: [],
    ...more,
  });
  return { excluded: Object.fromEntries(excluded), unlinkable };
}
const key = (name: string) => identityKey(identity(name));

describe("separation of duties", () => {
  it("excludes nobody where nobody of the directory had a hand in it", () => {
    expect(exclusions({})).toEqual({ excluded: {}, unlinkable: [] });
  });

  it.each<[string, Partial<Lineage>, string]>([
    ["trained the model", { trainedBy: [address("dora")] }, "trained the model"],
    ["committed the code", { codeAuthors: [address("dora")] }, "wrote the training code"],
    ["owns the data", { dataOwners: [address("dora")] }, "owns the training data"],
    ["changed the infrastructure", { infrastructureAuthors: [address("dora")] }, "wrote the infrastructure"],
    [
      "did several of these",
      { trainedBy: [address("dora")], codeAuthors: [address("dora")], dataOwners: [address("dora")] },
      "trained the model, wrote the training code and owns the training data",
    ],
  ])("excludes the one who %s, and says so", (_, lineage, why) => {
    expect(exclusions(lineage)).toEqual({ excluded: { [key("dora")]: why }, unlinkable: [] });
  });

  it("excludes the one who started the run", () => {
    expect(exclusions({}, { startedBy: address("sam") }).excluded).toEqual({ [key("sam")]: "started the CI run" });
  });

  it("excludes the requester where it is somebody of the directory, and takes a pipeline for what it is", () => {
    expect(exclusions({}, { requester: identity("sam") }).excluded).toEqual({
      [key("sam")]: "requested the promotion",
    });
    expect(exclusions({}).unlinkable).toEqual([]);
  });

  it("says a duty once, of however many lists somebody is in", () => {
    const twice = { trainedBy: [address("dora"), { identity: identity("dora") }] };
    expect(exclusions(twice).excluded).toEqual({ [key("dora")]: "trained the model" });
    const two = { trainedBy: [address("dora")], codeAuthors: [address("dora")] };
    expect(exclusions(two).excluded).toEqual({ [key("dora")]: "trained the model and wrote the training code" });
  });

  it("links nobody by an address that is not there", () => {
    const silent = { ...sam, address: " " };
    expect(exclusions({ trainedBy: [{ address: "" }] }, { members: [dora, silent] })).toEqual({
      excluded: {},
      unlinkable: [{ address: "" }],
    });
  });

  it("links an identity through people.yaml to the others of the same person", () => {
    const people = [person({ identities: [identity("dora"), identity("old-dora")] })];
    expect(exclusions({ trainedBy: [{ identity: identity("old-dora") }] }, { people })).toEqual({
      excluded: { [key("dora")]: "trained the model", [key("old-dora")]: "trained the model" },
      unlinkable: [],
    });
  });

  it("asks anew where the people or the directory are others", () => {
    const members = [dora, sam];
    const linked = [person({ addresses: ["dora@example.org"], accounts: [{ provider: "github", id: "5" }] })];
    const lineage = { trainedBy: [github("5")] };
    expect(exclusions(lineage, { members, people: linked }).unlinkable).toEqual([]);
    expect(exclusions(lineage, { members, people: [] }).unlinkable).toEqual([github("5")]);
    expect(exclusions(lineage, { members, people: linked }).unlinkable).toEqual([]);
  });

  it("looks at no duty that the rule does not exclude", () => {
    const lineage = { trainedBy: [address("dora")], codeAuthors: [github("5")] };
    expect(exclusions(lineage, { duties: ["owns-the-data"] })).toEqual({ excluded: {}, unlinkable: [] });
  });

  it("compares addresses without case, and disabled accounts too", () => {
    const lineage = { trainedBy: [{ address: " DORA@example.ORG" }] };
    expect(exclusions(lineage, { members: [{ ...dora, enabled: false }] }).excluded).toHaveProperty([key("dora")]);
  });

  it("links an account through people.yaml to the address in the directory", () => {
    const people = [person({ addresses: ["dora@example.org"], accounts: [{ provider: "github", id: "5" }] })];
    expect(exclusions({ trainedBy: [github("5")] }, { people }).excluded).toEqual({
      [key("dora")]: "trained the model",
    });
    expect(
      exclusions({ trainedBy: [{ account: { provider: "gitlab", id: "5" } }] }, { people }).unlinkable,
    ).toHaveLength(1);
  });

  it("links a private address through people.yaml", () => {
    const people = [person({ addresses: ["dora@example.org", "dora@home.example"] })];
    expect(exclusions({ codeAuthors: [{ address: "dora@home.example" }] }, { people }).excluded).toHaveProperty([
      key("dora"),
    ]);
  });

  it("excludes every identity of a person", () => {
    const twin = { ...member("dora-admin", "sre"), address: "Dora@example.org" };
    const other = member("dora-two", "data");
    const people = [person({ addresses: ["dora@example.org", "dora-two@example.org"] })];
    const { excluded } = exclusions(
      { trainedBy: [{ identity: identity("dora") }] },
      { members: [dora, twin, other], people },
    );
    expect(Object.keys(excluded).toSorted()).toEqual([key("dora"), key("dora-admin"), key("dora-two")].toSorted());
  });
});

describe("an author who cannot be linked", () => {
  it.each<[string, Author]>([
    ["account", github("999")],
    ["address", address("stranger")],
    ["identity", { identity: identity("stranger") }],
  ])("is reported: an unknown %s", (_, author) => {
    expect(exclusions({ codeAuthors: [author, author] }).unlinkable).toEqual([author]);
  });

  it("is reported where the entry in people.yaml leads to nobody in the directory", () => {
    const people = [person({ addresses: ["old@example.org"], accounts: [{ provider: "github", id: "5" }] })];
    expect(exclusions({ trainedBy: [github("5")] }, { people }).unlinkable).toEqual([github("5")]);
  });

  it("is fine where people.yaml lists them as outside", () => {
    const people = [person({ accounts: [{ provider: "github", id: "5" }], outside: true })];
    expect(exclusions({ trainedBy: [github("5")] }, { people })).toEqual({ excluded: {}, unlinkable: [] });
  });

  it("does not sign even so under the very identity that is named", () => {
    expect(exclusions({ trainedBy: [{ identity: identity("stranger") }] }).excluded).toEqual({
      [key("stranger")]: "trained the model",
    });
  });

  it("is told how to be added, without the whole address", () => {
    const rest =
      "had a hand in the candidate, but matches nobody in the directory, so separation of duties cannot be checked: add an entry to people.yaml that links it to the person's address, or one with 'outside: true' if it is nobody in the directory.";
    expect(unlinkableSentence(github("999"))).toBe(`The github account 999 ${rest}`);
    expect(unlinkableSentence(address("stranger"))).toBe(`The address s…@example.org ${rest}`);
    expect(unlinkableSentence({ identity: identity("x") })).toBe(`The identity x of https://login.example ${rest}`);
  });
});

describe("what was told before of a candidate", () => {
  const lineage: Lineage = { trainedBy: [address("dora")], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] };
  const base: Parameters<typeof excludedPeople>[0] = {
    manifest: { requester: pipeline, lineage },
    startedBy: undefined,
    duties: allDuties,
    members: [dora, sam],
    people: [],
  };
  it.each<[string, Partial<typeof base>, readonly string[]]>([
    ["another candidate", { manifest: { requester: pipeline, lineage: { ...lineage, trainedBy: [] } } }, []],
    ["another who started it", { startedBy: address("sam") }, ["dora", "sam"]],
    ["other duties", { duties: [] }, []],
    ["others in the directory", { members: [sam] }, []],
    [
      "another people.yaml",
      { people: [person({ addresses: ["dora@example.org"], identities: [identity("sam")] })] },
      ["dora", "sam"],
    ],
  ])("is not told of %s", (_, over, names) => {
    const told = (input: typeof base) => [...excludedPeople(input).excluded.keys()].toSorted();
    expect(told(base)).toEqual([key("dora")]);
    expect(told({ ...base, ...over })).toEqual(names.map(key));
    expect(told(base)).toEqual([key("dora")]);
  });
});

describe("accounts with a code host", () => {
  const lineage: Lineage = {
    ...{ trainedBy: [github("1"), address("dora")], codeAuthors: [github("2")] },
    ...{ dataOwners: [{ identity: identity("x") }], infrastructureAuthors: [github("1")] },
  };
  const manifest = { requester: pipeline, lineage };
  const strangers = (over: Partial<Parameters<typeof strangersAmong>[0]> = {}) =>
    strangersAmong({ manifest, startedBy: github("3"), duties: allDuties, people: [], ...over });

  it("are strangers where no entry of people.yaml has them, in each duty that is asked about", () => {
    expect(strangers()).toEqual(["3", "1", "2", "1"].map(github));
    expect(strangers({ duties: ["wrote-the-code"] })).toEqual([github("2")]);
    expect(strangers({ startedBy: undefined, duties: ["started-the-run"] })).toEqual([]);
  });

  it("are none that an entry has, whoever that is about", () => {
    const people = [person({ accounts: [{ provider: "github", id: "1" }] }), person({ name: "Sam" })];
    expect(strangers({ people })).toEqual(["3", "2"].map(github));
    expect(strangers({ people: [person({ accounts: [{ provider: "gitlab", id: "1" }] })] })).toHaveLength(4);
    // Of the same people once more.
    expect(strangers({ people })).toEqual(["3", "2"].map(github));
  });
});
