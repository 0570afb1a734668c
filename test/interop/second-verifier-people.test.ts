import { spawnSync } from "node:child_process";
import { describe, expect } from "vitest";
import { loadPeople } from "../../core/approval/loading/load-people.ts";
import { withTool } from "./programs.ts";
import { secondVerifier } from "./second-verifier.ts";

// people.yaml is one text, and links for both verifiers the same people: what one reads as a name and the other as a number, a
// truth or a date decides whose signature counts.

const yaml = {
  name: "python3 with the packages cryptography and PyYAML",
  there: spawnSync("python3", ["-c", "import cryptography, yaml"]).status === 0,
};

/** Plain, quoted and tagged, as YAML 1.1 and 1.2 read them otherwise. */
const written = [
  ...["on", "off", "yes", "no", "y", "n", "true", "~", "null", "Null", "=", "<<", "-", "."],
  ...["12", "012", "0o17", "0x1F", "0b11", "1_000", "12:30", "12:30:45", "+12", "1.0", "1e3", ".5", "1.", "1e400"],
  ...["2026-11-22", "2026-11-22T17:03:00Z", "'012'", '"on"', "!!str 012", "'12'", "90210", "9007199254740993"],
];
const texts = written.flatMap((each) =>
  [
    `identities: [{ issuer: https://login.example, subject: ${each} }]`,
    `accounts: { github: ${each} }`,
    `address: ${each}@bank.example`,
    `address: a@bank.example\n    outside: ${each}`,
  ].map((entry) => `peopleVersion: 1\npeople:\n  - name: A\n    ${entry}\n`),
);
const taken = texts.flatMap((text) => {
  const loaded = loadPeople(text);
  return loaded.kind === "refused" ? [] : [{ text, entries: loaded.value.map(({ name: _, ...entry }) => entry) }];
});

describe("the second verifier, of people.yaml,", () => {
  withTool(
    yaml,
    "reads whatever ours takes as ours does",
    () => {
      expect(taken.length).toBeGreaterThan(60);
      const program = `
import json, sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from people import entries_in
print(json.dumps([entries_in(text) for text in json.load(sys.stdin)]))
`;
      const input = JSON.stringify(taken.map(({ text }) => text));
      const { stdout } = spawnSync("python3", ["-c", program], { input, encoding: "utf8" });
      const read = JSON.parse(stdout) as readonly unknown[];
      expect(taken.map(({ text }, at) => ({ text, entries: read[at] }))).toEqual(taken);
    },
    () => expect(taken.length).toBeGreaterThan(60),
  );

  withTool(
    yaml,
    "says that it cannot read what PyYAML cannot, rather than that nobody is linked",
    () => {
      const program = `
import sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from people import entries_in
print(entries_in("people:\\n  - name:\\tA\\n"))
`;
      expect(spawnSync("python3", ["-c", program], { encoding: "utf8" }).stdout).toBe("None\n");
    },
    () => expect(loadPeople("peopleVersion: 1\npeople:\n  - name:\tA\n    address: a@b\n").kind).toBe("loaded"),
  );
});
