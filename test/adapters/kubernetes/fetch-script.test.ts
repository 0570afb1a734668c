import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { itemsIn, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { target } from "./releases.ts";

const folder = mkdtempSync(join(tmpdir(), "fetch-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the shipped init container's own command, with an `aws` that writes down how it was called. */
function fetchModel(bytes: string, name = "model.json") {
  const sha256 = sha256Hex(new TextEncoder().encode("approved"));
  const model = { uri: `s3://artifacts/frozen/${sha256}/${name}`, versionId: "v1", sha256 };
  const promotion = `p-${"0".repeat(32)}-1` as PromotionId;
  const approved = { promotion, verdict: sha256, model, fetcher: target.fetcher };
  const document = releaseDocument({ image: target.fetcher, approved }, target, undefined);
  const [init = {}] = itemsIn(workloadKinds.deployment.podOf(document).spec, "initContainers");
  const volume = join(folder, "volume");
  mkdirSync(volume, { recursive: true });
  const aws = join(folder, "aws");
  // The last argument is where the object goes.
  writeFileSync(
    aws,
    [
      "#!/bin/sh",
      'printf "%s\\n" "$@" > "$CALLS"',
      'for last in "$@"; do :; done',
      'printf "%s" "$BYTES" > "$last"',
      "",
    ].join("\n"),
  );
  chmodSync(aws, 0o755);
  const [shell = "", ...args] = (init["command"] as readonly string[]).map((part) =>
    part.replaceAll("/countersign-model", volume),
  );
  const env = Object.fromEntries(itemsIn(init, "env").map((each) => [String(each["name"]), String(each["value"])]));
  const calls = join(folder, "calls");
  const ran = spawnSync(shell, args, {
    env: { ...env, BYTES: bytes, CALLS: calls, PATH: [folder, process.env["PATH"]].join(delimiter) },
    encoding: "utf8",
  });
  return { status: ran.status, called: readFileSync(calls, "utf8").trimEnd().split("\n"), sha256, volume };
}

it("the init container fetches one version of one object, and is content with the approved bytes", () => {
  const { status, called, sha256, volume } = fetchModel("approved");
  expect(called).toEqual([
    ...["s3api", "get-object", "--bucket", "artifacts", "--key", `frozen/${sha256}/model.json`],
    ...["--version-id", "v1", `${volume}/model.json`],
  ]);
  expect(status).toBe(0);
});

it("the init container fails, and the container never starts, for any other bytes", () => {
  expect(fetchModel("something else").status).not.toBe(0);
});

it("a file name is never read by the shell", () => {
  const name = "$(touch pwned) `id`; exit 0 #.json";
  const { status, called } = fetchModel("something else", name);
  expect(called.at(-1)?.endsWith(name)).toBe(true);
  expect(status).not.toBe(0);
});
