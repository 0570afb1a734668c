import { randomBytes } from "node:crypto";
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { policyCommand } from "../../cli/commands/policy.ts";
import { packOf, recordStories } from "../core/archive/pack-fixture.ts";
import { documents } from "../core/gates/candidate.ts";
import { everybody } from "../core/policy/policy-texts.ts";
import { temporaryFolder, zipOnDisk } from "./pack-on-disk.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";

const shipped = fileURLToPath(new URL("../../policies", import.meta.url));

async function policy(...parameters: string[]) {
  const world = recordedSurroundings();
  const failed = await run(policyCommand(world), ...parameters);
  return { failed, lines: world.printed, code: world.exitCode() };
}

function fileWith(content: unknown): string {
  const path = join(temporaryFolder(), "file.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const directory = () => fileWith({ directoryVersion: 1, members: everybody });

/** A request with its evidence beside it. */
function candidate(change: object = {}): string {
  const folder = temporaryFolder();
  for (const [name, { content }] of Object.entries(documents))
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  const path = join(folder, "promotion.json");
  const request = {
    model: { name: "credit-scoring", type: "credit-scoring" },
    target: "production",
    artifacts: ["model", "environment", "training-data", "infrastructure"].map((role) => ({
      role,
      name: role,
      size: 9,
    })),
    evidence: Object.entries(documents).map(([name, { kind, format }]) => ({ name, kind, format })),
    ...change,
  };
  writeFileSync(path, JSON.stringify(request));
  return path;
}

describe("countersign policy check", () => {
  it("ends with 0 and a line for each rule and role where nothing is wrong", async () => {
    const { lines, code } = await policy("check", shipped, "--directory", directory());
    expect(code).toBe(0);
    expect(lines).toEqual([
      "  rule 1: recommendation in production: up to 1 seat; there are people for every seat",
      "  rule 2: credit-scoring in production: up to 3 seats; there are people for every seat",
      "  rule 3: credit-scoring in cluster: up to 1 seat; there are people for every seat",
      "  rule 4: credit-scoring in offers: up to 1 seat; there are people for every seat",
      "  rule 5: credit-scoring in edge: up to 1 seat; there are people for every seat",
      "  rule 6: policy in policies: up to 2 seats; there are people for every seat",
      "  Lead data scientist: Lars, Lea",
      "  Compliance officer: Carl, Ines",
      "  Site reliability engineer: Mira, Sam",
      "  Incident commander: Kofi, Noor",
      "  Operator: Mira, Sam",
      "The policies hold: no errors and no warnings.",
    ]);
  });

  it("names file and line of what is wrong, and ends with 1", async () => {
    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    const matrix = join(folder, "matrix.yaml");
    writeFileSync(matrix, readFileSync(matrix, "utf8").replace("expiresAfter: 5d", "expiresAfter: 0d"));
    const { lines, code } = await policy("check", `${folder}/`);
    expect(code).toBe(1);
    expect(lines[0]).toBe(
      `✘ ${folder}/matrix.yaml:42: rules[0].expiresAfter: The duration must be between 1m and 180d.`,
    );
    expect(lines.at(-1)).toBe("The policies do not hold: 1 error and no warnings.");
  });

  it("names file and line of what is not UTF-8, which every other command that reads the folder refuses as well", async () => {
    const folder = join(temporaryFolder(), "policies");
    cpSync(shipped, folder, { recursive: true });
    const text = readFileSync(join(folder, "matrix.yaml"), "utf8");
    const line = text.slice(0, text.indexOf("groups: [sre]")).split("\n").length;
    writeFileSync(
      join(folder, "matrix.yaml"),
      Buffer.from(text.replace("groups: [sre]", "groups: [prüfer]"), "latin1"),
    );
    const refused = `${folder}/matrix.yaml:${line}: This is no UTF-8: save the file in that encoding.`;
    expect((await policy("check", folder)).failed).toBe(refused);
    const simulated = await policy("simulate", candidate(), "--policies", folder);
    expect(simulated.failed).toBe(`matrix.yaml:${line}: This is no UTF-8: save the file in that encoding.`);

    writeFileSync(join(folder, "matrix.yaml"), Buffer.from(`\ufeff${text}`, "utf16le"));
    expect((await policy("check", folder)).failed).toContain("matrix.yaml:1: This is no UTF-8");
  });

  it("prints what is wrong alone with --quiet, which everything that CDK does begins with", async () => {
    expect(await policy("check", shipped, "--quiet")).toEqual({ failed: undefined, lines: [], code: 0 });
    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    rmSync(join(folder, "targets.yaml"));
    expect(await policy("check", folder, "--quiet")).toEqual({
      failed: undefined,
      lines: [
        `✘ ${folder}/targets.yaml:1: The file is not there. A folder of policies has all of its files: begin with those that Countersign ships.`,
      ],
      code: 1,
    });
    const { app } = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"));
    expect(app).toBe("node cli/countersign.mjs policy check --quiet && node infra/app.ts");
  });

  it("says that Rego was changed, added or removed since it was compiled, for then it does not judge", async () => {
    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    const gates = (name: string) => join(folder, "gates", name);
    writeFileSync(gates("data.rego"), "package countersign.gates");
    writeFileSync(gates("own.rego"), "package countersign.gates");
    writeFileSync(gates("own_test.rego"), "package countersign.gates");
    rmSync(gates("security.rego"));
    const { lines, code } = await policy("check", folder);
    const after =
      "since the gates were compiled, and what judges is what was compiled: `npm run build:policies` does it anew.";
    expect(lines.slice(0, 3)).toEqual([
      `✘ ${folder}/gates/data.rego: It was changed ${after}`,
      `✘ ${folder}/gates/own.rego: It was added ${after}`,
      `✘ ${folder}/gates/security.rego: It was removed ${after}`,
    ]);
    expect([code, lines.at(-1)]).toEqual([1, "The policies do not hold: 3 errors and no warnings."]);
    rmSync(join(folder, "compiled"), { recursive: true });
    expect((await policy("check", folder)).lines[0]).toContain("There is Rego, and nothing is compiled");
    rmSync(join(folder, "gates"), { recursive: true });
    expect((await policy("check", folder)).code).toBe(0);
  });

  it("says that the folder is larger than the service can keep, in the sentence of a proposal, before it is deployed", async () => {
    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    const noise = (bytes: number) => `# ${randomBytes(bytes).toString("base64")}\n`;
    appendFileSync(join(folder, "people.yaml"), noise(400 * 1024));
    const compressed = /: The policies have \d+ bytes once they are compressed; at most 389120 can be kept\.$/;
    const { lines, code } = await policy("check", folder, "--quiet");
    expect([code, lines]).toEqual([1, [expect.stringMatching(compressed)]]);
    expect(lines[0]).toContain(`✘ ${folder}: `);
    expect((await policy("check", folder)).lines.at(-1)).toBe("The policies do not hold: 1 error and no warnings.");
    const json = JSON.parse((await policy("check", folder, "--json")).lines.join(""));
    expect(json).toMatchObject({ holds: false, findings: [], notKept: expect.stringContaining("389120") });
    appendFileSync(join(folder, "people.yaml"), `# ${"a".repeat(4 * 1024 * 1024)}\n`);
    expect((await policy("check", folder, "--quiet")).lines.join(" ")).toMatch(
      /: The policies have \d+ bytes; at most 4194304 work\./,
    );
    rmSync(join(folder, "targets.yaml"));
    expect((await policy("check", folder, "--quiet")).lines.join(" ")).not.toContain("bytes");
  });

  it("takes a warning for an error with --strict only", async () => {
    const few = fileWith({ directoryVersion: 1, members: everybody.filter(({ name }) => name !== "Sam") });
    expect((await policy("check", shipped, "--directory", few)).code).toBe(0);
    expect((await policy("check", shipped, "--directory", few, "--strict")).code).toBe(1);
  });

  it("prints everything as JSON", async () => {
    const { lines } = await policy("check", shipped, "--json");
    expect(JSON.parse(lines.join(""))).toMatchObject({
      holds: true,
      findings: [],
      rules: [
        { number: 1 },
        { number: 2 },
        { number: 3 },
        { number: 4 },
        { number: 5 },
        { number: 6, modelType: "policy" },
      ],
    });
  });

  it("refuses a folder without policies and a directory that is none", async () => {
    expect((await policy("check", temporaryFolder())).failed).toContain("There are no policies in ");
    expect((await policy("check", shipped, "--directory", fileWith("[]"))).failed).toContain("cannot be read");
    const twice = { directoryVersion: 1, members: [everybody[0], everybody[0]] };
    expect((await policy("check", shipped, "--directory", fileWith(twice))).failed).toContain("twice");
  });
});

describe("countersign policy simulate", () => {
  const signed = [
    "--signed-by",
    "compliance-officer-1",
    "--signed-by",
    "lead-data-scientist-1",
    "--signed-by",
    "sre-1",
  ];
  const simulate = (...parameters: string[]) =>
    policy("simulate", candidate(), "--policies", shipped, "--first-release", ...parameters);

  it("reads the evidence beside the request, and ends with 0 where everything would pass", async () => {
    const { lines, code } = await simulate(...signed);
    expect(code).toBe(0);
    expect(lines[0]).toBe("✔ Would pass: the gates and every seat.");
    expect(lines).toContain("  ✔ AUC is 0.79; at least 0.72 is required.");
  });

  it("says which file a folder of policies lacks", async () => {
    const folder = temporaryFolder();
    const { failed } = await policy("simulate", candidate(), "--policies", folder, "--first-release");
    expect(failed).toBe(`${folder}/matrix.yaml cannot be read: it is not there (ENOENT).`);
  });

  it("ends with 3 where signatures are missing, and with 2 where somebody rejects", async () => {
    const waiting = await simulate();
    expect([waiting.code, waiting.lines[1]]).toEqual([3, "  Stage 'compliance': Still needed: Compliance officer."]);
    const rejected = await simulate("--rejected-by", "sre-1");
    expect([rejected.code, rejected.lines[1]]).toEqual([2, "  It would be rejected by Site reliability engineer 1."]);
  });

  it("takes people of a directory, and the single roles in which they sign", async () => {
    const { lines } = await simulate("--directory", directory(), "--signed-by", "ines@example.com=compliance-officer");
    expect(lines[1]).toBe(
      "  Stage 'model and operations': Still needed: Lead data scientist, Site reliability engineer.",
    );
    const { failed } = await simulate("--directory", directory(), "--signed-by", "ines@example.com=sre");
    expect(failed).toBe("Ines does not hold the role 'Site reliability engineer'.");
  });

  it("refuses what is no request, evidence that is another, and a path out of the folder", async () => {
    expect((await policy("simulate", fileWith("{"), "--policies", shipped)).failed).toContain("is not JSON");
    const [document] = Object.entries(documents).map(([name, { kind, format }]) => ({ name, kind, format }));
    const other = candidate({ evidence: [{ ...document, sha256: "0".repeat(64) }] });
    expect((await policy("simulate", other, "--policies", shipped)).failed).toContain(
      "is not the one that the request",
    );
    const outside = candidate({ evidence: [{ ...document, path: "../../../etc/hostname" }] });
    const folder = join(outside, "..");
    expect((await policy("simulate", outside, "--policies", shipped, "--files", folder)).failed).toMatch(
      /lies outside|There is no file/,
    );
  });

  it("does not let a hostile name redraw the terminal", async () => {
    const { failed } = await policy(
      "simulate",
      candidate({ model: { name: "\u001b[2J", type: "x" } }),
      "--policies",
      shipped,
    );
    expect(failed).toContain("model.name must be");
    expect(failed).not.toContain("\u001b");
  });
});

describe("countersign policy replay", () => {
  it("tells what would stand elsewhere, and how the roles would cope; ends with 2", async () => {
    const pack = await zipOnDisk(await packOf(await recordStories()));
    const unchanged = await policy("replay", pack, "--policies", shipped);
    expect([unchanged.code, unchanged.lines[0]]).toEqual([0, "3 promotions; 0 would stand elsewhere."]);

    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    const matrix = join(folder, "matrix.yaml");
    writeFileSync(
      matrix,
      readFileSync(matrix, "utf8").replace("role: compliance-officer }", "role: compliance-officer, count: 2 }"),
    );
    const { lines, code } = await policy("replay", pack, "--policies", folder);
    expect(code).toBe(2);
    expect(lines).toContain(
      "  under these:            would wait: Nobody who signed fills the seat of 'Compliance officer'.",
    );
    expect(lines.find((line) => line.startsWith("Compliance officer"))).toMatch(/^Compliance officer +1 +0 +1 +2 /);
  });

  it("names the file that was to be a pack and is none", async () => {
    const file = join(temporaryFolder(), "pack.zip");
    writeFileSync(file, "no zip");
    expect((await policy("replay", file, "--policies", shipped)).failed).toMatch(/pack\.zip is no audit pack: /);
  });

  it("refuses a folder whose policies do not load, with file and line", async () => {
    const folder = temporaryFolder();
    cpSync(shipped, folder, { recursive: true });
    writeFileSync(join(folder, "targets.yaml"), "targets: {}\n");
    expect((await policy("replay", folder, "--policies", folder)).failed).toBe(
      "targets.yaml:1: targets: There is no target.",
    );
  });
});
