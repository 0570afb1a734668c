import { generateKeyPairSync, sign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { base64url } from "../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { cora, House, sam } from "../core/archive/house.ts";
import { approved } from "../core/archive/left-under-way.ts";
import { type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { documentOf, factOf, withDocument } from "../core/archive/retelling.ts";
import { clientId, type IdentityProvider, identityProvider } from "../core/archive/reviewers.ts";
import { authenticator } from "../core/attestation/authenticator.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

// What lies beside a sign-off and is signed by others, or by nobody, written in ways that libraries read otherwise.

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n = "", e = "" } = publicKey.export({ format: "jwk" });
const jwk = { kty: "RSA", kid: "key-1", alg: "RS256", use: "sig", n, e };

/** A token of these very bytes, by the provider's own key. */
function tokenOf(payload: string | Uint8Array): Uint8Array {
  const input = [utf8(JSON.stringify({ alg: "RS256", kid: "key-1" })), utf8OrBytes(payload)].map(base64url).join(".");
  return utf8(`${input}.${base64url(sign("sha256", Buffer.from(input), privateKey))}`);
}

const utf8OrBytes = (payload: string | Uint8Array) => (typeof payload === "string" ? utf8(payload) : payload);

const provider: IdentityProvider = {
  jwks: { keys: [jwk] },
  token: (member, nonce, at, over) => {
    const [, claims = ""] = identityProvider().token(member, nonce, at, over).split(".");
    return fromUtf8(tokenOf(Buffer.from(claims, "base64url")));
  },
};

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const withMember = (json: string, member: string) => `${json.slice(0, -1)},${member}}`;
const keySet = (...keys: readonly unknown[]) => canonicalJson({ keys } as Parameters<typeof canonicalJson>[0]);
/** Whoever has Sam's address is Sam, who may not sign for two seats. */
const addressed = (claims: string, email: string) => JSON.stringify({ ...JSON.parse(claims), email });

const issuedTo = (claims: string, aud: unknown) => JSON.stringify({ ...JSON.parse(claims), aud });
const elsewhere = /issued to another application/;
const elsewhereToo = /for another application/;

interface Case {
  readonly what: string;
  readonly document: "id-token.jwt" | "jwks.json" | "passkey.json" | "sign-off.dsse.json";
  /** The document's new bytes, from what was signed or is there. */
  readonly made: (json: string) => string | Uint8Array;
  /** Why it is refused, by ours and by the second verifier; absent where it is not. */
  readonly ours?: RegExp;
  readonly second?: RegExp;
}

const token = (what: string, made: Case["made"], ours?: RegExp, second?: RegExp): Case => ({
  what: `a token ${what}`,
  document: "id-token.jwt",
  made: (claims) => tokenOf(made(claims)),
  ...(ours === undefined ? {} : { ours, second: second ?? ours }),
});
const other = (
  document: "jwks.json" | "passkey.json" | "sign-off.dsse.json",
  what: string,
  made: Case["made"],
  ours?: RegExp,
  second?: RegExp,
): Case => ({
  what: `${document} ${what}`,
  document,
  made,
  ...(ours === undefined ? {} : { ours, second: second ?? ours }),
});

const unread = /The token cannot be read/;
const notCanonical = /not (written in canonical JSON|canonical)/;
const cases: readonly Case[] = [
  token("that was made again", (claims) => claims),
  token("in UTF-16", (claims) => Buffer.from(claims, "utf16le"), unread, /cannot be read|UTF|utf|JSON/),
  token("behind a byte order mark", (claims) => `\ufeff${claims}`, unread, /BOM|cannot be read|JSON/),
  token("of 64 levels", (claims) => withMember(claims, `"x":${nested(63)}`)),
  token("of 65 levels", (claims) => withMember(claims, `"x":${nested(64)}`), /nested too deeply/),
  token("with a number of 5,000 digits", (claims) => withMember(claims, `"x":${"1".repeat(5000)}`)),
  token("that never expires", (claims) => claims.replace(/"exp":\d+/, '"exp":1e400')),
  token("with an address behind what ECMAScript trims", (claims) => addressed(claims, "\ufeffsam@example.com"), /./),
  token("with an address behind what Python trims alone", (claims) => addressed(claims, "\u001csam@example.com")),
  token("that says in a list for which application it is", (claims) => issuedTo(claims, [clientId])),
  token("for another application beside it", (claims) => issuedTo(claims, [clientId, "x"]), elsewhere, elsewhereToo),
  token("for it twice", (claims) => issuedTo(claims, [clientId, clientId]), elsewhere, elsewhereToo),
  token("for it in a list of a list", (claims) => issuedTo(claims, [[clientId]]), elsewhere, elsewhereToo),
  token("for none", (claims) => issuedTo(claims, []), elsewhere, elsewhereToo),
  token("for an object", (claims) => issuedTo(claims, { 0: clientId }), elsewhere, elsewhereToo),
  other("jwks.json", "with padding", () => keySet({ ...jwk, e: "AQAB==", n: `${n}==` })),
  other(
    "jwks.json",
    "in the alphabet of mail",
    () => keySet({ ...jwk, n: n.replaceAll("-", "+").replaceAll("_", "/") }),
    /others could sign with/,
    /./,
  ),
  other(
    "jwks.json",
    "with a text for a key",
    () => keySet("key", jwk),
    /not a JSON Web Key Set/,
    /key set that is none/,
  ),
  other(
    "jwks.json",
    "with a key of no kind",
    () => keySet(jwk, { kid: "key-2" }),
    /not a JSON Web Key Set/,
    /key set that is none/,
  ),
  other("jwks.json", "with spaces", (json) => JSON.stringify(JSON.parse(json), null, 1), notCanonical),
  other(
    "jwks.json",
    "nested deeply",
    (json) => withMember(json, `"x":${nested(64)}`),
    /jwks\.json/,
    /nested too deeply/,
  ),
  other("passkey.json", "with spaces", (json) => JSON.stringify(JSON.parse(json), null, 1), notCanonical),
  other("passkey.json", "with another member", (json) => withMember(json, '"userHandle":"x"'), /not in its form/),
  other("sign-off.dsse.json", "with spaces", (json) => JSON.stringify(JSON.parse(json), null, 1), notCanonical),
];

let house: House;
let signed: Fact;

beforeAll(async () => {
  house = new House(undefined, undefined, [], undefined, { provider });
  const device = authenticator();
  await house.passkey("enrol", device, cora);
  await house.passkey("confirm", device, cora, sam);
  const id = await house.submit("candidate", "2.0.0");
  await approved(house, id, device);
  await house.deploy(id);
  signed = factOf(house, "sign-off");
});

describe.each(cases)("$what", ({ document, made, ours, second }) => {
  let pack: Promise<Files> | undefined;
  const make = () => {
    pack ??= remade();
    return pack;
  };
  const remade = async () => {
    const there = fromUtf8(documentOf(house, signed, document));
    const json = document === "id-token.jwt" ? fromUtf8(Buffer.from(there.split(".")[1] ?? "", "base64url")) : there;
    return await packOf({ house }, withDocument(house, signed, document, utf8OrBytes(made(json))));
  };

  it("is taken by our verifier, or refused with its reason", async () => {
    const { holds, findings } = await verified(await make());
    expect([holds, findings.map(({ sentence }) => sentence).join(" ")]).toEqual(
      ours === undefined ? [true, ""] : [false, expect.stringMatching(ours)],
    );
  });

  withTool(
    python,
    "is taken by the second verifier, or refused with its reason",
    async () => {
      await expectVerdict(await make(), second);
    },
    async () => requireOnThePage(await make()),
  );
});
