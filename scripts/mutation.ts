import { createHash } from "node:crypto";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { Stryker } from "@stryker-mutator/core";
import { Command } from "commander";

/**
 * `npm run mutation -- [FOLDER[/PLACE]…]`: changes the rules in core/ in many small ways and tells which changes no test
 * notices (docs/mutation.md). A folder at a time, or a folder or files of one (`archive/people`,
 * `archive/promotion/verify-review`, also `archive/promotion/verify-*`); those beside the folders as `beside`: first by the
 * tests that mirror it, which notice most and are quick, then what is left by those of the folders around it. Functions are
 * named as `functions/steps` or `functions/steps/deploy`. What was run before and is as it was is not run again. What
 * `--sample` comes to is told beside the rest and counts for nothing.
 */

/** What judges a folder beside its own tests. The archive's take as long as all others, and add little elsewhere. */
const around = ["test/core/!(archive)/**", "test/functions/**", "test/policies/**", "test/api/**"];
const aroundFunctions = ["test/functions/**", "test/api/**"];
const restingOnPacks = ["archive", "replay"];
/** Beside its own tests, the gates are judged by what is tested of the shipped policies; they are its rules. */
const mirrored: Readonly<Record<string, readonly string[]>> = { gates: ["test/policies/**"] };
/** The files of core/ that stand in no folder. */
const beside = "beside";
/** Where functions are, whose folders are named with it. */
const ofFunctions = "functions/";
/** What functions say in a log or a letter is asked by tests of those: a change of a text of theirs tells little of a rule. */
const textsAndLiterals = ["StringLiteral", "ArrayDeclaration", "ObjectLiteral"] as const;
/** Schemas and adapters put together: computed while a module is loaded, and reached by no test of rules. */
const onlyWiring = ["!functions/**/index.ts", "!functions/**/env.ts"] as const;
const state = ".countersign/mutation";
const leastScore = 85;

interface Counts {
  readonly detected: number;
  /** Those of them that were noticed by taking too long: on a machine that is busy otherwise, that may say nothing. */
  readonly late: number;
  readonly undetected: number;
}

const program = new Command("npm run mutation --")
  .description(
    "Changes the rules in core/, or what functions do, in many small ways and tells which changes no test notices (docs/mutation.md).",
  )
  .argument(
    "[place...]",
    "a folder of core/, a folder or files of one, 'beside' for those beside the folders, or 'functions/…'; all of core/ where none is named",
  )
  .option("--concurrency <n>", "how many changes are tried at a time", "2")
  .option("--own", "leave out the second round, by the tests of other folders", false)
  .option(
    "--without <word>",
    "leave out tests whose path holds a word, also several times: the score is then a lower bound",
    (word: string, before: readonly string[]) => [...before, word],
    [],
  )
  .option("--sample <percent>", "judge the changes within so many of a hundred lines, always the same ones")
  .parse();
const values = program.opts<{
  readonly concurrency: string;
  readonly own: boolean;
  readonly without: readonly string[];
  readonly sample?: string;
}>();
const positionals = program.args;
const coreFolders = [...foldersIn("core"), beside];
const functionFolders = foldersIn("functions").map((name) => `${ofFunctions}${name}`);
const folders = [...coreFolders, ...functionFolders];
const asked = positionals.map((name) => ({ folder: folderOf(name), files: filesOf(name) }));
const unknown = asked.flatMap(({ folder }) => (folders.includes(folder) ? [] : [folder]));
if (unknown.length > 0) throw new Error(`There is no folder ${unknown.join(", ")}; there is ${folders.join(", ")}.`);

const nothing = positionals.filter((_, at) => globSync(asked[at]?.files ?? "").length === 0);
if (nothing.length > 0) throw new Error(`There are no files ${nothing.join(", ")}.`);
/** What is asked of one folder is one run: finding out which test reaches what takes the longest. */
const runs =
  asked.length === 0
    ? coreFolders.map((folder) => [folder, [filesOf(folder)]] as const)
    : [...Map.groupBy(asked, ({ folder }) => folder)].map(
        ([folder, those]) => [folder, those.map(({ files }) => files)] as const,
      );

