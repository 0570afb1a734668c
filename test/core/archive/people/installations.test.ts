import { describe, expect, it } from "vitest";
import {
  type InstalledFrom,
  installationsOf,
  installationsThen,
  requireOnPortal,
  signInsThen,
} from "../../../../core/archive/people/installations.ts";
import { type Installation, installationFact } from "../../../../core/attestation/installation-record.ts";
import { base64url } from "../../../../core/encoding/base64.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { installation } from "../../attestation/given-installation.ts";
import { smallFacts, smallPack, wrongWith } from "../small-pack.ts";
import { recordsOf, told } from "../told.ts";

const nine = "2026-11-23T09:00:00.000Z" as Instant;
const noon = "2026-11-23T12:00:00.000Z" as Instant;
const other = { rpId: "other.example", origins: ["https://other.example"] };
/** The log begins at nine, and from entry 7 on, at noon, all is otherwise. */
const changed: Installation = { ...installation, issuer: "https://new.example", audiences: ["new"], passkeys: other };
const installations: readonly InstalledFrom[] = [
  { ...installation, number: 1, index: 0, at: nine },
  { ...changed, number: 2, index: 7, at: noon },
];
const then = (index: number, at: Instant) =>
  installationsThen(installations, { index, at }).map(({ number }) => number);
const trust = (known = {}) => ({ installations, known });
const settings = (over: Partial<Installation>, number = 1, at = nine) =>
  installationFact({ ...installation, ...over }, number, at);
const sentences = (facts: readonly Fact[], origin = installation.logOrigin) =>
  installationsOf(recordsOf(facts), { origin }).findings.map(
    ({ code, path, sentence }) => `${code} ${path}: ${sentence}`,
  );

describe("what the log tells of the installation", () => {
  it("is what it begins with, and each change of it", () => {
    const facts = [settings({}), settings(changed, 2, noon)];
    expect(installationsOf(recordsOf(facts), { origin: installation.logOrigin })).toEqual({
      installations: [installations[0], { ...installations[1], index: 1 }],
      findings: [],
    });
  });

  it("is there", () => {
    expect(sentences([])).toEqual([
      "installation-missing manifest.json: The log does not tell what the installation is: for which applications, and by whom, people sign in.",
    ]);
  });

  it("is in its form, counted, and of this log, for ever", () => {
    const invalid = "installation-invalid records/0.json:";
    expect(sentences([settings({ audiences: [] })])[0]).toMatch(/^installation-invalid records\/0\.json: The record/);
    expect(sentences([settings({}, 2)])).toEqual([
      `${invalid} It is counted as another version of the settings than it is.`,
    ]);
    expect(sentences([settings({})], "other.example/1")).toEqual([
      `${invalid} It is about the log 'log.example/1', and this is 'other.example/1'.`,
    ]);
    expect(sentences([settings({}), settings({ attestationBase: "https://other.example" }, 2)])).toEqual([
      expect.stringMatching(/^installation-invalid records\/1\.json: What is signed begins with/),
    ]);
    expect(sentences([settings({}), settings({ subjectClaim: "oid" }, 2)])).toEqual([
      expect.stringMatching(/^installation-invalid records\/1\.json: People of .* are named by the claim 'sub'/),
    ]);
    const later = settings({});
    expect(sentences([{ ...later, body: { ...later.body, recordVersion: 2 } }])).toEqual([
      expect.stringMatching(/^newer-version records\/0\.json: The log is of version 2/),
    ]);
  });
});

