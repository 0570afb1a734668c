import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../functions/environment.ts";

const schema = v.object({ TABLE: v.pipe(v.string(), v.nonEmpty()), BUCKET: v.string() });

describe("the environment of a function", () => {
  it("is what its schema asks for", () => {
    expect(readEnvironment(schema, { TABLE: "t", BUCKET: "b", OTHER: "o" })).toEqual({ TABLE: "t", BUCKET: "b" });
  });

  it("that is not complete stops it at its start, by the names of what is missing and no values", () => {
    expect(() => readEnvironment(schema, { TABLE: "", OTHER: "secret" })).toThrow(
      "The environment of this function is not complete: TABLE, BUCKET.",
    );
  });

  it("may be that of the version before while a new one is deployed: the machine tries that again", () => {
    expect(() => readEnvironment(schema, {})).toThrow(expect.objectContaining({ name: "unavailable" }));
  });
});
