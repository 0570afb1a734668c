import * as v from "valibot";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../encoding/generation.ts";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { saysDeployed } from "../promotion/fact.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { EarlierRelease } from "./facts.ts";
import { type CandidateFiles, gatherFacts } from "./gather-facts.ts";
import { readStrictJson } from "./strict-json.ts";
import type { ChampionThresholds } from "./thresholds.ts";

/** `earlier-releases.json`: kept beside the gate report, so that the comparison can be judged again offline. */
interface EarlierReleases {
  readonly documentVersion: 1;
  /** Newest first: the first is the champion. */
  readonly releases: readonly EarlierRelease[];
}

export const earlierReleasesName = "earlier-releases.json";

/** When a promotion came to serve; undefined where it does not. */
export function servingSince({ status, history }: Promotion): Instant | undefined {
  return status === "deployed" ? history.findLast(saysDeployed)?.at : undefined;
}

/** What a release's own evidence says about the metrics that are compared; read again, not taken from a report. */
export function earlierRelease(
  promotion: Pick<Promotion, "manifest" | "freezeDigest">,
  deployedAt: Instant,
  files: CandidateFiles,
  compared: ChampionThresholds,
): EarlierRelease {
  const { facts } = gatherFacts(promotion.manifest, files, { now: deployedAt });
  const asked = (members: object | undefined, name: string) => Object.hasOwn(members ?? {}, name);
  return {
    version: promotion.manifest.model.version,
    freezeDigest: promotion.freezeDigest,
    deployedAt,
    metrics: facts.metrics
      .filter(({ name }) => asked(compared.quality, name))
      .map(({ name, value, where }) => ({ name, value, where })),
    facets: facts.facets
      .filter(({ facet, metric }) => asked(compared.fairness, facet) && asked(compared.fairness[facet], metric))
      .map(({ facet, group, metric, value, where }) => ({ facet, group, metric, value, where })),
  };
}

/** The document's bytes. */
export function earlierReleasesBytes(releases: readonly EarlierRelease[]): Uint8Array {
  return canonicalJsonBytes({ documentVersion: 1, releases } satisfies EarlierReleases);
}

const text = v.pipe(v.string(), v.maxLength(2000));
const reading = { value: v.pipe(v.number(), v.finite()), where: text };
const schema = v.strictObject({
  documentVersion: v.literal(1),
  releases: v.array(
    v.strictObject({
      version: text,
      freezeDigest: v.custom<Sha256>(isSha256),
      deployedAt: v.custom<Instant>(isInstant),
      metrics: v.array(v.strictObject({ name: text, ...reading })),
      facets: v.array(v.strictObject({ facet: text, group: text, metric: text, ...reading })),
    }),
  ),
});

/** Reads the document. Throws `pack-invalid` where it is none, `newer-version` where it is a later one. */
export function readEarlierReleases(bytes: Uint8Array): readonly EarlierRelease[] {
  const read = readStrictJson(bytes);
  if (read.kind === "value") refuseNewer(earlierReleasesName, versionIn(read.value, "documentVersion"), 1);
  const result = read.kind === "value" ? v.safeParse(schema, read.value) : undefined;
  if (result?.success !== true)
    throw new Failure("pack-invalid", `${earlierReleasesName} does not say what was released before.`);
  return result.output.releases;
}
