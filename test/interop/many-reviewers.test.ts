import { expect, vi } from "vitest";
import { listsApart } from "../../core/promotion/lists-apart.ts";
import { manyReviewers } from "../core/archive/many-reviewers.ts";
import { packOf } from "../core/archive/memory-pack.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// More people sign, with keys of their own, than in any other pack.
vi.setConfig({ testTimeout: 240_000 });

withTool(
  python,
  "what becomes of so many sign-offs that it lies beside its record is read there by the second verifier",
  async () => {
    const many = await manyReviewers(180);
    const apart = many.house.facts.filter((fact) => listsApart(fact).document !== undefined);
    expect(apart.map(({ type }) => type)).toEqual(["seat-reopened", "supersedes", "seat-reopened"]);
    const { status, output } = await verdictOn(await packOf(many));
    expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
  },
  async () => requireOnThePage(await packOf(await manyReviewers(1))),
);
