import { expect, it } from "vitest";
import { seed } from "../../local/seed.ts";
import type { RunningStack } from "../../local/stack.ts";
import { refused } from "../core/refusal.ts";

/** What becomes of the examples where the service answers the first of them so. */
function seeded(status: number, detail: string) {
  const submit = async () => ({ status, body: { detail } });
  return refused(seed(expect.anything() as RunningStack, { submit, until: () => expect.unreachable() }));
}

it("the examples are refused as not of these policies, where the policies are others than those that are shipped", async () => {
  const { code, sentence } = await seeded(403, "The pipeline 'pricing' may not submit the model 'credit-scoring'.");
  expect(code).toBe("invalid-policy");
  expect(sentence).toContain("The example 1.0.0 was answered 403: The pipeline 'pricing' may not submit");
});

it("a service that fails is not taken for policies that refuse", async () => {
  expect((await seeded(500, "Something broke.")).code).toBe("internal");
});
