import { describe, expect, it } from "vitest";
import type { Matrix } from "../../../core/approval/matrix.ts";
import { decidedRightly, requirementsOf } from "../../../core/approval/requirements.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { codeOf } from "../refusal.ts";
import { one, roles, rule, stage } from "./people-and-votes.ts";

const scoring = rule(stage("compliance", one("compliance")), stage("operations", { any: [one("data"), one("sre")] }));
const matrix: Matrix = {
  matrixVersion: 1,
  roles,
  rules: [scoring, { ...scoring, modelType: "recommendation", target: "staging" }],
};
const gatePolicy = { wasm: sha256Hex(utf8("wasm")), thresholds: { accuracy: 0.9 } };
const base = { matrix, modelType: "credit-scoring", target: "production", gatePolicy };
const digest = (over: Partial<typeof base>) => requirementsOf({ ...base, ...over }).sha256;

describe("the requirements of a promotion", () => {
  it("are its rule, the roles it names and its gates, and nothing else", () => {
    const { document, bytes, sha256 } = requirementsOf(base);
    expect(document.rule).toEqual(scoring);
    expect(Object.keys(document.roles)).toEqual(["compliance", "data", "sre"]);
    expect(document.gates).toEqual(gatePolicy);
    expect(sha256).toBe(sha256Hex(bytes));
    expect(JSON.parse(fromUtf8(bytes))).toEqual(document);
  });

  it("do not change with a rule for another model type, an unused role or the order of a list", () => {
    const [first, second] = matrix.rules;
    if (first === undefined || second === undefined) throw new Error("the matrix has two rules");
    const other: Matrix = {
      matrixVersion: 1,
      roles: { ...roles, extra: { title: "Extra", groups: ["x"], judges: [] } },
      rules: [{ ...second, expiresAfterSeconds: 60 }, first],
    };
    expect(digest({ matrix: other })).toBe(digest({}));
    const ordered = { ...matrix, rules: [{ ...scoring, excludes: ["requester", "owns-the-data"] as const }] };
    const reordered = { ...matrix, rules: [{ ...scoring, excludes: ["owns-the-data", "requester"] as const }] };
    expect(digest({ matrix: reordered })).toBe(digest({ matrix: ordered }));
  });

  it.each<[string, Partial<typeof base>]>([
    [
      "the groups of a role it names",
      { matrix: { ...matrix, roles: { ...roles, sre: { title: "SRE", groups: ["ops"], judges: [] } } } },
    ],
    ["a seat", { matrix: { ...matrix, rules: [rule(stage("compliance", one("compliance", 2)))] } }],
    ["a threshold", { gatePolicy: { ...gatePolicy, thresholds: { accuracy: 0.91 } } }],
    ["the compiled gates", { gatePolicy: { ...gatePolicy, wasm: sha256Hex(utf8("other")) } }],
  ])("change with %s", (_, over) => {
    expect(digest(over)).not.toBe(digest({}));
  });

  it("hold everything that a role says, and come to the same in whatever order it is said", () => {
    const strict = (turned: boolean): Matrix => {
      const listed = (...names: string[]) => (turned ? names.toReversed() : names);
      const sre = {
        title: "SRE",
        groups: listed("ops", "sres"),
        issuers: listed("https://a.example", "https://b.example"),
        judges: turned ? (["infrastructure", "data"] as const) : (["data", "infrastructure"] as const),
        rejectionsToStop: 2,
        signIn: { acr: listed("high", "mfa"), amr: listed("otp", "pwd") },
        secondFactor: "passkey" as const,
      };
      return { ...matrix, roles: { ...roles, sre } };
    };
    const { document, sha256 } = requirementsOf({ ...base, matrix: strict(false) });
    expect(document.roles["sre"]).toEqual(strict(false).roles["sre"]);
    expect(digest({ matrix: strict(true) })).toBe(sha256);
    const only = {
      ...strict(false),
      roles: { ...roles, sre: { ...roles["sre"], title: "SRE", groups: [], judges: [], signIn: { amr: ["otp"] } } },
    };
    expect(requirementsOf({ ...base, matrix: only }).document.roles["sre"]?.signIn).toEqual({ amr: ["otp"] });
  });

  it("are passed over by no rule for another model type or target", () => {
    const when = [{ fact: "release", oneOf: ["first"] } as const];
    const earlier = (over: object) => ({ ...scoring, ...over, when });
    const rules = [earlier({ modelType: "vision" }), earlier({ target: "staging" }), earlier({}), scoring];
    const { document } = requirementsOf({ ...base, matrix: { ...matrix, rules }, facts: { release: "update" } });
    expect(document.decided?.passedOver).toEqual([when]);
  });

  it("are refused where no rule is for such a candidate, with what each of them asks", () => {
    const first = { fact: "release", oneOf: ["first"] } as const;
    const high = { fact: "riskTier", oneOf: ["high"] } as const;
    const rules = [
      { ...scoring, when: [first, high] },
      { ...scoring, when: [{ ...high, oneOf: ["low"] }] },
    ];
    const facts = { release: "update", riskTier: "medium" } as const;
    expect(codeOf(() => requirementsOf({ ...base, matrix: { ...matrix, rules }, facts }))).toEqual({
      code: "unknown-target",
      sentence:
        "The approval matrix has rules for 'credit-scoring' in the target 'production', but none for a candidate like this: the release is 'first' and the risk tier is 'high'; or the risk tier is 'low'.",
    });
  });

  it("are refused where a rule asks for a role that is not defined", () => {
    expect(codeOf(() => digest({ matrix: { ...matrix, roles: {} } }))).toEqual({
      code: "invalid-policy",
      sentence: "The approval matrix does not define the role 'compliance'.",
    });
  });

  it("that say nothing of conditions were decided rightly only if there are none", () => {
    const { document } = requirementsOf(base);
    expect(decidedRightly(document)).toBe(true);
    const when = [{ fact: "release", oneOf: ["first"] } as const];
    expect(decidedRightly({ ...document, rule: { ...document.rule, when } })).toBe(false);
  });

  it("are refused for a model type that the matrix does not know, naming those it does", () => {
    expect(() => digest({ modelType: "vision" })).toThrow(
      expect.objectContaining({
        code: "unknown-model-type",
        message:
          "The approval matrix has no rule for the model type 'vision'; it knows 'credit-scoring' and 'recommendation'.",
      }),
    );
  });

  it("are refused for a target that the model type has no rule for", () => {
    expect(() => digest({ target: "staging" })).toThrow(
      expect.objectContaining({
        code: "unknown-target",
        message: "The approval matrix has no rule for 'credit-scoring' in the target 'staging'; it knows 'production'.",
      }),
    );
  });
});

