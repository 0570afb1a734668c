import { Argument, Command, InvalidArgumentError } from "commander";
import { appendBench } from "./append.ts";
import { exportBench } from "./export.ts";
import type { Figure } from "./figure.ts";
import { policyBench } from "./policy.ts";
import { replayBench } from "./replay.ts";
import { verifyBench } from "./verify.ts";
import { verifySinceBench } from "./verify-since.ts";

type Bench = (size: number | undefined) => readonly Figure[] | Promise<readonly Figure[]>;

const benches: Readonly<Record<string, Bench>> = {
  policy: policyBench,
  append: appendBench,
  replay: replayBench,
  verify: verifyBench,
  "verify-since": verifySinceBench,
  export: exportBench,
};

const program = new Command("npm run bench --")
  .description(
    "Runs benchmarks and prints ours, what it is held against and the ratio; ends with 1 where a goal was missed.",
  )
  .addArgument(new Argument("[name...]", "which of them; all where none is named").choices(Object.keys(benches)))
  .option("--size <n>", "how much those work on that ask for it", sizeOf)
  .option("--json", "print one line of JSON for each figure", false)
  // 1 says that a goal was missed.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();
const { size, json } = program.opts<{ readonly size?: number; readonly json: boolean }>();
for (const name of program.args.length > 0 ? program.args : Object.keys(benches)) {
  for (const figure of (await benches[name]?.(size)) ?? []) {
    console.log(json ? JSON.stringify(figure) : lineOf(figure));
    if (!figure.met) process.exitCode = 1;
  }
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new InvalidArgumentError("It is no whole number above 0.");
}

function lineOf({ name, metric, unit, ours, reference, referenceName, ratio, goal, met }: Figure): string {
  const number = (value: number): string => value.toPrecision(3).replace(/e\+?/, " × 10^");
  const verdict = met ? "met" : "MISSED";
  return `${name}: ${metric}: ${number(ours)} ${unit}; ${referenceName}: ${number(reference)}; ratio ${number(ratio)} (${goal}: ${verdict})`;
}
