import { describe, expect, it } from "vitest";
import { passes, pauseAfter, retryAfterMs, Unavailable } from "../../../cli/service/patience.ts";
import { Failure } from "../../../core/failure.ts";

it.each([
  [429, true],
  [500, true],
  [502, true],
  [503, true],
  [504, true],
  [200, false],
  [404, false],
  [409, false],
])("an answer of %i may pass: %s", (status, expected) => {
  expect(passes(status)).toBe(expected);
});

describe("Retry-After", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");

  it.each([
    ["2", 2_000],
    ["0", 0],
    ["Thu, 26 Nov 2026 12:00:07 GMT", 7_000],
    ["Thu, 26 Nov 2026 11:59:00 GMT", 0],
    ["86400", 60_000],
    ["soon", undefined],
    ["-1", undefined],
    [null, undefined],
  ])("of %s is a pause of %s ms", (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});

describe("the pause after a failure", () => {
  const least = (bytes: number) => new Uint8Array(bytes);
  const most = (bytes: number) => new Uint8Array(bytes).fill(255);

  it.each([
    ["its own where the service asks for none", new Unavailable("Away.", undefined), 1_000],
    ["its own where the service asks for less", new Unavailable("Away.", 500), 1_000],
    ["what the service asks for", new Unavailable("Away.", 5_000), 5_000],
    ["its own where somebody else failed", new Failure("unavailable", "The upload failed."), 1_000],
  ])("is %s, and up to a quarter more", (_, failure, expected) => {
    expect(pauseAfter(failure, 1_000, least)).toBe(expected);
    expect(pauseAfter(failure, 1_000, most)).toBe(expected * 1.25);
  });
});
