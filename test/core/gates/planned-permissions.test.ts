import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { allowedBy, allowedByName } from "../../../core/gates/planned-permissions.ts";

const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*" };
const trust = { Effect: "Allow", Action: "sts:AssumeRole" };
/** With room for all of it. */
const allowed = (document: Json) => allowedBy(document, () => {});
const policy = (...Statement: readonly Json[]): Json => ({ Version: "2012-10-17", Statement });

it.each(["?".repeat(500_000), "arn:aws:iam::1:policy/".repeat(50_000)])(
  "is what it is, however long: %.20s",
  (text) => {
    expect(allowed(policy({ ...allow, Action: text }))).toEqual([`${text} on arn:aws:s3:::a/*`]);
    expect(allowedByName(`${text}\n`)).toBe(`${text}\n on its resources`);
  },
);

describe("allowedBy", () => {
  it("asks for room before it writes the pairs of a statement", () => {
    const asked: number[] = [];
    const room = (pairs: number) => {
      asked.push(pairs);
      if (pairs > 4) throw new Error("no room");
    };
    const lists = { Effect: "Allow", Action: ["s3:Get*", "s3:Put*", "s3:List*"], Resource: ["a", "b"] };
    expect(() => allowedBy(policy(allow, lists, allow), room)).toThrow("no room");
    expect(asked).toEqual([1, 6]);
  });

  it("writes every action on every resource, of all statements, in their order", () => {
    const lists = { Effect: "Allow", Action: ["s3:Get*", "s3:Put*"], Resource: ["a", { "Fn::GetAtt": ["B", "Arn"] }] };
    expect(allowed(policy(allow, lists))).toEqual([
      "s3:GetObject on arn:aws:s3:::a/*",
      "s3:Get* on a",
      's3:Get* on {"Fn::GetAtt":["B","Arn"]}',
      "s3:Put* on a",
      's3:Put* on {"Fn::GetAtt":["B","Arn"]}',
    ]);
  });

  it("reads one statement without a list, and a policy that is a text", () => {
    const text = JSON.stringify({ Statement: allow });
    expect(allowed({ Statement: allow })).toEqual(["s3:GetObject on arn:aws:s3:::a/*"]);
    expect(allowed(text)).toEqual(["s3:GetObject on arn:aws:s3:::a/*"]);
  });

  it("writes all but a few as everything", () => {
    const { Action, Resource } = allow;
    expect(allowed(policy({ Effect: "Allow", NotAction: "iam:*", Resource }))).toEqual(["* on arn:aws:s3:::a/*"]);
    expect(allowed(policy({ Effect: "Allow", Action, NotResource: "b" }))).toEqual(["s3:GetObject on *"]);
  });

  it("writes wildcards as one, and everything as that, however they are written", () => {
    const of = (Action: string, Resource: string) => allowed(policy({ Effect: "Allow", Action, Resource }));
    for (const action of ["iam:?*", "iam:**", "iam:*?"]) expect(of(action, "b")).toEqual(["iam:* on b"]);
    for (const all of ["**", "arn:aws:*:*:*:*", "arn:*:*:*:*:*", "arn:aws:*", "arn:aws:*:::*", "arn:aws:**:*:?*:*"])
      expect(of("s3:GetObject", all)).toEqual(["s3:GetObject on *"]);
    for (const some of ["arn:aws:s3:::*", "arn:aws:*:eu-west-1:*:*", "arn:aws:*:*:*:role/*", "s3:*", "arn:aws:s3:::a?"])
      expect(of("s3:Get?bject", some)).toEqual([`s3:Get?bject on ${some}`]);
  });

  it("has nothing in what is denied, however it is written", () => {
    expect(allowed(policy({ Effect: "Deny", NotPrincipal: "*" }, { ...allow, Effect: "Deny" }))).toEqual([]);
    expect(allowed(policy())).toEqual([]);
  });

  it.each<[string, Json]>([
    ["everybody", { Principal: "*" }],
    ["every account", { Principal: { AWS: "*" } }],
    ["every account among others", { Principal: { AWS: ["111122223333", "*"] } }],
    ["all but a few", { NotPrincipal: { AWS: "111122223333" }, Principal: { AWS: "444455556666" } }],
  ])("says that a trust policy lets anybody: %s", (_name, principal) => {
    expect(allowed(policy({ ...trust, ...(principal as object) }))).toEqual(["anybody: sts:AssumeRole on itself"]);
  });

  it.each<[string, Json]>([
    ["a service", { Service: "sagemaker.amazonaws.com" }],
    ["one account", { AWS: "111122223333" }],
    ["accounts", { AWS: ["111122223333", "444455556666"] }],
    ["a name that is a list", ["*"]],
  ])("names no anybody where a trust policy is for %s", (_name, Principal) => {
    expect(allowed(policy({ ...trust, Principal }))).toEqual(["sts:AssumeRole on itself"]);
  });

  it("takes the resource of a policy that names both who and what", () => {
    expect(allowed(policy({ ...allow, Principal: "*" }))).toEqual(["anybody: s3:GetObject on arn:aws:s3:::a/*"]);
  });

  it.each<[string, Json]>([
    ["a text that is no JSON", "{Statement"],
    ["a text in JSON", '"Statement"'],
    ["nothing", null],
    ["a list", [allow]],
    ["no statements", { Version: "2012-10-17" }],
    ["statements of nothing", { Statement: null }],
    ["a statement that is none", policy(allow, "s3:*")],
    ["a statement of nothing", policy(allow, null)],
    ["an effect that nobody knows", policy(allow, { ...allow, Effect: "Maybe" })],
    ["no effect", policy({ Action: "*", Resource: "*" })],
    ["no action", policy(allow, { Effect: "Allow", Resource: "*" })],
    ["an action of nothing", policy({ ...allow, Action: null })],
    ["no resource, and nobody who is trusted", policy(trust)],
  ])("is unknown of %s", (_name, document) => {
    expect(allowed(document)).toBeUndefined();
  });
});
