import { describe, expect, it } from "vitest";
import { inHashingOrder, isLarge, requireHashable } from "../../../core/promotion/artifact-sizes.ts";
import { refused } from "../refusal.ts";

const gibibyte = 1024 ** 3;
const file = (name: string, size: number) => ({ name, size });

describe("the sizes of artifacts", () => {
  it("are large beyond what one PUT takes", () => {
    expect([isLarge(file("a", 5 * gibibyte)), isLarge(file("a", 5 * gibibyte + 1))]).toEqual([false, true]);
  });

  it.each([
    ["a model of 32 GiB", [file("model.bin", 32 * gibibyte)]],
    ["several that have 32 GiB together", [file("model.bin", 20 * gibibyte), file("data.bin", 12 * gibibyte)]],
    ["any number of smaller ones", Array.from({ length: 49 }, (_, at) => file(`data-${at}`, 5 * gibibyte))],
  ])("are hashed: %s", (_, files) => {
    expect(() => requireHashable(files)).not.toThrow();
  });

  it.each([
    [
      [file("model.bin", 32 * gibibyte + 1), file("data.bin", 1)],
      "'model.bin' has 33 GiB; of files above 5 GiB at most 32 GiB are hashed. Make smaller files of it.",
    ],
    [
      [file("model.bin", 20 * gibibyte), file("data.bin", 13 * gibibyte)],
      "'model.bin', 'data.bin' have together 33 GiB; of files above 5 GiB at most 32 GiB are hashed. Make smaller files of it.",
    ],
  ])("are refused beyond that (%#)", async (files, sentence) => {
    expect(await refused(Promise.resolve(files).then(requireHashable))).toEqual({ code: "invalid-request", sentence });
  });

  it("put those first of which S3 can be asked, each kind in the order in which it came", () => {
    const files = [file("1", 6 * gibibyte), file("2", 1), file("3", 7 * gibibyte), file("4", 2)];
    expect(inHashingOrder(files).map(({ name }) => name)).toEqual(["2", "4", "1", "3"]);
  });
});