for (const [folder, files] of runs) {
  const own = ownTests(folder);
  const others = isOfFunctions(folder) ? aroundFunctions : around;
  const all = restingOnPacks.includes(folder) ? own : [...own, ...others];
  // The second round takes over what the first has found, and the first would not what the second has.
  const rounds = values.own || all === own ? [own] : existsSync(`${state}/${fileOf(folder)}.json`) ? [all] : [own, all];
  const name = values.sample === undefined ? fileOf(folder) : `${fileOf(folder)}.sample`;
  for (const tests of rounds)
    await new Stryker({
      mutate: [...files.flatMap(mutated), ...onlyWiring],
      ...(isOfFunctions(folder) ? { mutator: { excludedMutations: [...textsAndLiterals] } } : {}),
      testFiles: globSync(tests.map((each) => `${each}/*.test.ts`)).filter(
        (file) => !values.without.some((word) => file.includes(word)),
      ),
      concurrency: Number(values.concurrency),
      incrementalFile: `${state}/${name}.json`,
      jsonReporter: { fileName: `${state}/${name}.report.json` },
      thresholds: { break: null },
    }).runMutationTest();
}

const scores = [told("together", coreFolders), told("functions together", functionFolders)];
for (const folder of folders) print(`${folder} sampled`, countsOf(`${state}/${fileOf(folder)}.sample.report.json`));
const judged = asked.length === 0 ? [false] : asked.map(({ folder }) => isOfFunctions(folder));
process.exitCode = scores.some((score, at) => judged.includes(at === 1) && score < leastScore) ? 1 : 0;

/** Prints what is known of folders, and together; answers the score. */
function told(name: string, of: readonly string[]): number {
  const known = of.map((folder) => [folder, countsOf(`${state}/${fileOf(folder)}.report.json`)] as const);
  for (const [folder, counts] of known) print(folder, counts);
  const together = known.reduce(
    (sum, [, counts]) => ({
      detected: sum.detected + (counts?.detected ?? 0),
      late: sum.late + (counts?.late ?? 0),
      undetected: sum.undetected + (counts?.undetected ?? 0),
    }),
    { detected: 0, late: 0, undetected: 0 },
  );
  if (known.some(([, counts]) => counts !== undefined)) print(name, together);
  return scoreOf(together);
}

function print(name: string, counts: Counts | undefined): void {
  if (counts === undefined) return;
  const { detected, late, undetected } = counts;
  console.log(
    `${name.padEnd(22)}${scoreOf(counts).toFixed(2).padStart(7)} %  ${detected} of ${detected + undetected}, ${late} by their time`,
  );
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []));
}

function isOfFunctions(folder: string): boolean {
  return folder.startsWith(ofFunctions);
}

function folderOf(name: string): string {
  return name.split("/", isOfFunctions(name) ? 2 : 1).join("/");
}

/** By which name what is known of a folder is kept. */
function fileOf(folder: string): string {
  return folder.replace("/", "-");
}

function ownTests(folder: string): readonly string[] {
  if (folder === beside) return ["test/core"];
  return isOfFunctions(folder) ? [`test/${folder}/**`] : [`test/core/${folder}/**`, ...(mirrored[folder] ?? [])];
}

/** The files that are meant by the name of a folder, or of files in one. */
function filesOf(name: string): string {
  if (name === beside) return "core/*.ts";
  const path = isOfFunctions(name) ? name : `core/${name}`;
  return `${path}${existsSync(path) ? "/**/*" : ""}.ts`;
}

/** What of the files is changed: all, or by chance, lines that are chosen by their place, so that a second run chooses the same. */
function mutated(files: string): string[] {
  const percent = values.sample;
  if (percent === undefined) return [files];
  return globSync(files).flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((_, at) => {
        const chance = createHash("sha256").update(`${file}:${at}`).digest().readUInt32BE() / 2 ** 32;
        return 100 * chance < Number(percent) ? [`${file}:${at + 1}-${at + 1}`] : [];
      }),
  );
}

function countsOf(file: string): Counts | undefined {
  let report: {
    readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
  };
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (...wanted: readonly string[]) => statuses.filter((status) => wanted.includes(status)).length;
  return {
    detected: count("Killed", "Timeout"),
    late: count("Timeout"),
    undetected: count("Survived", "NoCoverage"),
  };
}

function scoreOf({ detected, undetected }: Pick<Counts, "detected" | "undetected">): number {
  return (100 * detected) / Math.max(1, detected + undetected);
}
