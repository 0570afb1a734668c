import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderOnDisk } from "../cli/pack-on-disk.ts";
import { type Files, packOf, type Recorded, recordStories, resealed } from "../core/archive/pack-fixture.ts";
import { type Run, run, withProgram, withTool } from "./programs.ts";

// Verifiers of other projects, in Go; docs/interop.md says where they come from and what they print.

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

const base = "https://countersign.example";
const verdictType = "https://slsa.dev/verification_summary/v1";
const signOffType = `${base}/attestation/sign-off/v1`;

/** `freeze.json` of the deployed promotion: the subject of all that was signed about it. */
function freezeDigest(): string {
  return recorded.house.promotions.stored(recorded.deployed).freezeDigest;
}

function bundles(folder: string): readonly string[] {
  const path = join(folder, "bundles", recorded.deployed);
  return readdirSync(path).map((name) => join(path, name));
}

describe("cosign verify-blob-attestation", () => {
  function cosign(folder: string, bundle: string, subject: string): Run {
    const type = bundle.includes("verdict") ? verdictType : signOffType;
    const key = join(folder, "keys/attestation.pem");
    const args = ["--key", key, "--bundle", bundle, "--insecure-ignore-tlog", "--type", type, subject];
    return run("cosign", ["verify-blob-attestation", ...args], folder);
  }

  function requireNoKeyId(): void {
    for (const bundle of bundles(folderOnDisk(files))) {
      const [signature] = JSON.parse(readFileSync(bundle, "utf8")).dsseEnvelope.signatures;
      expect(Object.keys(signature)).toEqual(["sig"]);
    }
  }

  it("is given bundles whose signature names no key of its own", requireNoKeyId);

  withProgram(
    "cosign",
    "accepts every sign-off and the verdict over the frozen candidate",
    () => {
      const folder = folderOnDisk(files);
      const runs = bundles(folder).map((bundle) =>
        cosign(folder, bundle, join(folder, "blobs/sha256", freezeDigest())),
      );
      expect(runs.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
      for (const { output } of runs) expect(output).toContain("Verified OK");
    },
    requireNoKeyId,
  );

  withProgram(
    "cosign",
    "refuses them over another candidate",
    () => {
      const folder = folderOnDisk(files);
      const other = join(folder, "freeze.json");
      writeFileSync(other, "{}");
      for (const bundle of bundles(folder)) expect(cosign(folder, bundle, other).status).toBe(1);
    },
    requireNoKeyId,
  );
});

describe("slsa-verifier verify-vsa", () => {
  function slsaVerifier(folder: string, level: string): Run {
    const lines = readFileSync(join(folder, `attestations/${recorded.deployed}.intoto.jsonl`), "utf8").split("\n");
    const verdict = lines.find((line) => payloadOf(line).includes(verdictType)) ?? "";
    const path = join(folder, "verdict.dsse.json");
    writeFileSync(path, verdict);
    const { keyid } = recorded.house.attestation.key;
    return run(
      "slsa-verifier",
      [
        "verify-vsa",
        ...["--subject-digest", `sha256:${freezeDigest()}`, "--attestation-path", path],
        ...["--verifier-id", `${base}/verifier/v1`],
        ...["--resource-uri", "sagemaker-endpoint://production/credit-scoring", "--verified-level", level],
        ...["--public-key-path", join(folder, "keys/attestation.pem"), "--public-key-id", keyid],
      ],
      folder,
    );
  }

  function payloadOf(line: string): string {
    return line === "" ? "" : Buffer.from(JSON.parse(line).payload, "base64").toString();
  }

  function requireLevels(): void {
    const lines = Buffer.from(files.get(`attestations/${recorded.deployed}.intoto.jsonl`) ?? []).toString();
    const verdict = lines
      .split("\n")
      .map(payloadOf)
      .find((payload) => payload.includes(verdictType));
    expect(JSON.parse(verdict ?? "{}").predicate.verifiedLevels).toContain("COUNTERSIGN_3_OF_3");
  }

  it("is given a verdict with its levels", requireLevels);

  withProgram(
    "slsa-verifier",
    "accepts the verdict",
    () => {
      const { status, output } = slsaVerifier(folderOnDisk(files), "COUNTERSIGN_3_OF_3");
      expect(output).toContain("PASSED: SLSA verification passed");
      expect(status).toBe(0);
    },
    requireLevels,
  );

  withProgram(
    "slsa-verifier",
    "refuses the verdict for a level that it does not have",
    () => expect(slsaVerifier(folderOnDisk(files), "COUNTERSIGN_4_OF_4").status).toBe(1),
    requireLevels,
  );
});

describe("tessera's fsck", () => {
  function fsck(folder: string): Run {
    const key = join(folder, "keys/checkpoint.vkey");
    const [origin = ""] = readFileSync(join(folder, "log/checkpoint"), "utf8").split("\n");
    const log = `file://${join(folder, "log")}/`;
    return run("fsck", ["-ui=false", `-storage_url=${log}`, `-public_key=${key}`, `-origin=${origin}`], folder);
  }

  // On most machines `fsck` is another program: one that checks file systems.
  const tessera = { name: "tessera's fsck", there: run("fsck", ["--help"], tmpdir()).output.includes("-storage_url") };

  function requireTiles(): void {
    const names = [...files.keys()].filter((name) => name.startsWith("log/tile/"));
    expect(names.length).toBeGreaterThan(1);
  }

  it("is given a log with its tiles", requireTiles);

  withTool(
    tessera,
    "finds the log of a pack to be whole",
    () => {
      const { status, output } = fsck(folderOnDisk(files));
      expect(output).toContain("Successfully fsck'd log with size");
      expect(status).toBe(0);
    },
    requireTiles,
  );

  withTool(
    tessera,
    "notices an entry that was changed",
    () => {
      // The bundle of the newest tree; those of smaller ones beside it are not read.
      const widths = [...files.keys()].flatMap((path) => /^log\/tile\/entries\/000\.p\/(\d+)$/.exec(path)?.[1] ?? []);
      const name = `log/tile/entries/000.p/${Math.max(...widths.map(Number))}`;
      const bytes = Uint8Array.from(files.get(name) ?? []);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      // It ends with 0 all the same.
      expect(fsck(folderOnDisk(resealed(files, { [name]: bytes }))).output).toContain("fsck failed");
    },
    requireTiles,
  );
});
