import { describe, expect, it } from "vitest";
import type { WitnessOutcome } from "../../../core/ledger/cosign.ts";
import { cosignCheckpoint } from "../../../functions/schedules/cosign-checkpoint/handler.ts";
import { republishCheckpoint } from "../../../functions/schedules/republish-checkpoint/handler.ts";
import { refused } from "../../core/refusal.ts";

/** Witnesses that answer so, by their numbers. */
function asked(...outcomes: readonly WitnessOutcome["outcome"][]) {
  const lines: unknown[] = [];
  const ring = cosignCheckpoint({
    log: (level, _, { witness, why, code } = {}) => void lines.push([level, witness, why, code]),
    cosign: async () =>
      outcomes.map((outcome, at) => ({
        ...{ witness: `w${at}`, outcome },
        ...(outcome === "refused" || outcome === "silent" ? { why: "It answered 403." } : {}),
      })),
  });
  return { lines, ring };
}

describe("showing the newest checkpoint to the witnesses", () => {
  it("tells how many of them cosigned it now", async () => {
    const { lines, ring } = asked("cosigned", "cosigned-before", "ahead");
    expect(await ring()).toEqual({ cosigned: 1 });
    expect(lines).toEqual(["w0", "w1", "w2"].map((witness) => ["info", witness, undefined, undefined]));
    expect(await asked().ring()).toEqual({ cosigned: 0 });
  });

  it.each([
    ["is silent", "silent", undefined],
    ["refuses, which may be a fork", "refused", "ledger-fork"],
  ] as const)("fails for one that %s, and says why, once all were asked", async (_, outcome, code) => {
    const { lines, ring } = asked(outcome, "cosigned");
    expect(await refused(ring())).toEqual({ code: "unavailable", sentence: "1 of 2 witnesses did not cosign." });
    expect(lines).toEqual([
      ["error", "w0", "It answered 403.", code],
      ["info", "w1", undefined, undefined],
    ]);
  });
});

describe("keeping the checkpoint young", () => {
  it.each([true, false])("is written down where it was signed again: %s", async (signedAgain) => {
    const lines: unknown[] = [];
    const republish = async () => ({ size: 7, signedAgain });
    await republishCheckpoint({ log: (...line) => void lines.push(line), republish })();
    expect(lines).toEqual(signedAgain ? [["info", "checkpoint signed again", { size: 7 }]] : []);
  });
});
