import { beforeAll, describe, expect, it } from "vitest";
import { learnCommand } from "../../cli/commands/learn.ts";
import { type Files, packOf, type Recorded, recordStories } from "../core/archive/pack-fixture.ts";
import { refused } from "../core/refusal.ts";
import { zipOnDisk } from "./pack-on-disk.ts";
import { recordedSurroundings } from "./recorded-surroundings.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

async function learned(pack: Files, ...given: readonly string[]): Promise<readonly string[]> {
  const surroundings = recordedSurroundings();
  await learnCommand(surroundings).parseAsync([await zipOnDisk(pack), ...given], { from: "user" });
  return surroundings.printed;
}

describe("countersign learn", () => {
  it("tells from a pack what ran and which gate came closest, and nothing of people", async () => {
    const lines = await learned(files);
    expect(lines[0]).toMatch(/^\d+ promotions, \d+ of which ran\.$/);
    expect(lines.join("\n")).not.toContain("decisions");
    const [json = ""] = await learned(files, "--json");
    expect(JSON.parse(json)).toMatchObject({ reportVersion: 1, told: { count: 0 } });
  });

  it("says of roles with few decisions that there are too few", async () => {
    const text = (await learned(files, "--decisions", "20")).join("\n");
    expect(text).toContain("too few decisions to say anything");
    expect(text).toContain("no verdict on anybody");
  });

  it("refuses a pack without promotions", async () => {
    const none = new Map([...files].filter(([name]) => !name.startsWith("records/")));
    expect((await refused(learned(none))).sentence).toMatch(/holds no promotion/);
  });
});
