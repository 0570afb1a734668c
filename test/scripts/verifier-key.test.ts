import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { formatVerifierKey, noteKey } from "../../core/ledger/note-key.ts";

const script = fileURLToPath(new URL("../../scripts/verifier-key.ts", import.meta.url));
const spki = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" });

function printed(input: string, ...given: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...given], { input, encoding: "utf8" });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

describe("the verifier key of a key of KMS", () => {
  it.each([
    ["a log's", [], "ed25519"],
    ["a witness's, with --witness", ["--witness"], "cosignature/v1"],
  ] as const)("is %s", (_, options, algorithm) => {
    const expected = formatVerifierKey(noteKey("w.example/1", algorithm, new Uint8Array(spki.subarray(-32))));
    const answer = printed(`${spki.toString("base64")}\n`, ...options, "w.example/1");
    expect(answer).toEqual({ status: 0, stdout: expected, stderr: "" });
  });

  it("is not printed of anything else", () => {
    const answer = printed(spki.subarray(1).toString("base64"), "w.example/1");
    expect(answer).toMatchObject({ status: 1, stdout: "" });
    expect(answer.stderr).toContain("is not the public key of an Ed25519 key");
  });
});
