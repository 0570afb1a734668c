import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderOnDisk, temporaryFolder, zipOnDisk } from "../cli/pack-on-disk.ts";
import { type Files, packOf, type Recorded, recordStories, resealed } from "../core/archive/pack-fixture.ts";
import { attestationKey } from "../core/archive/reviewers.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

/** The script for readers, who run none that came in a pack. */
const own = join(import.meta.dirname, "../../docs/verify.sh");
const version = spawnSync("openssl", ["version"], { encoding: "utf8" });
const hasOpenssl = version.status === 0;

/** Nothing is skipped: without openssl the test says so in its name, and looks at the script's text alone. */
function withOpenssl(name: string, body: () => void | Promise<void>): void {
  if (hasOpenssl) it(name, body);
  else it(`${name} (openssl is not on the PATH: only the script's text was looked at)`, requireScript);
}

function requireScript(): void {
  const script = Buffer.from(files.get("verify.sh") ?? []).toString();
  expect(script.startsWith("#!/bin/sh\n")).toBe(true);
  for (const program of ["openssl dgst -sha256 -verify", "openssl pkeyutl -verify", "sha256sum --check"]) {
    expect(script).toContain(program);
  }
  // What it only says may name other programs.
  const commands = script.split("\n").filter((line) => !line.startsWith("#") && !line.startsWith("printf "));
  expect(commands.join("\n")).not.toMatch(/\b(node|npx|jq|python|perl|sed|awk|grep|xxd|curl)\b/);
}

function verifyScript(pack: Files): { readonly status: number | null; readonly output: string } {
  return verifyFolder(folderOnDisk(pack));
}

function verifyFolder(folder: string): { readonly status: number | null; readonly output: string } {
  const script = join(folder, "verify.sh");
  chmodSync(script, 0o755);
  // From another folder, with nothing but PATH: the script finds its own place.
  const { status, stdout, stderr } = spawnSync(script, {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    encoding: "utf8",
  });
  return { status, output: `${stdout}${stderr}` };
}

/** What holds is the least of it, so the script says what nobody looked at. */
const notChecked = [
  "Not checked: whether the log is whole, who signed in, the gates, the quorum (npx countersign verify PACK does).",
  "The keys came with the pack. Compare their SHA-256 with those that you know:",
];

