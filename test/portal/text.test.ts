import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

it("words of others are kept apart in one place, which lets none of them turn what stands around them", () => {
  const files = readdirSync("portal/src", { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".tsx"),
  );
  const apart = files.filter((name) => readFileSync(join("portal/src", name), "utf8").includes("<bdi"));
  expect(apart).toEqual([join("ui", "text.tsx")]);
});
