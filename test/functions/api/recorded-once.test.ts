import { describe, expect, it } from "vitest";
import { recordedOnce } from "../../../functions/api/recorded-once.ts";
import { refused } from "../../core/refusal.ts";

/** A store that may hold something else in its place, and what was asked of it. */
function scene(stored: string | undefined, quicker?: string) {
  const asked: string[] = [];
  let held = stored;
  const run = () =>
    recordedOnce({
      sentBefore: async () => (held?.startsWith("mine") === true ? held : undefined),
      make: async () => {
        asked.push("make");
        held ??= quicker;
        return "mine, made";
      },
      record: async (made) => {
        if (held !== undefined) return "exists";
        held = made;
        return "recorded";
      },
      otherwise: "Somebody was quicker.",
    });
  return { asked, run };
}

describe("what somebody signed", () => {
  it("is made and recorded once, and sent again it is what is recorded", async () => {
    const { asked, run } = scene(undefined);
    expect(await run()).toEqual({ status: 201, recorded: "mine, made" });
    expect(await run()).toEqual({ status: 200, recorded: "mine, made" });
    expect(asked).toEqual(["make"]);
  });

  it("sent twice at once is answered with the one that was quicker", async () => {
    expect(await scene(undefined, "mine, made a moment before").run()).toEqual({
      ...{ status: 200, recorded: "mine, made a moment before" },
    });
  });

  it("is refused where somebody else's has its place", async () => {
    expect(await refused(scene(undefined, "theirs").run())).toEqual({
      ...{ code: "conflict", sentence: "Somebody was quicker." },
    });
  });
});
