import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { turnsAt, withTurn } from "../../../core/promotion/turn-book.ts";
import { cora, now, sam } from "./promotion-in-review.ts";

const first = { id: "a", by: cora.identity, at: now };
const second = { id: "b", by: sam.identity, at: addSeconds(now, 59.999) };

describe("who is about to record something", () => {
  it("is nobody where nobody was entered", () => {
    expect(turnsAt(undefined, now)).toEqual([]);
    expect(withTurn(undefined, first)).toEqual({ revision: 1, entered: [first] });
  });

  it("is whoever was entered within a minute, excluding its end", () => {
    const book = withTurn(undefined, first);
    expect(turnsAt(book, addSeconds(now, 59.999))).toEqual([first]);
    expect(turnsAt(book, addSeconds(now, 60))).toEqual([]);
  });

  it("comes one after the other, each in a revision of its own, and those whose time is over are left out", () => {
    const both = withTurn(withTurn(undefined, first), second);
    expect(both).toEqual({ revision: 2, entered: [first, second] });
    const third = { ...first, id: "c", at: addSeconds(now, 60) };
    expect(withTurn(both, third)).toEqual({ revision: 3, entered: [second, third] });
  });
});
