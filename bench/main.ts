import { parseArgs } from "node:util";
import { appendBench } from "./append.ts";
import { exportBench } from "./export.ts";
import type { Figure } from "./figure.ts";
import { policyBench } from "./policy.ts";
import { replayBench } from "./replay.ts";
import { verifyBench } from "./verify.ts";
import { verifySinceBench } from "./verify-since.ts";

/**
 * `npm run bench -- [name] [--size n] [--json]`: runs one benchmark or all, and prints ours, what it is held against and
 * the ratio. With `--json` one line per figure. `--size` is how much those work on that ask for it. Exits 1 where a goal
 * was missed, 2 for a name that is none.
 */

type Bench = (size: number | undefined) => readonly Figure[] | Promise<readonly Figure[]>;

const benches: Readonly<Record<string, Bench>> = {
  policy: policyBench,
  append: appendBench,
  replay: replayBench,
  verify: verifyBench,
  "verify-since": verifySinceBench,
  export: exportBench,
};

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, size: { type: "string" } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(`There is no benchmark '${unknown.join(" ")}'; there is: ${Object.keys(benches).join(", ")}.`);
  process.exitCode = 2;
} else {
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    for (const figure of (await benches[name]?.(values.size === undefined ? undefined : Number(values.size))) ?? []) {
      console.log(values.json === true ? JSON.stringify(figure) : lineOf(figure));
      if (!figure.met) process.exitCode = 1;
    }
  }
}

function lineOf({ name, metric, unit, ours, reference, referenceName, ratio, goal, met }: Figure): string {
  const number = (value: number): string => value.toPrecision(3).replace(/e\+?/, " × 10^");
  const verdict = met ? "met" : "MISSED";
  return `${name}: ${metric}: ${number(ours)} ${unit}; ${referenceName}: ${number(reference)}; ratio ${number(ratio)} (${goal}: ${verdict})`;
}
