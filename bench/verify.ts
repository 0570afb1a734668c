import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { verifyFlags } from "../cli/begin-again.ts";
import { type Figure, median } from "./figure.ts";
import { keptPack } from "./kept-pack.ts";
import type { Measured } from "./verify-contender.ts";

const folder = fileURLToPath(new URL("../.countersign/bench/", import.meta.url));

/**
 * `verify`: full verification of a pack by all cores, beside two threads that do nothing but `crypto.verify` over the
 * same signatures, beside Sigstore's verifier over the same bundles, and its peak memory. The pack is made once, by the
 * real writers, and kept in .countersign/bench/.
 */
export async function verifyBench(signOffs = 10_000): Promise<readonly Figure[]> {
  const path = packOf(signOffs);
  const turns = Array.from({ length: signOffs > 20_000 ? 1 : 3 }, () => ({
    ours: run("ours", path),
    bare: run("bare", path),
    floor: run("floor", path),
    bundles: run("bundles", path),
    sigstore: run("sigstore", path),
  }));
  const ofAll = (of: (turn: (typeof turns)[number]) => number) => median(turns.map(of));
  const ours = ofAll((turn) => turn.ours.seconds);
  const ratio = ofAll((turn) => turn.ours.seconds / turn.bare.seconds);
  const rate = ofAll((turn) => turn.ours.count / turn.ours.seconds);
  const peer = ofAll((turn) => turn.sigstore.count / turn.sigstore.seconds);
  const faster = ofAll((turn) => turn.ours.count / turn.ours.seconds / (turn.sigstore.count / turn.sigstore.seconds));
  const bundleRate = ofAll(({ bundles }) => bundles.count / bundles.seconds);
  const bundlesFaster = ofAll(
    ({ bundles, sigstore }) => bundles.count / bundles.seconds / (sigstore.count / sigstore.seconds),
  );
  const peak = ofAll((turn) => turn.ours.peakMiB);
  const floor = ofAll((turn) => turn.ours.seconds / turn.floor.seconds);
  const what = `${signOffs.toLocaleString("en")} sign-offs`;
  return [
    {
      name: "verify",
      metric: `a pack of ${what}, everything in it`,
      unit: "s",
      ours,
      reference: ofAll((turn) => turn.bare.seconds),
      referenceName: "two threads of crypto.verify over the same signatures",
      ratio,
      goal: "ratio at most 1.15",
      met: ratio <= 1.15,
    },
    {
      name: "verify",
      metric: `a pack of ${what}, beside what no verification does without`,
      unit: "s",
      ours,
      reference: ofAll((turn) => turn.floor.seconds),
      referenceName: "two threads that read, hash and parse everything once, and verify the signatures",
      ratio: floor,
      goal: "none; says what the first ratio is made of",
      met: true,
    },
    {
      name: "verify",
      metric: `sign-offs of a pack of ${what}, beside bundles`,
      unit: "sign-offs/s",
      ours: rate,
      reference: peer,
      referenceName: "@sigstore/verify over the same bundles, one thread",
      ratio: faster,
      goal: "ratio at least 3",
      met: faster >= 3,
    },
    {
      name: "verify",
      metric: "bundles, each parsed and its signature verified, by all cores",
      unit: "bundles/s",
      ours: bundleRate,
      reference: peer,
      referenceName: "@sigstore/verify over the same bundles, one thread",
      ratio: bundlesFaster,
      goal: "ratio at least 3, like for like: no verification of a pack",
      met: bundlesFaster >= 3,
    },
    {
      name: "verify",
      metric: `peak memory, ${what}`,
      unit: "MiB",
      ours: peak,
      reference: 512,
      referenceName: "limit",
      ratio: peak / 512,
      goal: "ours below 512 MiB",
      met: peak < 512,
    },
  ];
}

function packOf(signOffs: number): string {
  const path = `${folder}verify-${signOffs}.zip`;
  mkdirSync(folder, { recursive: true });
  keptPack(
    path,
    () => script("make-pack.ts", [String(signOffs), path]),
    () => run("ours", path),
  );
  return path;
}

function run(contender: string, path: string): Measured {
  return JSON.parse(script("verify-contender.ts", [contender, path])) as Measured;
}

/** In a process of its own: what one keeps in memory is not counted as another's. */
function script(name: string, args: readonly string[]): string {
  const file = fileURLToPath(new URL(name, import.meta.url));
  return execFileSync(process.execPath, [...flagsOf(name, args), file, ...args], { encoding: "utf8" });
}

/** Whoever makes a pack holds a whole log in memory; ours runs as the command does, others as they would anywhere. */
function flagsOf(name: string, [contender]: readonly string[]): readonly string[] {
  if (name === "make-pack.ts") return ["--max-old-space-size=8192"];
  return contender === "ours" ? verifyFlags : [];
}
