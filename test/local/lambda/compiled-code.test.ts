import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { forgetOlderCode, shareCompiledCode } from "../../../local/lambda/compiled-code.ts";
import { scratchDirectory } from "../recorded-calls.ts";

it.each([
  ["kept for the next start", "2020-01-01T00:00:00Z", true],
  ["removed once there are newer bundles", "2120-01-01T00:00:00Z", false],
])("compiled code is %s", (_, synthesized, kept) => {
  const directory = scratchDirectory();
  const manifest = join(directory, "manifest.json");
  writeFileSync(manifest, "{}");
  utimesSync(manifest, new Date(synthesized), new Date(synthesized));
  forgetOlderCode(directory, directory);
  mkdirSync(join(directory, "compiled"));
  forgetOlderCode(directory, directory);
  expect(existsSync(join(directory, "compiled"))).toBe(kept);
});

it("compiled code is shared by stacks that keep it in one folder, after another start too", () => {
  const [one, other, shared] = [scratchDirectory(), scratchDirectory(), join(scratchDirectory(), "shared")];
  shareCompiledCode(one, shared);
  shareCompiledCode(other, shared);
  writeFileSync(join(one, "compiled", "a1"), "code");
  shareCompiledCode(one, shared);
  expect(readFileSync(join(other, "compiled", "a1"), "utf8")).toBe("code");
});
