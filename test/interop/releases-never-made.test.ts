import { expect, it } from "vitest";
import type { Fact } from "../../core/promotion/fact.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { packOf, verified } from "../core/archive/memory-pack.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

const { facts } = told.house;

/** The promotion whose release begins with such traffic, its release told otherwise, in a pack of its own. */
function packWith(
  kind: string,
  change: { readonly traffic?: object; readonly watchSeconds?: number },
  shares?: readonly number[],
) {
  const begun = facts.find(
    ({ type, body }) => type === "deployment-started" && JSON.stringify(body["release"]).includes(`"${kind}"`),
  );
  const promotion = begun?.promotion ?? expect.unreachable(`a release by ${kind}`);
  const left = [...(shares ?? [])];
  const otherwise = facts.flatMap((fact): readonly Fact[] => {
    if (fact.promotion !== promotion) return fact.promotion === undefined ? [fact] : [];
    if (fact.type === "deployment-started")
      return [
        { ...fact, body: { ...fact.body, release: { ...(fact.body["release"] as object), ...change } as never } },
      ];
    if (fact.type !== "traffic-shifted" || shares === undefined) return [fact];
    const percent = left.shift();
    return percent === undefined ? [] : [{ ...fact, body: { ...fact.body, percent } }];
  });
  const house = { ...told.house, attestation: { key: attestationKeyOfPack } };
  return packOf({ house }, { facts: otherwise, scope: { kind: "promotion", promotion: promotion as PromotionId } });
}

const weights = (...parts: readonly (readonly [number, number])[]) => ({
  traffic: { kind: "weights", steps: parts.map(([percent, waitSeconds]) => ({ percent, waitSeconds })) },
});

const cases = [
  ["a canary of no percent", "canary", { traffic: { kind: "canary", percent: 0, waitSeconds: 300 } }],
  ["a canary of less than one percent", "canary", { traffic: { kind: "canary", percent: 1e-9, waitSeconds: 300 } }],
  ["steps of no percent", "canary", { traffic: { kind: "linear", percent: 0, waitSeconds: 300 } }],
  ["a canary that waits for years", "canary", { traffic: { kind: "canary", percent: 50, waitSeconds: 1_000_000_000 } }],
  [
    "a canary that waits for longer than asked",
    "canary",
    { traffic: { kind: "canary", percent: 50, waitSeconds: 301 } },
  ],
  ["one that is watched for a day, which nobody asked for", "canary", { watchSeconds: 86_400 }],
  ["nothing, then all of it", "weights", weights([0, 86_400], [100, 300]), [0, 100]],
  ["a tenth, and never more", "weights", weights([10, 86_400]), [10]],
  ["a tenth, then less", "weights", weights([10, 86_400], [5, 300]), [10, 5]],
  ["a tenth, then more than there is", "weights", weights([10, 86_400], [100_000, 300]), [10, 100_000]],
  ["no part at all", "weights", weights(), []],
] as const;

it.each(cases)("nobody releases by %s", async (_, kind, change, shares?: readonly number[]) => {
  const { findings } = await verified(await packWith(kind, change, shares));
  const sentences = findings.map(({ sentence }) => sentence);
  expect(sentences.join(" ")).toMatch(/which nobody asked for|step by step|percent|steps|waitSeconds/);
});

it.each(["canary", "weights"])("a release by %s holds as it was", async (kind) => {
  expect((await verified(await packWith(kind, {}))).findings).toEqual([]);
});

withTool(
  python,
  "the second verifier takes none of them, and the releases as they were",
  async () => {
    for (const kind of ["canary", "weights"]) expect((await verdictOn(await packWith(kind, {}))).status).toBe(0);
    for (const [name, kind, change, shares] of cases as readonly (readonly [
      string,
      string,
      object,
      (readonly number[])?,
    ])[]) {
      const { status, output } = await verdictOn(await packWith(kind, change, shares));
      expect([name, status], output).toEqual([name, 1]);
    }
  },
  async () => requireOnThePage(await packWith("canary", {})),
);
