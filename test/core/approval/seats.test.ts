import { expect, it } from "vitest";
import { waysToMeet } from "../../../core/approval/seats.ts";
import { one } from "./people-and-votes.ts";

it("ways are one where they ask for the same roles, and two where names only look alike together", () => {
  const roles = (...ways: Parameters<typeof waysToMeet>[0][]) =>
    waysToMeet({ any: ways }).map((way) => way.map(({ role }) => role));
  expect(roles({ all: [one("a"), one("b")] }, { all: [one("b"), one("a")] })).toEqual([["a", "b"]]);
  expect(roles({ all: [one("a"), one("b")] }, one("ab"))).toEqual([["a", "b"], ["ab"]]);
});