describe("a change of the policies", () => {
  const { modelType: _, target: __, ...policyChange } = rule(stage("board", one("compliance", 2)));
  const asked = { ...base, modelType: "policy", target: "policies" };

  it("is asked for by the matrix's own rule, in the form of every rule", () => {
    expect(requirementsOf({ ...asked, matrix: { ...matrix, policyChange } }).document.rule).toEqual({
      ...policyChange,
      modelType: "policy",
      target: "policies",
    });
  });

  it("is nobody's to sign where there is none", () => {
    expect(codeOf(() => requirementsOf(asked))).toEqual({
      code: "unknown-model-type",
      sentence:
        "The approval matrix does not say who signs for a change of the policies: whoever deploys changes them.",
    });
  });
});

it("who may lend is the same in whatever order the file has it, and is part of what is signed for", () => {
  const budget = { loans: 2, per: "quarter" } as const;
  const lending = (...names: string[]) =>
    requirementsOf({
      ...base,
      matrix: { ...matrix, rules: [{ ...scoring, loan: { roles: names, maximumSeconds: 3600, budget } }] },
    });
  expect(lending("sre", "a").document.rule.loan?.roles).toEqual(["a", "sre"]);
  expect(lending("sre", "a").sha256).toBe(lending("a", "sre").sha256);
  expect(lending("sre").sha256).not.toBe(lending("a").sha256);
});

it("conditions were not decided rightly where any rule that was passed over applied", () => {
  const first = [{ fact: "release", oneOf: ["first"] } as const];
  const update = [{ fact: "release", oneOf: ["update"] } as const];
  const of = (...passedOver: (typeof first | typeof update)[]) =>
    decidedRightly({
      ...{ requirementsVersion: 1, rule: scoring, roles, gates: gatePolicy },
      decided: { facts: { release: "update" }, rule: scoring, passedOver },
    });
  expect([of(first), of(first, first), of(first, update), of(update, first)]).toEqual([true, true, false, false]);
});
