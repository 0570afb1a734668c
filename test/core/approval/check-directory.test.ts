import { describe, expect, it } from "vitest";
import { checkDirectory } from "../../../core/approval/check-directory.ts";
import { member } from "./people-and-votes.ts";

const matrix = `matrixVersion: 1
roles:
  sre: { title: SRE, groups: [sres] }
  officer: { title: Officer, groups: [compliances] }
rules:
  - modelType: scoring
    target: production
    expiresAfter: 5d
    stages:
      - { name: one, requires: { role: officer } }
      - { name: two, requires: { all: [{ role: sre }, { role: officer }] } }
`;
const told = (...people: Parameters<typeof checkDirectory>[1]) =>
  checkDirectory(matrix, people, []).map(({ line, path, sentence }) => `${line} ${path}: ${sentence}`);

describe("a matrix beside the directory", () => {
  it("is right where distinct people can fill every seat", () => {
    expect(told(member("sam", "sre"), member("cora", "compliance"), member("cleo", "compliance"))).toEqual([]);
  });

  it("names roles that nobody holds, and rules that nobody can meet, with their lines", () => {
    expect(told({ ...member("sam", "sre"), enabled: false }, member("cora", "compliance"))).toEqual([
      "3 roles.sre: Nobody in the directory is in sres.",
      expect.stringMatching(/^6 rules\[0\]: Nobody is left for the seat '(SRE|Officer)' in the stage 'two'/),
    ]);
  });

  it("says what the loader says where it does not load", () => {
    expect(checkDirectory(matrix.replace("expiresAfter: 5d", "expiresAfter: 5"), [], [])[0]?.line).toBe(8);
  });
});
