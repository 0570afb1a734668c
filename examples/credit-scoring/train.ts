import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { ContainerImage } from "./artifacts.ts";
import { buildCandidate } from "./candidate.ts";
import { draftOf } from "./submission.ts";
import { type VariantName, variantNames, variants } from "./variants.ts";

function imageOf(reference: string): ContainerImage {
  const [, repository, digest] = reference.match(/^([^@\s]+)@(sha256:[0-9a-f]{64})$/) ?? [];
  if (repository === undefined || digest === undefined)
    throw new InvalidArgumentError("It does not end in @sha256: and a digest.");
  return { repository, digest };
}

const program = new Command("node examples/credit-scoring/train.ts")
  .description(
    "Trains one variant of the credit-scoring model and writes model, environment, training data, infrastructure and evidence into a folder, and promotion.json, which 'countersign submit' takes.",
  )
  .argument("<output>", "the folder")
  .addOption(new Option("--variant <variant>", "which model").choices(variantNames).default("candidate"))
  .option("--image <repository@digest>", "container image that serves it, by its sha256 digest", imageOf)
  .option("--version <version>", "of the model (default: the variant's)")
  .allowExcessArguments(false)
  .parse();
const {
  variant,
  image,
  version = variants[variant].version,
} = program.opts<{
  readonly variant: VariantName;
  readonly image?: ContainerImage;
  readonly version?: string;
}>();
const [output = ""] = program.args;
const built = buildCandidate(variant, image, version);
const request = `${JSON.stringify(draftOf(built, version), undefined, 2)}\n`;
const files = new Map([...built, ["promotion.json", request]]);
try {
  for (const [path, text] of files) {
    const target = join(output, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
} catch (error) {
  program.error(`error: nothing can be written into ${output}: ${(error as Error).message}`);
}
console.log(`${variant}: wrote ${files.size} files into ${output}`);
