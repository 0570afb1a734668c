import { describe, expect, it } from "vitest";
import { addSeconds, type Instant, instantFromMs } from "../../../core/encoding/instant.ts";
import { hashingTime } from "../../../functions/steps/hashing-time.ts";

const began = instantFromMs(Date.UTC(2026, 5, 1));
const small = { size: 5 * 1024 ** 3 };
const large = { size: small.size + 1 };

/** Which of the files a run leaves to the next, by what each was begun at, in seconds. */
function leaves(
  before: number,
  files: readonly (readonly [seconds: number, file: { readonly size: number }])[],
): readonly boolean[] {
  let now: Instant = began;
  const time = hashingTime(() => now, before);
  return files.map(([seconds, file], at) => {
    now = addSeconds(began, seconds);
    return time.isOver(file, at);
  });
}

describe("the time for hashing", () => {
  it("is over for small files after five minutes", () => {
    expect(
      leaves(0, [
        [0, small],
        [299, small],
        [300, small],
      ]),
    ).toEqual([false, false, true]);
  });

  it("is over for large ones after one, unless others of them were begun before: they are hashed in one run", () => {
    expect(
      leaves(0, [
        [0, small],
        [59, large],
        [600, large],
      ]),
    ).toEqual([false, false, false]);
    expect(
      leaves(0, [
        [0, small],
        [60, large],
      ]),
    ).toEqual([false, true]);
  });

  it("is never over for the first file that is to be hashed, however long it took to get there", () => {
    expect(leaves(0, [[500, small]])).toEqual([false]);
    expect(
      leaves(2, [
        [0, small],
        [0, small],
        [500, small],
        [501, small],
      ]),
    ).toEqual([false, false, false, true]);
    expect(
      leaves(1, [
        [0, small],
        [500, large],
        [800, large],
      ]),
    ).toEqual([false, false, false]);
  });

  it("is there again for all large ones, whichever of them the next run begins with", () => {
    expect(
      leaves(1, [
        [0, small],
        [70, large],
        [400, large],
      ]),
    ).toEqual([false, false, false]);
    expect(
      leaves(2, [
        [0, small],
        [70, large],
        [400, large],
      ]),
    ).toEqual([false, false, false]);
  });
});
