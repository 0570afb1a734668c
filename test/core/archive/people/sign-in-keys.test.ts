import { generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { describe, expect, it } from "vitest";
import {
  recheckSignInKeys,
  type SignInKey,
  SignInKeys,
  signInKeysIn,
  whichSignInKeys,
} from "../../../../core/archive/people/sign-in-keys.ts";
import { toldUnchecked } from "../../../../core/archive/told-unchecked.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { forgedSignIn, forgedSince } from "../forged-sign-in.ts";
import { packOf, verified } from "../memory-pack.ts";
import { identityProvider, issuer, member } from "../reviewers.ts";
import { muchLater } from "../unrecorded.ts";

const key: SignInKey = { issuer, kid: "key-1", thumbprint: "one", first: 3, last: 9 };
const other = { ...key, thumbprint: "other", first: 7, last: 7 };

describe("the keys by which sign-ins were verified", () => {
  it("are noted once each, from the first to the last entry that they signed", async () => {
    const { jwks, token } = identityProvider();
    const idToken = token(member("Cora", "compliance-officers"), "nonce", "2026-11-23T08:00:00.000Z" as never);
    const keys = new SignInKeys();
    for (const index of [5, 2, 8]) keys.note({ index, issuer, idToken, jwks, sha256: digestOf("jwks") });
    const thumbprint = await calculateJwkThumbprint({ ...jwks.keys[0] });
    expect(keys.take()).toEqual([{ issuer, kid: "key-1", thumbprint, first: 2, last: 8 }]);
    expect(keys.take()).toEqual([]);
  });

  it("are one, however a key set writes its numbers", () => {
    const { jwks, token } = identityProvider();
    const [own = { kty: "RSA" }] = jwks.keys;
    const idToken = token(member("Cora", "compliance-officers"), "nonce", "2026-11-23T08:00:00.000Z" as never);
    const n = Buffer.concat([Buffer.from([0]), Buffer.from(own.n ?? "", "base64url")]).toString("base64url");
    const keys = new SignInKeys();
    const note = { index: 1, issuer, idToken };
    keys.note({ ...note, jwks, sha256: digestOf("one") });
    keys.note({ ...note, index: 2, jwks: { keys: [{ ...own, n }] }, sha256: digestOf("other") });
    expect(signInKeysIn(keys.take())).toMatchObject([{ first: 1, last: 2 }]);
  });

  it.each([
    ["RSA", "n", (number: Buffer) => `${Buffer.concat([Buffer.from([0]), number]).toString("base64url")}==`],
    ["RSA", "e", (number: Buffer) => Buffer.concat([Buffer.from([0, 0]), number]).toString("base64url")],
    ["EC", "x", (number: Buffer) => Buffer.concat([Buffer.from([0]), number]).toString("base64url")],
    ["EC", "y", (number: Buffer) => `${number.toString("base64url")}=`],
    ["OKP", "x", (number: Buffer) => `${number.toString("base64url")}=`],
  ] as const)("have the thumbprint of RFC 7638, however the %s's %s is written", async (kty, name, otherwise) => {
    const { publicKey } =
      kty === "RSA"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : kty === "EC"
          ? generateKeyPairSync("ec", { namedCurve: "P-256" })
          : generateKeyPairSync("ed25519");
    const own = publicKey.export({ format: "jwk" });
    const written = { ...own, kty, [name]: otherwise(Buffer.from(String(own[name]), "base64url")) };
    const keys = new SignInKeys();
    const idToken = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.e30.`;
    keys.note({ index: 1, issuer, idToken, jwks: { keys: [written] }, sha256: digestOf("one") });
    expect(keys.take()).toMatchObject([{ thumbprint: await calculateJwkThumbprint(own) }]);
  });

  it("are one, whichever parts of a pack tell of it", () => {
    const told = [{ ...key, first: 20, last: 30 }, other, key];
    expect(signInKeysIn(told)).toEqual([{ ...key, first: 3, last: 30 }, other]);
  });

  it("are told by names that read as no other's, and are not longer than what is told with them", () => {
    const like = { ...key, issuer: "https://lоgin.example", kid: `kеy-1${"x".repeat(3000)}` };
    const sentences = [
      ...whichSignInKeys([like]),
      ...recheckSignInKeys([like, { ...like, thumbprint: "other" }]),
      ...recheckSignInKeys([{ ...like, foreign: true }]),
    ].map(({ sentence }) => sentence);
    expect(sentences).toHaveLength(4);
    for (const sentence of sentences.slice(1)) {
      expect(sentence).toContain("https://l\\u{43e}gin.example");
      expect(sentence).toContain("'k\\u{435}y-1xxx");
      expect(sentence.length).toBeLessThan(600);
    }
  });

  it("have each a name of its own at their provider, if they have one", () => {
    expect(recheckSignInKeys([key, other])).toEqual([
      {
        code: "sign-in-key-differs",
        path: "records/7.json",
        sentence: `The identity provider ${issuer} is said to have two keys of the name 'key-1': the sign-ins in the entries 7 to 7 (thumbprint other) are signed by another than the sign-ins in the entries 3 to 9 (thumbprint one).`,
      },
    ]);
    const { kid: _, ...nameless } = other;
    for (const each of [{ ...other, kid: "key-2" }, { ...other, issuer: "https://other.example" }, nameless])
      expect(recheckSignInKeys([key, each, { ...nameless, thumbprint: "third" }])).toEqual([]);
  });

  it("are to be among those that were given, if some were", () => {
    const foreign: SignInKey = { ...key, kid: "key-2", thumbprint: "older", foreign: true };
    expect(recheckSignInKeys([key, foreign])).toEqual([
      {
        code: "sign-in-key-foreign",
        path: "records/3.json",
        sentence: `Not among the keys that you gave is the key 'key-2' of ${issuer}, by which are signed the sign-ins in the entries 3 to 9 (thumbprint older). Give those that it published then as well, or compare the thumbprint with them.`,
      },
    ]);
    expect(whichSignInKeys([foreign])).toEqual([]);
  });

  it("are told for whoever can compare them, each one by itself and whole", () => {
    expect(whichSignInKeys([])).toEqual([]);
    const many = Array.from({ length: 12 }, (_, at) => ({ ...key, kid: `key-${at}`, first: at }));
    const [whole, ...each] = whichSignInKeys(many).map(({ sentence }) => sentence);
    expect(whole).toBe(
      "Whether the identity provider's keys are its own: people's sign-ins are signed by 12 keys, each named here. Compare with those that it published then.",
    );
    expect(each).toHaveLength(12);
    expect(each[11]).toBe(
      `Whether the key with the thumbprint one, which signed sign-ins in the entries 11 to 9, is one of the identity provider: it does so by the name 'key-11' of ${issuer}.`,
    );
    const { kid: _, ...nameless } = key;
    expect(whichSignInKeys([nameless]).map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining("are signed by one key. Compare"),
      expect.stringMatching(/ to 9, .* it does so without a name of https:/),
    ]);
    // However long a name somebody made up for it, and however many there are.
    const endless = Array.from({ length: 60 }, (_, at) => ({
      ...key,
      kid: `${at}${"x".repeat(2000)}`,
      thumbprint: `of-${"abcdefghij"[at % 10]}${"klmnop"[Math.floor(at / 10)]}`,
    }));
    const told = toldUnchecked(whichSignInKeys(endless)).map(({ sentence }) => sentence.slice(0, 1000));
    for (const { thumbprint } of endless) expect(told.some((one) => one.includes(`${thumbprint},`))).toBe(true);
  });
});

describe("a sign-in that the service signed with a key of its own", () => {
  it("is found where that goes by the name of the provider's", async () => {
    const { house, facts = [], blobs = new Map() } = await forgedSignIn();
    expect((await verified(await packOf({ house }))).findings).toEqual([]);
    const { findings, promotions } = await verified(await packOf({ house }, { facts, blobs }));
    expect(findings).toMatchObject([
      { code: "sign-in-key-differs", sentence: expect.stringContaining("two keys of the name 'key-1'") },
    ]);
    expect(promotions.map(({ outcome }) => outcome)).toEqual(["FAILED"]);
  });

  it("is told beside the others where it goes by another", async () => {
    const { house, facts = [], blobs = new Map(), forged } = await forgedSignIn("key-2");
    const { findings, unchecked } = await verified(await packOf({ house }, { facts, blobs }));
    expect(findings).toEqual([]);
    const index = house.facts.indexOf(forged);
    expect(unchecked.map(({ sentence }) => sentence).join("\n")).toMatch(
      new RegExp(
        `thumbprint [A-Za-z0-9_-]{43}, which signed sign-ins in the entries ${index} to ${index}, .* by the name 'key-2' of ${issuer}\\.`,
      ),
    );
  });
});

describe("a sign-in of what is new, by a key of the service's own", async () => {
  const { files, since, part } = await forgedSince();
  const two = /is said to have two keys of the name 'key-1'/;

  it("is found where only what is new is looked at, by the keys that are archived beside what was before", async () => {
    for (const over of [{}, { since }]) {
      const { findings } = await verified(files, { ...over, now: muchLater });
      expect(findings.map(({ code, sentence }) => [code, two.test(sentence)])).toEqual([["sign-in-key-differs", true]]);
    }
  });

  it("is said to be compared with what was named before, where that is not here", async () => {
    const { findings, unchecked } = await verified(part, { since, now: muchLater });
    expect(findings).toEqual([]);
    expect(unchecked.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/, and with those that your verification of what was before named: one that had another/),
    );
  });

  it("is looked for in no document that cannot be read", async () => {
    const keys = new SignInKeys();
    await expect(
      keys.noteBefore({ index: 1, issuer, sha256: digestOf("jwks") }, async () => {
        throw new Error("unreadable");
      }),
    ).rejects.toThrow("unreadable");
    expect(keys.take()).toEqual([]);
  });

  it("is not hidden by keys beside it that are none, or have no name", async () => {
    const keys = new SignInKeys();
    const none = JSON.parse(
      '[{"kty":"constructor","kid":"a"},{"kty":"RSA","n":5,"kid":"b"},{"kty":"RSA","kid":7},{"kty":"EC"}]',
    );
    const { jwks } = identityProvider();
    const noted = async (beside: readonly object[], name: string) =>
      await keys.noteBefore({ index: 1, issuer, sha256: digestOf(name) }, async () => ({
        keys: [...beside, ...jwks.keys] as typeof jwks.keys,
      }));
    await noted(none, "one");
    await noted([{ kty: "RSA", kid: 7, n: "AQ" }], "other");
    const taken = keys.take();
    expect(taken.filter(({ kid }) => kid === "key-1")).toHaveLength(2);
    expect(recheckSignInKeys(signInKeysIn(taken))).toEqual([]);
  });

  it("may go by a name that two of one key set share", async () => {
    const keys = new SignInKeys();
    const { jwks } = identityProvider();
    const shared = { keys: [...jwks.keys, ...identityProvider().jwks.keys, { kty: "OKP", kid: "key-2" }] };
    const before = { index: 1, issuer, sha256: digestOf("jwks") };
    await keys.noteBefore(before, async () => shared);
    await keys.noteBefore(before, () => expect.unreachable());
    expect(keys.take()).toMatchObject([{ kid: "key-2", before: true, first: 1 }]);
  });
});
