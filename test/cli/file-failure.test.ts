import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileFailure, unreadable } from "../../cli/file-failure.ts";
import { temporaryFolder } from "./pack-on-disk.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

it("says of a file in one sentence what the machine says of it, and that it stays so", () => {
  const folder = temporaryFolder();
  const missing = join(folder, "missing");
  expect(fileFailure(thrownBy(() => openSync(missing, "r")))).toMatchObject({
    code: "invalid-request",
    message: `${missing} cannot be used: it is not there (ENOENT).`,
  });
  expect(fileFailure(thrownBy(() => readFileSync(folder)))?.message).toBe(
    "A file cannot be used: it is a folder (EISDIR).",
  );
});

it("says it in the same words of a file that somebody named", () => {
  const missing = join(temporaryFolder(), "missing");
  const thrown = thrownBy(() => openSync(missing, "r"));
  expect(unreadable("pack.zip", thrown).message).toBe("pack.zip cannot be read: it is not there (ENOENT).");
  expect(unreadable("pack.zip", new Error("reset")).message).toBe("pack.zip cannot be read.");
});

it("says nothing of what is no file's", () => {
  expect(fileFailure(new TypeError("x is not a function"))).toBeUndefined();
  expect(fileFailure(Object.assign(new Error("reset"), { code: "ECONNRESET", syscall: "read" }))).toBeUndefined();
});
