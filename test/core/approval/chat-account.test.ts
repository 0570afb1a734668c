import { describe, expect, it } from "vitest";
import { membersOf, personInSlack } from "../../../core/approval/chat-account.ts";
import type { Person } from "../../../core/approval/people.ts";
import type { ChatUser } from "../../../core/promotion/identity.ts";
import { identity, member } from "./people-and-votes.ts";

const linked = (slack: string): readonly Person[] => [
  { name: "Cora", addresses: ["cora@example.org"], accounts: [], identities: [], outside: false, slack },
];

describe("somebody in Slack", () => {
  it.each<[string, string, ChatUser, boolean]>([
    ["a member of the workspace", "U1", { id: "U1", workspace: "T1", in: "T1" }, true],
    ["a member where the app is the organisation's", "U1", { id: "U1", workspace: "T1" }, true],
    ["a guest with the same id", "U1", { id: "U1", workspace: "T2", in: "T1" }, false],
    ["another member", "U1", { id: "U2", workspace: "T1", in: "T1" }, false],
    ["a member of the workspace that stands there", "T1/U1", { id: "U1", workspace: "T1", in: "T1" }, true],
    ["a guest of the workspace that stands there", "T2/U1", { id: "U1", workspace: "T2", in: "T1" }, true],
    ["a member of another workspace", "T1/U1", { id: "U1", workspace: "T2", in: "T2" }, false],
    ["somebody of no workspace", "T1/U1", { id: "U1" }, false],
  ])("is %s", (_, slack, user, known) => {
    expect(personInSlack(user, linked(slack))?.name).toBe(known ? "Cora" : undefined);
  });
});

describe("the accounts of an entry of people.yaml", () => {
  const entry: Person = {
    ...{ name: "Cora", accounts: [], outside: false },
    addresses: ["cora@example.org", ""],
    identities: [identity("cora-2")],
  };
  const other = { ...member("cora-2"), address: "c@elsewhere.example" };
  const capitals = { ...member("cora-3"), address: "Cora@Example.org" };

  it("are those of its addresses and of its identities, in the directory's order", () => {
    expect(membersOf(entry, [other, member("sam"), member("cora"), capitals])).toEqual([
      other,
      member("cora"),
      capitals,
    ]);
  });

  it("are none that is disabled, nor one without an address", () => {
    const disabled = [other, member("cora")].map((each) => ({ ...each, enabled: false }));
    expect(membersOf(entry, [...disabled, { ...member("nobody"), address: "" }])).toEqual([]);
  });
});