describe("verify.sh, with openssl, coreutils and find alone", () => {
  it("is a script that asks for no other program", requireScript);

  withOpenssl("finds that everything holds", () => {
    const { status, output } = verifyScript(files);
    const digestOf = (name: string) =>
      createHash("sha256")
        .update(files.get(name) ?? "")
        .digest("hex");
    expect(output).toBe(
      [
        "The digests of all files, the signatures of all 6 statements and that of the checkpoint hold.",
        ...notChecked,
        `  ${digestOf("keys/attestation.pem")}  signs statements`,
        `  ${digestOf("keys/checkpoint.pem")}  signs checkpoints\n`,
      ].join("\n"),
    );
    expect(status).toBe(0);
  });

  withOpenssl("counts the statements of a pack without personal data as well", async () => {
    const { status, output } = verifyScript(await packOf(recorded, { withoutPersonalData: true }));
    expect(output).toContain("the signatures of all 6 statements");
    expect(status).toBe(0);
  });

  withOpenssl("says of a pack without statements that it has none", async () => {
    const blocked = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.blocked } });
    const { status, output } = verifyScript(blocked);
    expect(output.split("\n").slice(0, 3)).toEqual([
      "The digests of all files and the signature of the checkpoint hold. No statement is in the pack.",
      ...notChecked,
    ]);
    expect(status).toBe(0);
  });

  withOpenssl("notices a changed file", () => {
    const name = `report/${recorded.deployed}.html`;
    const { status, output } = verifyScript(new Map(files).set(name, Buffer.from("other")));
    expect(output).toContain(`${name}: FAILED`);
    expect(output).toContain(
      "FAILED: a file is not the one that was exported. Fetch the pack again; if it says so again, tell whoever exported it",
    );
    expect(output).not.toContain("hold");
    expect(status).toBe(1);
  });

  it("calls what the machine cannot verify not checked, and never wrong", () => {
    const folder = folderOnDisk(files);
    const programs = temporaryFolder();
    const asked = (path: string) => {
      const { status, stdout, stderr } = spawnSync("/bin/sh", [own, folder], { env: { PATH: path }, encoding: "utf8" });
      return { status, stdout, stderr };
    };
    const lacking = { status: 1, stdout: "" };
    expect(asked(programs)).toEqual({ ...lacking, stderr: "NOT CHECKED: this machine has no openssl.\n" });
    // As macOS has it.
    writeFileSync(join(programs, "openssl"), "#!/bin/sh\necho LibreSSL 3.3.6\n", { mode: 0o755 });
    expect(asked(`${programs}:${process.env["PATH"]}`)).toEqual({
      ...lacking,
      stderr: "NOT CHECKED: LibreSSL 3.3.6 cannot verify the checkpoint; OpenSSL 3 can.\n",
    });
  });

  withOpenssl("says that a folder is no pack", () => {
    const { status, stdout, stderr } = spawnSync("sh", [own], { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `FAILED: there is no unpacked audit pack in ${dirname(own)}. Unzip it, and run: sh verify.sh FOLDER\n`,
    });
  });

  withOpenssl("notices a statement that was changed or signed by another key", () => {
    const name = `attestations/${recorded.deployed}.intoto.jsonl`;
    const text = Buffer.from(files.get(name) ?? []).toString();
    const changed = resealed(files, { [name]: Buffer.from(text.replace("eyJ", "eyK")) });
    expect(verifyScript(changed)).toMatchObject({
      status: 1,
      output: expect.stringContaining(`FAILED: the signature of statement 1, in ${name}`),
    });
    const foreign = resealed(files, { "keys/attestation.pem": Buffer.from(attestationKey().key.pem) });
    expect(verifyScript(foreign)).toMatchObject({ status: 1 });
  });

  withOpenssl("notices a changed statement that no line ends, and one that SHA256SUMS does not list", () => {
    const name = `attestations/${recorded.deployed}.intoto.jsonl`;
    const text = Buffer.from(files.get(name) ?? []).toString();
    const last = text.lastIndexOf("eyJ");
    const changed = `${text.slice(0, last)}eyK${text.slice(last + 3)}`.trimEnd();
    expect(verifyScript(resealed(files, { [name]: Buffer.from(changed) }))).toMatchObject({
      status: 1,
      output: expect.stringMatching(/^FAILED: the signature of statement \d+, in /),
    });
    const folder = folderOnDisk(files);
    const more = "attestations/p-more.intoto.jsonl";
    writeFileSync(join(folder, more), text);
    expect(verifyFolder(folder)).toMatchObject({
      status: 1,
      output: expect.stringContaining(`FAILED: SHA256SUMS does not list ${more}\n`),
    });
  });

  withOpenssl(
    "holds no pack of which SHA256SUMS lists less than there is, or whose statements were left out with their lines",
    () => {
      const report = `report/${recorded.deployed}.html`;
      const unlisted = Buffer.from(files.get("SHA256SUMS") ?? [])
        .toString()
        .split("\n")
        .filter((line) => !line.endsWith(report))
        .join("\n");
      const changed = new Map(files).set(report, Buffer.from("other")).set("SHA256SUMS", Buffer.from(unlisted));
      expect(verifyScript(changed)).toEqual({ status: 1, output: `FAILED: SHA256SUMS does not list ${report}\n` });
      const silent = [...files].filter(([name]) => !name.startsWith("attestations/"));
      expect(verifyScript(resealed(new Map(silent), {}))).toEqual({
        status: 1,
        output: "FAILED: attestations/ has 0 statements, and the records are of 6\n",
      });
    },
  );

  withOpenssl("is run from a place that its reader trusts, over the folder that it is given", () => {
    const [before = "", after = ""] = readFileSync(own, "utf8").split(
      /^# What this machine lacks[\s\S]+?^# End of .+\n/m,
    );
    expect(before + after).toBe(Buffer.from(files.get("verify.sh") ?? []).toString());
    const folder = folderOnDisk(new Map(files).set("verify.sh", Buffer.from("#!/bin/sh\necho Everything holds.\n")));
    const { status, stdout } = spawnSync("sh", [own, folder], { encoding: "utf8" });
    expect(stdout).toContain("verify.sh: FAILED");
    expect(status).toBe(1);
  });

  withOpenssl("notices a checkpoint that the key did not sign", () => {
    const text = Buffer.from(files.get("log/checkpoint") ?? []).toString();
    const changed = resealed(files, { "log/checkpoint": Buffer.from(text.replace(/\n\d+\n/, "\n9\n")) });
    expect(verifyScript(changed)).toMatchObject({ status: 1, output: "FAILED: the signature of the checkpoint\n" });
  });

  withOpenssl("is there, and may be run, after unzip", async () => {
    const path = await zipOnDisk(files);
    const folder = join(path, "..", "unpacked");
    const unzipped = spawnSync("unzip", ["-q", path, "-d", folder]);
    // Not every machine has unzip; the folder is then written by the test itself.
    if (unzipped.error !== undefined) return expect(verifyScript(files).status).toBe(0);
    expect(unzipped.status).toBe(0);
    expect(readFileSync(join(folder, "verify.sh"))).toEqual(Buffer.from(files.get("verify.sh") ?? []));
    expect(spawnSync(join(folder, "verify.sh")).status).toBe(0);
    writeFileSync(join(folder, "manifest.json"), "");
    expect(spawnSync(join(folder, "verify.sh")).status).toBe(1);
  });
});
