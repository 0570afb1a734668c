import { describe, expect, it } from "vitest";
import { compileEventFilter } from "../../../local/eventbridge/filter.ts";

const record = {
  eventName: "INSERT",
  dynamodb: { Keys: { pk: { S: "promotion#1" } }, NewImage: { kind: { S: "sign-off" }, tags: { SS: ["a", "b"] } } },
};
const passes = (...patterns: unknown[]) =>
  compileEventFilter(patterns.map((pattern) => JSON.stringify(pattern)))(record);

describe("the filters of an event source mapping", () => {
  it("lets everything through where there is none", () => {
    expect(passes()).toBe(true);
  });

  it.each([
    ["an equal value", { eventName: ["INSERT", "MODIFY"] }, true],
    ["another value", { eventName: ["REMOVE"] }, false],
    [
      "nested keys, all of which must match",
      { eventName: ["INSERT"], dynamodb: { NewImage: { kind: { S: ["sign-off"] } } } },
      true,
    ],
    [
      "one nested key that does not match",
      { eventName: ["INSERT"], dynamodb: { NewImage: { kind: { S: ["x"] } } } },
      false,
    ],
    ["a prefix", { dynamodb: { Keys: { pk: { S: [{ prefix: "promotion#" }] } } } }, true],
    ["another prefix", { dynamodb: { Keys: { pk: { S: [{ prefix: "model#" }] } } } }, false],
    ["a leaf that is there", { dynamodb: { NewImage: { kind: { S: [{ exists: true }] } } } }, true],
    ["a whole branch that is missing", { dynamodb: { OldImage: { kind: { S: [{ exists: false }] } } } }, true],
    ["anything but what it is", { eventName: [{ "anything-but": ["INSERT"] }] }, false],
    ["anything but something else", { eventName: [{ "anything-but": "REMOVE" }] }, true],
    [
      "anything but a value, where there is none",
      { dynamodb: { OldImage: { kind: { S: [{ "anything-but": ["x"] }] } } } },
      false,
    ],
    ["an element of a list", { dynamodb: { NewImage: { tags: { SS: ["b"] } } } }, true],
  ])("judges %s", (_, pattern, expected) => {
    expect(passes(pattern)).toBe(expected);
  });

  it("passes what matches any of several patterns", () => {
    expect(passes({ eventName: ["REMOVE"] }, { eventName: ["INSERT"] })).toBe(true);
  });

  it.each([
    [{ dynamodb: { NewImage: { n: { N: [{ numeric: [">", 1] }] } } } }],
    [{ eventName: [{ suffix: "x" }] }],
    [{ eventName: [{ "anything-but": { prefix: "x" } }] }],
    [{ eventName: [] }],
    [{ eventName: "INSERT" }],
    [{ $or: [{ eventName: ["INSERT"] }] }],
  ])("refuses a rule that it does not carry: %j", (pattern) => {
    expect(() => passes(pattern)).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });
});
