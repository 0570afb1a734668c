import { describe, expect, it } from "vitest";
import { excludedPeople, unlinkableSentence } from "../../../core/approval/exclusions.ts";
import { allDuties } from "../../../core/approval/load-matrix.ts";
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
    expect(unlinkableSentence(github("999"))).toContain("The github account 999 had a hand in the candidate");
    expect(unlinkableSentence(address("stranger"))).toContain("The address s…@example.org");
    expect(unlinkableSentence(address("stranger"))).toContain("'outside: true'");
  });
});
