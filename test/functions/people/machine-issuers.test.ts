import { expect, it } from "vitest";
import { readMachineIssuers } from "../../../functions/people/machine-issuers.ts";

const github = {
  name: "github",
  issuer: "https://token.actions.githubusercontent.com",
  audience: "countersign",
  jwksUri: "https://token.actions.githubusercontent.com/.well-known/jwks",
};
const gitlab = { ...github, name: "gitlab", issuer: "https://gitlab.example" };

it("reads whose tokens are trusted to say which pipeline asks", () => {
  expect(readMachineIssuers(JSON.stringify([github, gitlab]))).toEqual([github, gitlab]);
  expect(readMachineIssuers("[]")).toEqual([]);
});

it.each([
  ["no JSON", "github"],
  ["no list", JSON.stringify(github)],
  ["an issuer without a name", JSON.stringify([{ ...github, name: "" }])],
  ["an audience of nobody", JSON.stringify([{ ...github, audience: "" }])],
  ["keys at no address", JSON.stringify([{ ...github, jwksUri: "jwks" }])],
  ["a member that nobody knows", JSON.stringify([{ ...github, jwks: "{}" }])],
  [
    "one name for two issuers, whose pipelines would be taken for each other's",
    JSON.stringify([github, { ...gitlab, name: "github" }]),
  ],
  [
    "one issuer twice, of which one entry would be forgotten",
    JSON.stringify([github, { ...gitlab, issuer: github.issuer }]),
  ],
])("does not start with %s", (_, text) => {
  expect(() => readMachineIssuers(text)).toThrow(/^The parameter MachineIssuers is not a JSON list of name, issuer/);
});
