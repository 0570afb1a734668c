import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Figure, median } from "./figure.ts";
import { keptPack } from "./kept-pack.ts";
import type { Measured } from "./verify-contender.ts";

/** 1,008 records: each of these promotions has 18. */
const promotions = 56;

/**
 * `verify-since`: what came since an earlier checkpoint, on top of a log of old records, beside the same promotions in a
 * log of their own. Both packs are made once, by the real writers, and kept in .countersign/bench/.
 */
export function verifySinceBench(old = 1_000_000): readonly Figure[] {
  const folder = fileURLToPath(new URL(`../.countersign/bench/since-${old}/`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  const head = `${folder}checkpoint`;
  keptPack(
    head,
    () => script("make-since-packs.ts", [String(old), String(promotions), folder]),
    () => run(`${folder}since.zip`, head),
  );
  const turns = Array.from({ length: 5 }, () => ({
    ours: run(`${folder}since.zip`, head),
    alone: run(`${folder}alone.zip`),
  }));
  const ratio = median(turns.map(({ ours, alone }) => ours.seconds / alone.seconds));
  return [
    {
      name: "verify-since",
      metric: `1,008 new records on top of ${old.toLocaleString("en")}`,
      unit: "s",
      ours: median(turns.map(({ ours }) => ours.seconds)),
      reference: median(turns.map(({ alone }) => alone.seconds)),
      referenceName: "those records in a log of their own",
      ratio,
      goal: "ratio at most 2",
      met: ratio <= 2,
    },
  ];
}

function run(pack: string, ...checkpoint: readonly string[]): Measured {
  return JSON.parse(script("verify-contender.ts", ["ours", pack, ...checkpoint])) as Measured;
}

function script(name: string, args: readonly string[]): string {
  const file = fileURLToPath(new URL(name, import.meta.url));
  return execFileSync(process.execPath, ["--max-old-space-size=8192", file, ...args], { encoding: "utf8" });
}
