import { describe, expect, it } from "vitest";
import { loadPeople } from "../../../../core/approval/loading/load-people.ts";

function problems(...entries: string[]): readonly string[] {
  const loaded = loadPeople(`peopleVersion: 1\npeople:\n${entries.map((entry) => `  - ${entry}\n`).join("")}`);
  return loaded.kind === "loaded" ? [] : loaded.problems.map(({ line, sentence }) => `${line} ${sentence}`);
}
const ada = "{ name: Ada, address: ada@example.org, accounts: { github: 1042 } }";

describe("the file of people", () => {
  it("links nobody where its list is empty", () => {
    expect(loadPeople("peopleVersion: 1\npeople: []\n")).toEqual({ kind: "loaded", value: [] });
  });

  it("takes two people who share nothing", () => {
    expect(problems(ada, "{ name: Bob, address: bob@example.org, accounts: { gitlab: 1042 } }")).toEqual([]);
  });

  it.each([
    [
      "one person under two entries",
      "{ name: Ada L., address: ' ADA@Example.org ' }",
      "The address ada@example.org already belongs to the entry on line 3: one person, one entry.",
    ],
    [
      "one account under two people",
      "{ name: Bob, accounts: { github: '1042' } }",
      "The github account 1042 already belongs to the entry on line 3: one person, one entry.",
    ],
    [
      "one address under two people",
      "{ name: Bob, address: bob@example.org, otherAddresses: [ada@example.org] }",
      "The address ada@example.org already belongs to the entry on line 3: one person, one entry.",
    ],
  ])("is refused for %s, with both lines", (_, entry, sentence) => {
    expect(problems(ada, entry)).toEqual([`4 ${sentence}`]);
  });

  it("is refused for one Slack account under two people", () => {
    const entry = (name: string) => `{ name: ${name}, address: ${name}@example.org, accounts: { slack: U024BE7LH } }`;
    expect(problems(entry("Ada"), entry("Bob"))).toEqual([
      "4 The Slack account U024BE7LH already belongs to the entry on line 3: one person, one entry.",
    ]);
  });

  it("is refused for one Slack account that stands with its workspace once and once without", () => {
    const entry = (name: string, slack: string) =>
      `{ name: ${name}, address: ${name}@e.org, accounts: { slack: ${slack} } }`;
    expect(problems(entry("Ada", "U024BE7LH"), entry("Bob", "T024BE7LG/U024BE7LH"))).toEqual([
      "4 The Slack account T024BE7LG/U024BE7LH already belongs to the entry on line 3: one person, one entry.",
    ]);
  });

  it("is refused for one identity under two people", () => {
    const entry = (name: string) => `{ name: ${name}, identities: [{ issuer: https://login.example, subject: s-1 }] }`;
    expect(problems(entry("Ada"), entry("Bob"))).toEqual([
      "4 The identity s-1 of https://login.example already belongs to the entry on line 3: one person, one entry.",
    ]);
  });

  it.each([
    [
      "an address twice in one entry",
      "{ name: Ada, address: a@b.example, otherAddresses: [A@b.example] }",
      "3 The address a@b.example stands here twice.",
    ],
    [
      "a login name",
      "{ name: Ada, accounts: { github: ada } }",
      "3 This must be the account's numeric id, not its login name, which can be given up and taken by another.",
    ],
    [
      "an id beyond what a number holds",
      "{ name: Ada, accounts: { github: 12345678901234567890 } }",
      "3 This must be the account's numeric id, not its login name, which can be given up and taken by another.",
    ],
    [
      "a display name in Slack",
      "{ name: Ada, address: ada@example.org, accounts: { slack: '@ada' } }",
      "3 This must be the account's member id in Slack, such as U024BE7LH or with its workspace T024BE7LG/U024BE7LH, not its display name.",
    ],
    [
      "a Slack account that leads to nobody",
      "{ name: Ada, accounts: { github: 1042, slack: U024BE7LH } }",
      "3 A Slack account needs an address or an identity beside it, or it leads to nobody in the directory.",
    ],
    [
      "an entry that links nothing",
      "{ name: Ada }",
      "3 The entry names no address, account or identity, so it links nothing.",
    ],
    ["something that is no address", "{ name: Ada, address: ada }", "3 This must be an email address."],
    ["a nameless entry", "{ address: ada@example.org }", "3 The field 'name' is missing."],
    [
      "'outside' that is neither true nor false",
      "{ name: Ada, address: a@b.example, outside: yes }",
      "3 This must be true or false.",
    ],
    [
      "an unknown field",
      "{ name: Ada, address: a@b.example, phone: 1 }",
      "3 'phone' is not a field here; known are 'name', 'address', 'otherAddresses', 'accounts', 'identities' and 'outside'.",
    ],
  ])("is refused for %s", (_, entry, problem) => {
    expect(problems(entry)).toContain(problem);
  });
});
