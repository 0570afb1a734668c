import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { emptyRange } from "../../../core/ledger/merkle.ts";
import { open } from "./tables.ts";

describe("the sequencer's store", () => {
  const state = { revision: 1, range: { ...emptyRange, size: 1, hashes: [new Uint8Array(32).fill(7)] } };

  it("moves the state from the revision that was read, and from no other", async () => {
    const { sequencer } = await open();
    expect(await sequencer.loadState()).toBeUndefined();
    expect(await sequencer.moveState(0, state)).toBe("moved");
    expect(await sequencer.moveState(0, state)).toBe("lost");
    expect(await sequencer.loadState()).toEqual(state);
    expect(await sequencer.moveState(1, { ...state, revision: 2 })).toBe("moved");
  });

  it("gives back the bytes of a batch", async () => {
    const { sequencer } = await open();
    const bytes = new Uint8Array(300_000).map((_, at) => at % 251);
    await sequencer.saveBatch(sha256Hex(bytes), bytes);
    const loaded = await sequencer.loadBatch(sha256Hex(bytes));
    expect(loaded === undefined ? undefined : sha256Hex(loaded)).toBe(sha256Hex(bytes));
    expect(await sequencer.loadBatch("0".repeat(64) as Sha256)).toBeUndefined();
  });

  it("finds more markers than one request carries", async () => {
    const { sequencer } = await open();
    const markers = Array.from({ length: 130 }, (_, at) => ({
      id: `fact-${at}`,
      index: at,
      leafHash: sha256Hex(utf8(`${at}`)),
    }));
    await sequencer.writeMarkers(markers);
    const found = await sequencer.markers([...markers.map(({ id }) => id), "unknown"]);
    expect([...found.values()].toSorted((a, b) => a.index - b.index)).toEqual(markers);
  });
});
