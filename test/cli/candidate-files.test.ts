import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { draftRequest, foundFiles } from "../../cli/candidate-files.ts";
import { refused } from "../core/refusal.ts";
import { temporaryFolder } from "./pack-on-disk.ts";

const file = { name: "model.json", mediaType: "application/json" };

describe("a request whose files are still to be uploaded", () => {
  it.each([
    ["a list that is misspelt", { artefacts: [file], evidence: [] }, "artifacts is missing"],
    ["a file without a name", { artifacts: [{ mediaType: "text/csv" }], evidence: [] }, "artifacts.0.name is missing"],
    ["a list that is none", { artifacts: [file], evidence: "none" }, "evidence is not right"],
  ])("names what is wrong: %s", (_, request, why) => {
    expect(() => draftRequest(request)).toThrow(
      `The request cannot be read: ${why}; 'artifacts' and 'evidence' are lists of files, each with a name and a mediaType.`,
    );
  });

  it("has none that is empty", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, file.name), "");
    expect(await refused(foundFiles({ artifacts: [file], evidence: [] }, folder))).toMatchObject({
      code: "invalid-request",
      sentence: `The file 'model.json' for 'model.json' in ${folder} is empty.`,
    });
  });
});
