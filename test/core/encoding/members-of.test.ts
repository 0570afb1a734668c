import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { membersOf } from "../../../core/encoding/members-of.ts";

const form = v.strictObject({ roles: membersOf(v.strictObject({ title: v.string() })) });
const read = (roles: string) => v.safeParse(form, JSON.parse(`{"roles":${roles}}`));
const place = (roles: string) => read(roles).issues?.map((issue) => v.getDotPath(issue));

describe("an object whose members are all in one form", () => {
  it("has them under whatever names, those that the language has as well", () => {
    for (const name of ["compliance", "constructor", "prototype", "__proto__", "toString"]) {
      const roles = `{"${name}":{"title":"Compliance"}}`;
      expect(read(roles)).toMatchObject({ success: true, output: { roles: JSON.parse(roles) } });
      expect(Object.keys((read(roles).output as { roles: object }).roles)).toEqual([name]);
    }
  });

  it("says which one is not, and where", () => {
    expect(place('{"a":{"title":"A"},"constructor":{"title":7}}')).toEqual(["roles.constructor.title"]);
    expect(place('{"a":7}')).toEqual(["roles.a"]);
  });

  it("is no list, and nothing else that is no object", () => {
    for (const other of ["[]", "null", '"x"', "7"]) expect(place(other)).toEqual(["roles"]);
  });
});
