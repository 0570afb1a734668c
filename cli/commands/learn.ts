import { Command, InvalidArgumentError } from "commander";
import { readRecord } from "../../core/archive/documents/read-record.ts";
import { blobPath, recordFolder, recordIndex, recordPath } from "../../core/archive/pack/pack-layout.ts";
import { documentJson } from "../../core/archive/pack/promotion-file.ts";
import { namesOf, type PackSource, readWhole } from "../../core/archive/zip/pack-source.ts";
import { Failure } from "../../core/failure.ts";
import { type Episode, episodeOf } from "../../core/learning/episode.ts";
import { learningReport, leastDecisions } from "../../core/learning/learning-report.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { learningLines } from "../learning-text.ts";
import { withPack } from "../pack-file.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface LearnOptions {
  readonly decisions?: number;
  readonly json: boolean;
}

const help = `
Works offline, and trusts the pack: run 'verify' first. Shares come with their 95 % interval, and n. Of how people decide
nothing is said unless --decisions is given, and then only from so many decisions on.`;

/** `countersign learn PACK`: where the assessment failed, from an audit pack. */
export function learnCommand(surroundings: Surroundings): Command {
  return new Command("learn")
    .description("report where approvals went wrong: what production said, and which gates came closest")
    .argument("<pack>", "the zip, or the folder it was unpacked into")
    .option("--decisions <fewest>", `also how roles and people decide, from so many decisions on`, fewestOf)
    .option("--json", "print the report as one line of JSON", false)
    .addHelpText("after", help)
    .action((pack: string, options: LearnOptions) => learn(pack, options, surroundings));
}

async function learn(path: string, options: LearnOptions, surroundings: Surroundings): Promise<void> {
  const episodes = await withPack(path, async (pack) => {
    if (pack.kind === "refused") throw new Failure("pack-invalid", `${path} is no audit pack: ${pack.sentence}`);
    return await episodesOf(pack.source);
  });
  if (episodes.length === 0) throw new Failure("pack-invalid", `${path} holds no promotion.`);
  const report = learningReport(
    episodes,
    options.decisions === undefined ? {} : { fewestDecisions: options.decisions },
  );
  if (options.json) surroundings.print(jsonText(report));
  else for (const line of learningLines(report)) surroundings.print(line);
}

async function episodesOf(source: PackSource): Promise<readonly Episode[]> {
  const byPromotion = new Map<PromotionId, Fact[]>();
  const indices = [...namesOf(source, recordFolder)]
    .flatMap((name) => recordIndex(name) ?? [])
    .toSorted((a, b) => a - b);
  for (const index of indices) {
    const bytes = await readWhole(source, recordPath(index));
    if (bytes === undefined) continue;
    const { promotion, ...fact } = readRecord(bytes);
    if (promotion === undefined) continue;
    byPromotion.set(promotion, [...(byPromotion.get(promotion) ?? []), { ...fact, promotion }]);
  }
  const episodes: Episode[] = [];
  for (const facts of byPromotion.values()) {
    const report = facts
      .findLast(({ type }) => type === "gates")
      ?.attachments.find(({ name }) => name === "gate-report.json");
    const read = (sha256: string) => readWhole(source, blobPath(sha256 as Fact["attachments"][number]["sha256"]));
    const episode = episodeOf(facts, report === undefined ? undefined : await documentJson(report.sha256, read));
    if (episode !== undefined) episodes.push(episode);
  }
  return episodes;
}

function fewestOf(text: string): number {
  const fewest = Number(text);
  if (!/^[0-9]{1,4}$/.test(text) || fewest < leastDecisions)
    throw new InvalidArgumentError(`Give a whole number from ${leastDecisions} on.`);
  return fewest;
}
