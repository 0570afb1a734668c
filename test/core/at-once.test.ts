import { describe, expect, it } from "vitest";
import { eachAtOnce } from "../../core/at-once.ts";

/** Work whose end the test decides. */
function workshop() {
  const begun: number[] = [];
  const ends = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  const work = (value: number): Promise<void> => {
    begun.push(value);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    ends.set(value, { resolve, reject });
    return promise;
  };
  return { begun, work, end: (value: number) => ends.get(value) };
}
const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

describe("eachAtOnce", () => {
  it("begins the next value when one is done, and no more at a time than it may", async () => {
    const { begun, work, end } = workshop();
    const all = eachAtOnce([1, 2, 3, 4], 2, work);
    expect(begun).toEqual([1, 2]);
    end(2)?.resolve();
    await turns();
    expect(begun).toEqual([1, 2, 3]);
    for (const value of [1, 3]) end(value)?.resolve();
    await turns();
    end(4)?.resolve();
    await all;
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it("begins nothing more after an error, and throws it", async () => {
    const { begun, work, end } = workshop();
    const all = eachAtOnce([1, 2, 3, 4], 2, work);
    end(1)?.reject(new Error("the second is still under way"));
    await expect(all).rejects.toThrow("still under way");
    end(2)?.resolve();
    await turns();
    expect(begun).toEqual([1, 2]);
  });
});
