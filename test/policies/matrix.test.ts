import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { allDuties, loadMatrix } from "../../core/approval/loading/load-matrix.ts";
import { loadPeople } from "../../core/approval/loading/load-people.ts";
import type { Matrix } from "../../core/approval/matrix.ts";
import { ruleFor } from "../../core/approval/requirements.ts";
import { requireLoaded } from "../../core/encoding/policy-file.ts";

const read = (name: string) => readFileSync(new URL(`../../policies/${name}`, import.meta.url), "utf8");
const matrix: Matrix = requireLoaded("matrix.yaml", loadMatrix(read("matrix.yaml")));

describe("the shipped approval matrix", () => {
  it("asks one lead data scientist for a recommendation model", () => {
    expect(ruleFor(matrix, "recommendation", "production").stages).toMatchObject([
      { requires: { role: "lead-data-scientist", count: 1 } },
    ]);
  });

  it("asks compliance first and then a lead data scientist and an SRE for a credit-scoring model", () => {
    expect(ruleFor(matrix, "credit-scoring", "production").stages).toMatchObject([
      { name: "compliance", requires: { role: "compliance-officer", count: 1 } },
      {
        name: "model and operations",
        requires: {
          all: [
            { role: "lead-data-scientist", count: 1 },
            { role: "sre", count: 1 },
          ],
        },
      },
    ]);
  });

  it("excludes everybody who had a hand in a candidate", () => {
    for (const rule of matrix.rules) expect(rule.excludes).toEqual(allDuties);
  });

  it("names the groups that the user pool makes", () => {
    expect([...new Set(Object.values(matrix.roles).flatMap((role) => role.groups))]).toEqual([
      "lead-data-scientists",
      "compliance-officers",
      "sre",
      "incident-commanders",
    ]);
  });
});

describe("the published schemas", () => {
  const validate = (schema: string, yaml: string) => {
    const check = new Ajv2020({ allErrors: true }).compile(JSON.parse(read(`schema/${schema}.schema.json`)));
    return check(parse(yaml));
  };

  it("accept the shipped files", () => {
    expect(validate("matrix", read("matrix.yaml"))).toBe(true);
    expect(validate("people", read("people.yaml"))).toBe(true);
    expect(loadPeople(read("people.yaml"))).toMatchObject({
      kind: "loaded",
      value: [{ name: "Tomas Trainer" }, { name: "Priya Nair" }],
    });
  });

  it.each([
    ["an unknown field", "matrixVersion: 1", "matrixVersion: 1\nextra: 1"],
    ["a count of nought", "{ role: lead-data-scientist }", "{ role: lead-data-scientist, count: 0 }"],
    ["an empty all", "{ role: lead-data-scientist }", "{ all: [] }"],
    ["a role and a choice at once", "{ role: lead-data-scientist }", "{ role: sre, any: [{ role: sre }] }"],
    ["a duration without a unit", "expiresAfter: 5d", "expiresAfter: 5"],
    ["an unknown duty", "[requester,", "[sponsor,"],
    ["a role without groups", "groups: [sre]", "groups: []"],
    ["a name in capitals", "modelType: recommendation", "modelType: Recommendation"],
  ])("and the loader refuse %s alike", (_, from, to) => {
    const text = read("matrix.yaml").replace(from, to);
    expect(text).not.toBe(read("matrix.yaml"));
    expect(validate("matrix", text)).toBe(false);
    expect(loadMatrix(text).kind).toBe("refused");
  });

  it.each([
    ["a login name", "{ name: Ada, accounts: { github: ada } }"],
    ["an entry that links nothing", "{ name: Ada }"],
    ["an unknown provider", "{ name: Ada, accounts: { sourceforge: 5 } }"],
    ["something that is no address", "{ name: Ada, address: ada }"],
  ])("and the loader refuse %s alike among the people", (_, entry) => {
    const text = `peopleVersion: 1\npeople: [${entry}]`;
    expect(validate("people", text)).toBe(false);
    expect(loadPeople(text).kind).toBe("refused");
  });

  it("and the loader take every kind of link", () => {
    const text = [
      "peopleVersion: 1",
      "people:",
      "  - name: Ada",
      "    address: Ada@Example.org",
      "    otherAddresses: [ada@home.example]",
      "    accounts: { github: 1042, gitlab: '77' }",
      "    identities: [{ issuer: https://login.example, subject: ada }]",
      "  - { name: Supplier, accounts: { github: 2001 }, outside: true }",
    ].join("\n");
    expect(validate("people", text)).toBe(true);
    expect(loadPeople(text)).toEqual({
      kind: "loaded",
      value: [
        {
          name: "Ada",
          addresses: ["ada@example.org", "ada@home.example"],
          accounts: [
            { provider: "github", id: "1042" },
            { provider: "gitlab", id: "77" },
          ],
          identities: [{ issuer: "https://login.example", subject: "ada" }],
          outside: false,
        },
        {
          name: "Supplier",
          addresses: [],
          accounts: [{ provider: "github", id: "2001" }],
          identities: [],
          outside: true,
        },
      ],
    });
  });
});
