import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { memberNamed, readDirectory } from "../../../core/policy/directory.ts";
import { codeOf, told } from "../refusal.ts";
import { everybody, person } from "./policy-texts.ts";

const ines = { identity: { issuer: "https://login.example", subject: "ines" }, name: "Ines", groups: ["sre"] };
const read = (document: unknown) => readDirectory(utf8(JSON.stringify(document)));
const refusal = (document: unknown) => told(codeOf(() => read(document)));

describe("reading an export of the directory", () => {
  it("gives everybody in it; an account works, and has no address, unless it is said", () => {
    const carl = { ...ines, identity: { ...ines.identity, subject: "carl" }, name: "Carl" };
    const members = [ines, { ...carl, address: "carl@example.com", enabled: false }];
    expect(read({ directoryVersion: 1, members })).toEqual([
      { ...ines, address: "", enabled: true },
      { ...carl, address: "carl@example.com", enabled: false },
    ]);
    expect(read({ directoryVersion: 1, members: [] })).toEqual([]);
  });

  it("refuses what is not JSON, and says where", () => {
    const { code, sentence } = codeOf(() => readDirectory(utf8('{"directoryVersion":1,"directoryVersion":1}')));
    expect(code).toBe("malformed-json");
    expect(sentence).toMatch(/^The directory is not JSON that can be taken, at '\/directoryVersion': ./);
  });

  it.each([
    ["another version", { directoryVersion: 2, members: [] }, "directoryVersion"],
    ["no list", { directoryVersion: 1, members: {} }, "members"],
    ["no person", 7, "it"],
    ["no name", { directoryVersion: 1, members: [{ ...ines, name: "" }] }, "members.0.name"],
    ["a field that nobody knows", { directoryVersion: 1, members: [{ ...ines, age: 3 }] }, "members.0.age"],
    [
      "an address that is too long",
      { directoryVersion: 1, members: [{ ...ines, address: "a".repeat(321) }] },
      "members.0.address",
    ],
  ])("refuses %s, and says what is not right", (_, document, place) => {
    expect(refusal(document)).toMatch(
      new RegExp(`^invalid-request: The directory cannot be read: ${place} is not right \\(.+\\)\\.$`),
    );
  });

  it("refuses a person who stands there twice, and not two of one name", () => {
    expect(refusal({ directoryVersion: 1, members: [ines, { ...ines, name: "Another" }] })).toBe(
      "invalid-request: The directory lists 'ines' of https://login.example twice.",
    );
    const elsewhere = { ...ines, identity: { ...ines.identity, issuer: "https://other.example" } };
    expect(read({ directoryVersion: 1, members: [ines, elsewhere] })).toHaveLength(2);
  });
});

describe("the person that a word means", () => {
  it("is found by name, address or subject, however it is written", () => {
    for (const word of ["Ines", "INES@example.com", "ines", " ines "])
      expect(memberNamed(word, everybody).identity.subject).toBe("ines");
  });

  it("is refused where there is nobody, or more than one", () => {
    expect(told(codeOf(() => memberNamed("Zoe", everybody)))).toBe(
      "invalid-person: Nobody in the directory is called 'Zoe'.",
    );
    const second = { ...person("Ines"), identity: { issuer: "https://login.example", subject: "ines-2" } };
    expect(told(codeOf(() => memberNamed("Ines", [...everybody, second])))).toBe(
      "invalid-person: 2 people in the directory are called 'Ines': give the subject.",
    );
    expect(memberNamed("ines-2", [...everybody, second])).toBe(second);
  });

  it("is nobody without an address for a word that says nothing", () => {
    const without = { ...person("Ines"), address: "" };
    expect(told(codeOf(() => memberNamed("", [without])))).toBe(
      "invalid-person: Nobody in the directory is called ''.",
    );
  });
});
