import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { ContainerImage } from "./artifacts.ts";
import { buildCandidate } from "./candidate.ts";
import { draftOf } from "./submission.ts";
import { type VariantName, variantNames, variants } from "./variants.ts";

const usage = `Usage: node examples/credit-scoring/train.ts OUTPUT [--variant ${variantNames.join("|")}] [--image REPOSITORY@sha256:DIGEST] [--version VERSION]

Trains one variant of the credit-scoring model (default: candidate) and writes model, environment, training data,
infrastructure and evidence into OUTPUT, and promotion.json, which 'countersign submit' takes.`;

function variantOf(text: string): VariantName {
  const variant = variantNames.find((name) => name === text);
  if (variant === undefined) throw new Error(`There is no variant ${text}; there are ${variantNames.join(", ")}.`);
  return variant;
}

function imageOf(reference: string): ContainerImage {
  const [, repository, digest] = reference.match(/^([^@\s]+)@(sha256:[0-9a-f]{64})$/) ?? [];
  if (repository === undefined || digest === undefined) throw new Error("--image must end in @sha256: and a digest.");
  return { repository, digest };
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      variant: { type: "string", default: "candidate" },
      image: { type: "string" },
      version: { type: "string" },
    },
  });
  const [output, ...rest] = positionals;
  if (output === undefined || rest.length > 0) throw new Error(usage);
  const variant = variantOf(values.variant);
  const image = values.image === undefined ? undefined : imageOf(values.image);
  const { version = variants[variant].version } = values;
  const built = buildCandidate(variant, image, version);
  const request = `${JSON.stringify(draftOf(built, version), undefined, 2)}\n`;
  const files = new Map([...built, ["promotion.json", request]]);
  for (const [path, text] of files) {
    const target = join(output, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  console.log(`${variant}: wrote ${files.size} files into ${output}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
