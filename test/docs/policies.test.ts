import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPeople } from "../../core/approval/loading/load-people.ts";
import { readDirectory } from "../../core/policy/directory.ts";
import { scratchDirectory } from "../local/recorded-calls.ts";

it("docs/policies.md shows a people.yaml that loads", () => {
  const [, text = ""] = /```yaml people\n([\s\S]*?)```/.exec(readFileSync("docs/policies.md", "utf8")) ?? [];
  expect(loadPeople(text)).toMatchObject({
    kind: "loaded",
    value: [
      { name: "Ada Example", outside: false },
      { name: "A supplier", outside: true },
    ],
  });
});

const blocks = [...readFileSync("docs/policies.md", "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, block]) => block,
);
const blockWith = (words: string) => blocks.find((block) => block?.includes(words)) ?? expect.unreachable();

/** What the AWS CLI answers, by the words of a call that begin it, and by those anywhere in it. */
type Answers = readonly (readonly [call: string, answer: string])[];

/** Runs a block as it stands, with an AWS CLI that answers so; what it leaves as `people.json`. */
function run(block: string, answers: Answers): Buffer {
  const directory = scratchDirectory();
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const cases = answers.map(([call, answer]) => `  *"${call}"*) printf '%s\n' '${answer}' ;;`);
  const script = ["#!/bin/sh", 'case "$*" in', ...cases, '  *) echo "not known: $*" >&2; exit 9 ;;', "esac"];
  writeFileSync(join(bin, "aws"), script.join("\n"));
  chmodSync(join(bin, "aws"), 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  execFileSync("sh", ["-e", "-c", block], { cwd: directory, env });
  return readFileSync(join(directory, "people.json"));
}

const attributes = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([Name, Value]) => ({ Name, Value }));

describe("docs/policies.md exports a directory", () => {
  it("from a user pool, as the service sees its people", () => {
    const Users = [
      {
        Username: "u-1",
        Enabled: true,
        Attributes: attributes({ sub: "s-1", email: "ines@example.org", name: "Ines" }),
      },
      { Username: "u-2", Enabled: false, Attributes: attributes({ sub: "s-2" }) },
    ];
    const people = run(blockWith("list-users-in-group"), [
      ["list-exports", "eu-central-1_AbC123"],
      ["list-users-in-group --user-pool-id eu-central-1_AbC123 --group-name sre", "u-2"],
      ["list-users-in-group", "u-1\nu-2"],
      ["list-users --user-pool-id eu-central-1_AbC123", JSON.stringify({ Users })],
      ["list-groups", "compliance-officer\tsre"],
    ]);
    const issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123";
    expect(readDirectory(people)).toEqual([
      {
        identity: { issuer, subject: "s-1" },
        ...{ name: "Ines", address: "ines@example.org", groups: ["compliance-officer"], enabled: true },
      },
      {
        identity: { issuer, subject: "s-2" },
        ...{ name: "u-2", address: "", groups: ["compliance-officer", "sre"], enabled: false },
      },
    ]);
  });

  it("from IAM Identity Center, without whom nobody could tell", () => {
    const id = (Id: string) => [{ Issuer: "scim", Id }];
    const Users = [
      {
        ...{ UserId: "1", UserName: "ines", DisplayName: "Ines", ExternalIds: id("s-1"), UserStatus: "ENABLED" },
        Emails: [{ Value: "private@example.org" }, { Value: "ines@example.org", Primary: true }],
      },
      { UserId: "2", UserName: "lars", ExternalIds: id("s-2"), UserStatus: "DISABLED" },
      { UserId: "3", UserName: "made by hand", UserStatus: "ENABLED" },
    ];
    const people = run(blockWith("identitystore"), [
      ["list-users", JSON.stringify({ Users })],
      ["list-groups", "g-1\tcompliance officers"],
      ["list-group-memberships --identity-store-id d-1234567890 --group-id g-1", "1"],
    ]);
    const issuer = "https://login.example.org";
    expect(readDirectory(people)).toEqual([
      {
        identity: { issuer, subject: "s-1" },
        ...{ name: "Ines", address: "ines@example.org", groups: ["compliance officers"], enabled: true },
      },
      { identity: { issuer, subject: "s-2" }, name: "lars", address: "", groups: [], enabled: false },
    ]);
  });
});
