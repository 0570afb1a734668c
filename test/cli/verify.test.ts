import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyCommand } from "../../cli/commands/verify.ts";
import { base64 } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { formatVerifierKey, noteKey } from "../../core/ledger/note-key.ts";
import { installation } from "../core/archive/house.ts";
import { createdAt, type Files, packOf, type Recorded, recordStories, resealed } from "../core/archive/pack-fixture.ts";
import { attestationKey, clientId, identityProvider } from "../core/archive/reviewers.ts";
import { longAfter, muchLater, unrecordedRejection } from "../core/archive/unrecorded.ts";
import { portal } from "../core/attestation/authenticator.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { folderOnDisk, temporaryFolder, zipOnDisk } from "./pack-on-disk.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

const vkey = formatVerifierKey(noteKey(MemoryLedger.signer.origin, "ed25519", MemoryLedger.signer.publicKey));

const verify = (...parameters: string[]) => verifyAt(createdAt, ...parameters);

async function verifyAt(start: Instant, ...parameters: string[]) {
  const world = recordedSurroundings({ start });
  const failed = await run(verifyCommand(world), ...parameters);
  return { failed, lines: world.printed, code: world.exitCode() };
}

describe("countersign verify", () => {
  it("ends with what each promotion came to, what could not be checked, and 0", async () => {
    const { lines, code } = await verify(await zipOnDisk(files));
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^FULL verification\. Log countersign\.example\/ledger, \d+ entries, signed at /);
    expect(lines).toContain(`PASSED  ${recorded.deployed}  credit-scoring 2.0.0 in production: deployed, 3 sign-offs`);
    expect(lines).toContain(`PASSED  ${recorded.rejected}  credit-scoring 2.0.0 in production: rejected, 2 sign-offs`);
    expect(lines).toContain("Could not be checked, so neither wrong nor proven:");
    expect(lines.at(-1)).toBe("PASSED: everything that could be checked holds, for 3 promotions.");
  });

  it("names a flipped byte first, and ends with 1", async () => {
    const path = await zipOnDisk(files);
    const bytes = readFileSync(path);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { lines, code } = await verify(path);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^✘ file-changed: .* does not have the bytes that SHA256SUMS gives the digest of\./);
    expect(lines.at(-2)).toMatch(
      /^\d+ files? (is|are) not as the pack lists .*: fetch the pack again, and compare its SHA-256/,
    );
    expect(lines.at(-1)).toMatch(/^FAILED: the pack does not hold; \d+ findings?\.$/);
  });

  it("verifies the folder that a pack was unpacked into as well", async () => {
    const folder = folderOnDisk(files);
    expect((await verify(folder)).code).toBe(0);
    const link = join(temporaryFolder(), "latest");
    symlinkSync(folder, link);
    expect((await verify(link, "--checkpoint")).code).toBe(0);
  });

  it("refuses what is no file to begin with, rather than call it a broken pack", async () => {
    expect((await verify("/dev/null")).failed).toBe(
      "/dev/null is neither a file nor a folder: write the pack to a file first.",
    );
  });

  it("does not list what lies in a folder that is no pack", async () => {
    const { lines, code } = await verify(folderOnDisk(new Map([["notes/a.txt", utf8("A")]])));
    expect(lines[0]).toMatch(
      /^✘ container-refused: The folder is no audit pack: it has neither SHA256SUMS nor manifest\.json\./,
    );
    expect([lines.length, code]).toEqual([3, 1]);
  });

  it("says so of somebody's home too, whatever lies there, without looking through it", async () => {
    const folder = folderOnDisk(new Map([["notes/a.txt", utf8("A")]]));
    symlinkSync("/etc/hostname", join(folder, "a-link"));
    expect((await verify(folder)).lines[0]).toContain("it has neither SHA256SUMS nor manifest.json");
  });

  it("names the file that holds no keys, so that none goes unasked for", async () => {
    const pack = await zipOnDisk(files);
    const fileOf = (text: string) => {
      const path = join(temporaryFolder(), "given");
      writeFileSync(path, text);
      return path;
    };
    const [empty, other] = [fileOf("\n"), fileOf("{}")];
    const refusals = {
      "--checkpoint-key": {
        "ledger.vkey": "'ledger.vkey' is neither a file that is there nor a verifying key, <name>+<id>+<base64>.",
        "": "'' is neither a file that is there nor a verifying key, <name>+<id>+<base64>.",
        [empty]: `${empty} holds no verifying key.`,
        [other]: `In ${other}: This is no verifying key: it is not <name>+<id>+<base64>.`,
        "name+00000000+!": "This is no verifying key: its last part is not base64.",
      },
      "--witness-key": { [empty]: `${empty} holds no verifying key.` },
      "--jwks": { [other]: `In ${other}: The identity provider's keys are not a JSON Web Key Set.` },
    };
    for (const [option, given] of Object.entries(refusals))
      for (const [value, sentence] of Object.entries(given))
        expect((await verify(pack, option, value)).failed).toBe(sentence);
    // Beside a key that is one, the file that holds none is not passed over.
    expect((await verify(pack, "--witness-key", vkey, "--witness-key", empty)).failed).toContain(
      "holds no verifying key",
    );
  });

  it("follows no link out of a folder", async () => {
    const folder = folderOnDisk(files);
    symlinkSync("/etc/hostname", join(folder, "blobs", "link"));
    const { lines, code } = await verify(folder);
    expect(code).toBe(1);
    expect(lines[0]).toContain(
      'The folder holds something that no pack has: "blobs/link". Take that out, or verify the zip itself.',
    );
  });

  it("refuses what is no pack", async () => {
    const path = join(temporaryFolder(), "pack.zip");
    writeFileSync(path, "not a zip");
    const { lines, code } = await verify(path);
    expect(code).toBe(1);
    expect(lines[0]).toContain("container-refused");
    expect((await verify("/nowhere/pack.zip")).failed).toBe(
      "/nowhere/pack.zip cannot be read: it is not there (ENOENT).",
    );
  });

  it("takes keys from elsewhere, and then says that much less about the pack's own", async () => {
    const folder = temporaryFolder();
    const key = join(folder, "key.pem");
    writeFileSync(key, recorded.house.attestation.key.pem);
    const jwks = join(folder, "jwks.json");
    writeFileSync(jwks, JSON.stringify(recorded.house.provider.jwks));
    const pack = await zipOnDisk(files);
    const known = ["--key", key, "--checkpoint-key", vkey, "--jwks", jwks, "--issuer", "https://login.example/pool"];
    const clients = ["--audience", "another-client", "--audience", clientId];
    const { lines, code } = await verify(pack, ...known, ...clients);
    expect(code).toBe(0);
    expect(lines.join("\n")).not.toContain("Taken from the pack itself");
    expect((await verify(pack, ...known, ...clients, "--origin", portal.origin)).lines.join("\n")).not.toContain(
      "Told by the log",
    );
    const text = (await verify(pack, ...known)).lines.join("\n");
    expect(text).toContain(`in its entry 0: the applications that people sign in to (${clientId}), the pages`);
    expect((await verify(pack, ...known, "--audience", "lunch-menu")).code).toBe(1);

    writeFileSync(key, attestationKey().key.pem);
    const foreign = await verify(pack, ...known);
    expect(foreign.code).toBe(1);
    expect(foreign.lines.at(-2)).toMatch(
      /^The keys that you gave .* are not those of this pack\. Are they of the deployment/,
    );
  });

  it("says which of the identity provider's keys were not given, and takes several sets of them", async () => {
    const folder = temporaryFolder();
    const sets = {
      now: identityProvider("key-2027").jwks,
      before: recorded.house.provider.jwks,
      forged: identityProvider().jwks,
    };
    const path = (name: keyof typeof sets) => {
      writeFileSync(join(folder, name), JSON.stringify(sets[name]));
      return join(folder, name);
    };
    const pack = await zipOnDisk(files);
    const { lines, code } = await verify(pack, "--jwks", path("now"));
    expect([code, lines.filter((line) => line.startsWith("✘"))]).toEqual([
      1,
      [expect.stringMatching(/^✘ sign-in-key-foreign: Not among the keys that you gave is the key 'key-1' of https:/)],
    ]);
    expect((await verify(pack, "--jwks", path("now"), "--jwks", path("before"))).code).toBe(0);
    // A name that two sets have stands for whichever of them signed.
    expect((await verify(pack, "--jwks", path("forged"), "--jwks", path("before"))).code).toBe(0);
    const refused = await verify(pack, "--jwks", path("forged"));
    expect([refused.code, refused.lines[0]]).toEqual([
      1,
      expect.stringContaining("sign-off-invalid: The identity provider's signature"),
    ]);
  });

  it("holds the log against what somebody was answered as they signed, and kept", async () => {
    const { house, answer, without } = await unrecordedRejection();
    const kept = join(temporaryFolder(), "kept.json");
    writeFileSync(kept, answer);
    await longAfter(house);
    const pack = folderOnDisk(await packOf({ house }, { facts: without() }));
    expect((await verifyAt(muchLater, pack)).code).toBe(0);
    const { code, lines } = await verifyAt(muchLater, pack, "--receipt", kept);
    expect([code, lines[0]]).toEqual([
      1,
      expect.stringContaining(`✘ record-missing: ${kept}: the service answered that`),
    ]);
    const whole = folderOnDisk(await packOf({ house }));
    const told = await verifyAt(muchLater, whole, "--receipt", kept);
    expect(told.lines).toContainEqual(
      expect.stringMatching(/^\S*kept\.json: the log has a sign-off of .*, as entry \d+\.$/),
    );
    const ofLogAlone = await verify(pack, "--receipt", kept, "--checkpoint");
    expect(ofLogAlone.failed).toContain("--checkpoint looks at no record");
    writeFileSync(kept, "{}");
    expect((await verify(pack, "--receipt", kept)).failed).toContain("holds no signed envelope");
  });

  it("takes what was kept of the service as one file, and what is given beside it before that", async () => {
    const { attestation } = recorded.house;
    const { issuer, audiences, passkeys } = installation;
    const { origin: logOrigin, publicKey } = MemoryLedger.signer;
    const checkpoint = { ed25519: base64(publicKey), others: [] };
    const keys = { attestation: { pem: attestation.key.pem, others: [] }, checkpoint };
    const kept = join(temporaryFolder(), "service.json");
    writeFileSync(kept, JSON.stringify({ issuer, audiences, passkeys, logOrigin, keys }));
    const pack = await zipOnDisk(files);
    const { lines, code } = await verify(pack, "--service", kept);
    expect(code).toBe(0);
    expect(lines.join("\n")).not.toContain("Told by the log");
    expect(lines.filter((line) => line.includes("Taken from the pack itself"))).toEqual([
      expect.stringContaining("as it: the identity provider's keys (as archived with each sign-off). Compare"),
    ]);
    expect((await verify(pack, "--service", kept, "--audience", "lunch-menu")).code).toBe(1);
    writeFileSync(kept, "{}");
    expect((await verify(pack, "--service", kept)).failed).toContain("is no answer of GET /v1/service");
  });

  it("says at every turn that the log alone was looked at", async () => {
    const { lines, code } = await verify(await zipOnDisk(files), "--checkpoint");
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^LOG ONLY \(--checkpoint\): no person's signature was checked\./);
    expect(lines.join("\n")).not.toMatch(/PASSED/);
    expect(lines.at(-1)).toMatch(/^LOG HOLDS: .* were not checked\.$/);
  });

  it("asks for a young checkpoint where it is told to", async () => {
    const { lines, code } = await verify(await zipOnDisk(files), "--max-age", "60s");
    expect(code).toBe(1);
    expect(lines[0]).toMatch(
      /^✘ checkpoint-too-old: The checkpoint is \d+ seconds(?: \(\d+ \w+\))? old; 60 seconds are allowed/,
    );
  });

  it("does not take both modes", async () => {
    expect((await verify("x", "--full", "--checkpoint")).failed).toContain("give one of them");
  });

  it("tells programs the same as people", async () => {
    const { lines } = await verify(await zipOnDisk(files), "--json");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ mode: "full", holds: true, findings: [] });
  });

  it("lets no text from a pack redraw the terminal", async () => {
    const manifest = Buffer.from(files.get("manifest.json") ?? new Uint8Array()).toString();
    // A control sequence as it is mostly introduced, one of eight bits, and a mark that turns the direction of writing.
    const model = "\u001b[31mred\u009b2J\u202e";
    const scope = JSON.stringify({ kind: "model", model });
    const hostile = Buffer.from(manifest.replace('{"kind":"everything"}', scope));
    const path = await zipOnDisk(resealed(files, { "manifest.json": hostile }));
    const [{ lines }, json] = [await verify(path), await verify(path, "--json")];
    expect(lines.join("\n")).toContain("The pack holds the model [31mred 2J");
    expect(JSON.parse(json.lines[0] ?? "")).toMatchObject({ scope: { kind: "model", model } });
    for (const text of [...lines, ...json.lines]) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("runs as the command itself, with no network", async () => {
    const program = [join(import.meta.dirname, "../../cli/countersign.mjs"), "verify", await zipOnDisk(files)];
    const { status, stdout } = spawnSync(process.execPath, program, { encoding: "utf8" });
    expect(stdout).toContain("PASSED: everything that could be checked holds");
    expect(status).toBe(0);
  });

  it("ends as it would have where nobody reads to the end", async () => {
    const program = join(import.meta.dirname, "../../cli/countersign.mjs");
    // Whoever reads is gone before the first line is written.
    const piped = `"$0" "$1" verify "$2" | :; exit "\${PIPESTATUS[0]}"`;
    const { status, stderr } = spawnSync("bash", ["-c", piped, process.execPath, program, await zipOnDisk(files)]);
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "" });
  });
});
