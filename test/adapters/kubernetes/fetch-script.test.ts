import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { itemsIn, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { archiveOf } from "../../local/archive-of.ts";
import { target } from "./releases.ts";

const folder = mkdtempSync(join(tmpdir(), "fetch-"));
afterAll(() => rmSync(folder, { recursive: true }));

const approvedBytes = utf8("approved");

/** Runs the shipped init container's own command, with an `aws` that writes down how it was called. */
function fetchModel(bytes: Uint8Array, name = "model.json", approvedOnes = approvedBytes, unpack?: true) {
  const sha256 = sha256Hex(approvedOnes);
  const model = { uri: `s3://artifacts/frozen/${sha256}/${name}`, versionId: "v1", sha256 };
  const promotion = `p-${"0".repeat(32)}-1` as PromotionId;
  const approved = { promotion, verdict: sha256, model, fetcher: target.fetcher, ...(unpack && { unpack }) };
  const document = releaseDocument({ image: target.fetcher, approved }, target, undefined);
  const [init = {}] = itemsIn(workloadKinds.deployment.podOf(document).spec, "initContainers");
  const volume = mkdtempSync(join(folder, "volume-"));
  const object = join(folder, "object");
  writeFileSync(object, bytes);
  const aws = join(folder, "aws");
  // The last argument is where the object goes.
  writeFileSync(
    aws,
    ["#!/bin/sh", 'printf "%s\\n" "$@" > "$CALLS"', 'for last in "$@"; do :; done', 'cp "$OBJECT" "$last"', ""].join(
      "\n",
    ),
  );
  chmodSync(aws, 0o755);
  const [shell = "", ...args] = (init["command"] as readonly string[]).map((part) =>
    part.replaceAll("/countersign-model", volume),
  );
  const env = Object.fromEntries(itemsIn(init, "env").map((each) => [String(each["name"]), String(each["value"])]));
  const calls = join(folder, "calls");
  const ran = spawnSync(shell, args, {
    env: { ...env, OBJECT: object, CALLS: calls, PATH: [folder, process.env["PATH"]].join(delimiter) },
    encoding: "utf8",
  });
  return { status: ran.status, called: readFileSync(calls, "utf8").trimEnd().split("\n"), sha256, volume };
}

it("the init container fetches one version of one object, and is content with the approved bytes", () => {
  const { status, called, sha256, volume } = fetchModel(approvedBytes);
  expect(called).toEqual([
    ...["s3api", "get-object", "--bucket", "artifacts", "--key", `frozen/${sha256}/model.json`],
    ...["--version-id", "v1", `${volume}/model.json`],
  ]);
  expect(status).toBe(0);
});

it("the init container fails, and the container never starts, for any other bytes", () => {
  expect(fetchModel(utf8("something else")).status).not.toBe(0);
});

it("a file name is never read by the shell", () => {
  const name = "$(touch pwned) `id`; exit 0 #.json";
  const { status, called } = fetchModel(utf8("something else"), name);
  expect(called.at(-1)?.endsWith(name)).toBe(true);
  expect(status).not.toBe(0);
});

it("the init container unpacks the approved archive, and leaves nothing else there", async () => {
  const archive = await archiveOf({ "./model.json": "{}", "code/inference.py": "pass" });
  const { status, volume } = fetchModel(archive, "model.tar.gz", archive, true);
  expect(status).toBe(0);
  expect(readdirSync(volume, { recursive: true }).toSorted()).toEqual(["code", "code/inference.py", "model.json"]);
  expect(readFileSync(join(volume, "code/inference.py"), "utf8")).toBe("pass");
});

it("the init container unpacks nothing of other bytes, and fails for an archive that is none", async () => {
  const other = await archiveOf({ "model.json": "other" });
  const { status, volume } = fetchModel(other, "model.tar.gz", approvedBytes, true);
  expect(status).not.toBe(0);
  expect(readdirSync(volume)).toEqual(["model.tar.gz"]);
  expect(fetchModel(approvedBytes, "model.tar.gz", approvedBytes, true).status).not.toBe(0);
});