describe("what is in force", () => {
  it("is told by where something stands in the log, and around a change by its time too", () => {
    expect(then(5, "2026-11-23T10:00:00.000Z" as Instant)).toEqual([1]);
    expect(then(9, "2026-11-23T13:00:00.000Z" as Instant)).toEqual([2]);
    // Recorded by functions that were changed before those that append, and by those that were changed after them.
    expect(then(6, addSeconds(noon, -900))).toEqual([1, 2]);
    expect(then(6, addSeconds(noon, -901))).toEqual([1]);
    expect(then(8, addSeconds(noon, 900))).toEqual([1, 2]);
    expect(then(8, addSeconds(noon, 901))).toEqual([2]);
    // What waited for hours is still of when it was recorded.
    expect(then(9, nine)).toEqual([1, 2]);
  });

  const token = (iss: string, aud: unknown, more = {}) =>
    [{ alg: "RS256" }, { iss, aud, sub: "dora", ...more }, {}]
      .map((part) => base64url(utf8(JSON.stringify(part))))
      .join(".");
  const dora = (issuer: string) => ({ issuer, subject: "dora" });
  const first = { issuer: installation.issuer, audiences: installation.audiences, subjectClaim: "sub" };
  const old = { index: 5, at: nine };

  it("names the applications that a person's provider may issue a token to", () => {
    const after = { index: 9, at: addSeconds(noon, 3600) };
    const [before, since] = [dora(installation.issuer), dora(changed.issuer)];
    expect(signInsThen(trust(), before, old, "")).toEqual(first);
    expect(signInsThen(trust(), since, old, "")).toEqual(first);
    expect(signInsThen(trust(), since, after, "")).toEqual({ ...first, issuer: since.issuer, audiences: ["new"] });
    expect(signInsThen({ installations: [], known: {} }, before, old, "")).toEqual({
      issuer: "",
      audiences: [],
      subjectClaim: "sub",
    });
  });

  it("counts as far as it is what somebody knows from elsewhere", () => {
    const known = { issuers: ["https://known.example"], audiences: ["cli-client", "another"] };
    expect(signInsThen(trust(known), dora(installation.issuer), old, "")).toEqual({
      issuer: "https://known.example",
      audiences: ["cli-client"],
      subjectClaim: "sub",
    });
  });

  it("cannot be told yet of a sign-in of the last quarter of an hour which no settings name", () => {
    const later = "https://later.example";
    const soon = (idToken: string, known = {}, issuer = later, goesTo = addSeconds(nine, 904)) =>
      signInsThen({ ...trust(known), goesTo }, dora(issuer), old, idToken);
    const untold =
      "Whether the sign-in of 'records/5.json' counts: the log tells of no settings for it, and some may have been on their way to it. It is by 'https://later.example', for the application 'app'.";
    const own = { issuer: later, audiences: ["app"], subjectClaim: "sub", untold };
    expect(soon(token(later, "app"))).toEqual(own);
    expect(soon(token(later, ["app"]))).toEqual(own);
    expect(soon(token(later, "app", { sub: "other", oid: "dora" }))).toEqual({ ...own, subjectClaim: "oid" });
    expect(soon(token(later, "app"), {}, later, addSeconds(nine, 905))).toEqual(first);
    expect(soon(token(later, ["app", "another"]))).toEqual(first);
    expect(soon("")).toEqual(first);
    expect(soon(token(installation.issuer, first.audiences[0]), {}, installation.issuer)).toEqual(first);
    expect(soon(token(installation.issuer, "app"), {}, installation.issuer)).toMatchObject({
      audiences: ["app"],
      untold: expect.stringMatching(/'app'\.$/),
    });
    // What somebody knows from elsewhere no settings of the log change.
    expect(soon(token(later, "app"), { issuers: [installation.issuer] })).toMatchObject({
      issuer: installation.issuer,
    });
    expect(soon(token(later, "app"), { audiences: ["known"] })).toMatchObject({ audiences: [] });
    expect(soon(token(later, "app"), { subjectClaims: [{ issuer: later, subjectClaim: "oid" }] })).toMatchObject({
      subjectClaim: "oid",
    });
  });

  it("says on which pages passkeys are made", () => {
    const passkey = { rpId: "sign.example", origin: "https://sign.example" };
    const made = (over = {}, known = {}, recorded = old, goesTo?: Instant) =>
      requireOnPortal({ ...trust(known), goesTo }, { ...passkey, ...over }, recorded);
    expect(made()).toBeUndefined();
    const elsewhere = "The passkey was made on https://sign.example for other.example, and the portal was elsewhere.";
    expect(() => made({ rpId: "other.example" })).toThrow(elsewhere);
    expect(() => made({}, {}, { index: 9, at: addSeconds(noon, 3600) })).toThrow(/elsewhere\.$/);
    expect(made({}, { origins: [passkey.origin] })).toBeUndefined();
    const foreign = /not among the origins that were given\.$/;
    expect(() => made({}, { origins: ["https://known.example"] })).toThrow(foreign);
    // Of the last quarter of an hour some may be on their way that name it.
    const other = { rpId: "other.example" };
    expect(made({}, {}, old, addSeconds(nine, 904))).toBeUndefined();
    expect(made(other, {}, old, addSeconds(nine, 904))).toBe(
      "Whether the passkey of 'records/5.json' was made on the portal: the log tells of no settings by which it was, and some may have been on their way to it. It was made on 'https://sign.example', for 'other.example'.",
    );
    expect(() => made(other, {}, old, addSeconds(nine, 905))).toThrow(elsewhere);
    expect(() => made(other, { origins: ["https://known.example"] }, old, addSeconds(nine, 904))).toThrow(foreign);
  });
});

describe("a log that tells of its installation otherwise", () => {
  const [first, ...rest] = smallFacts;
  if (first === undefined) throw new Error("There is nothing.");
  const saying = (body: Fact["body"]): Fact => ({ ...first, body: { ...first.body, ...body } });
  const found = async (facts: readonly Fact[]) => await wrongWith(await smallPack({ facts }));

  it("says nothing of it", async () => {
    expect(await found(rest)).toEqual(expect.arrayContaining([expect.stringMatching(/^installation-missing /)]));
  });

  it("begins with something else", async () => {
    const [second, ...others] = rest;
    expect(await found([second ?? first, first, ...others])).toContain(
      "installation-invalid records/1.json: The log begins with something else than what the installation is.",
    );
  });

  it("names the application where somebody decided only later", async () => {
    const at = smallFacts.at(-1)?.at ?? nine;
    const menu = saying({ audiences: ["lunch-menu"] });
    const { recordVersion: _, ...honest } = first.body as unknown as Installation & { readonly recordVersion: 1 };
    const facts = [menu, ...rest, installationFact(honest, 2, addSeconds(at, 3600))];
    expect(await found(facts)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^sign-off-invalid .*The token was issued to another application\.$/),
      ]),
    );
  });

  it("is told by a part of it as well", async () => {
    const scope = { kind: "promotion", promotion: told.rejected } as const;
    const facts = [saying({ issuer: "https://other.example" }), ...rest];
    expect(await wrongWith(await smallPack({ facts, scope }))).toEqual(
      expect.arrayContaining([expect.stringMatching(/The token comes from another issuer\.$/)]),
    );
    expect(await wrongWith(await smallPack({ facts: rest, scope }))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^installation-missing /)]),
    );
  });
});
