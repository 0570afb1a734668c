import { describe, expect, it } from "vitest";
import {
  installationFact,
  readInstallationRecord,
  sameInstallation,
  whyNotTheSameLog,
} from "../../../core/attestation/installation-record.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { now } from "../promotion/promotion-in-review.ts";
import { installation } from "./given-installation.ts";

const fact = installationFact(installation, 2, now);
const saying = (body: Fact["body"]) => ({ ...fact, body: { ...fact.body, ...body } });

describe("the record of an installation", () => {
  it("says what it is, in the form of its version", () => {
    expect(fact).toEqual({
      id: "installation/settings/2",
      type: "installation",
      at: now,
      summary: "The settings of the deployment are in force, version 2.",
      body: {
        recordVersion: 1,
        number: 2,
        issuer: "https://login.example/pool",
        audiences: ["portal-client", "cli-client"],
        passkeys: { rpId: "sign.example", origins: ["https://sign.example"] },
        attestationBase: "https://countersign.example",
        logOrigin: "log.example/1",
      },
      attachments: [],
    });
    expect(readInstallationRecord(fact)).toEqual({ ...installation, number: 2 });
  });

  it("names the claim that people are named by where it is not the usual one", () => {
    const entra = { ...installation, subjectClaim: "oid" as const };
    const told = installationFact(entra, 2, now);
    expect(told.body).toEqual({ ...fact.body, subjectClaim: "oid" });
    expect(readInstallationRecord(told)).toEqual({ ...entra, number: 2 });
    expect(sameInstallation(installation, entra)).toBe(false);
  });

  it.each<[string, Fact["body"]]>([
    ["issuer", { issuer: "" }],
    ["audiences", { audiences: [] }],
    ["passkeys.origins", { passkeys: { rpId: "sign.example", origins: [] } }],
    ["number", { number: 0 }],
    ["more", { more: "than that" }],
    // What people may change themselves, such as their address, names nobody; the usual claim goes without saying.
    ["subjectClaim", { subjectClaim: "email" }],
    ["subjectClaim", { subjectClaim: "sub" }],
    ["recordVersion", { recordVersion: 0 }],
  ])("is refused where its %s is not of that form", (member, body) => {
    expect(() => readInstallationRecord(saying(body))).toThrow(
      `The record 'installation/settings/2' cannot be taken: its '${member}' is not that of an installation's record.`,
    );
  });

  it("is refused under the id of another, and is no verdict where it is of a later version", () => {
    expect(() => readInstallationRecord(saying({ number: 3 }))).toThrow("it is recorded under the id of another");
    expect(() => readInstallationRecord(saying({ recordVersion: 2 }))).toThrow("a newer Countersign made it");
  });
});

describe("two installations", () => {
  it("are the same where they say the same", () => {
    expect(sameInstallation(installation, { ...installation })).toBe(true);
    expect(sameInstallation(installation, { ...installation, audiences: ["portal-client"] })).toBe(false);
    const elsewhere = { rpId: "sign.example", origins: ["https://other.example"] };
    expect(sameInstallation(installation, { ...installation, passkeys: elsewhere })).toBe(false);
  });

  it("have one log only where what names it, and what begins all that is signed, stay", () => {
    expect(whyNotTheSameLog([], installation)).toBeUndefined();
    expect(whyNotTheSameLog([installation], { ...installation, issuer: "https://login.example/new" })).toBeUndefined();
    expect(whyNotTheSameLog([installation], { ...installation, logOrigin: "other.example/1" })).toBe(
      "The log is 'log.example/1', and cannot become 'other.example/1'.",
    );
    expect(whyNotTheSameLog([installation], { ...installation, attestationBase: "https://other.example" })).toMatch(
      /cannot begin with 'https:\/\/other\.example'/,
    );
  });

  it("name the people of one issuer by one claim, whatever there was between", () => {
    const entra = { ...installation, issuer: "https://login.example/entra", subjectClaim: "oid" as const };
    expect(whyNotTheSameLog([installation], entra)).toBeUndefined();
    expect(whyNotTheSameLog([installation, entra], installation)).toBeUndefined();
    expect(whyNotTheSameLog([entra, installation], { ...entra, subjectClaim: "sub" })).toBe(
      "People of 'https://login.example/entra' are named by the claim 'oid', and cannot be by 'sub': whoever signed before would be somebody else.",
    );
  });
});
