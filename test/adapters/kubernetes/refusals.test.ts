import { expect, it } from "vitest";
import { refusal } from "../../../adapters/kubernetes/refusals.ts";

it.each([403, 422])("what a policy of the cluster says is cut between characters, not in one: %i", (status) => {
  for (const before of ["", "x"]) {
    const { message } = refusal({ status, body: { message: `${before}${"😀".repeat(600)}` } });
    expect(message).toContain("😀😀");
    expect(message.isWellFormed()).toBe(true);
  }
});
