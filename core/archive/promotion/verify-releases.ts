import { canonicalJson } from "../../encoding/canonical-json.ts";
import { madeBy, versionIn } from "../../encoding/generation.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { type earlierRelease, earlierReleasesName, readEarlierReleases } from "../../gates/earlier-releases.ts";
import type { EarlierRelease } from "../../gates/facts.ts";
import type { GateGenerations } from "../../gates/gate-generations.ts";
import type { ChampionThresholds } from "../../gates/thresholds.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import { readFreezeManifest } from "../documents/read-freeze-manifest.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";

// A release is named by the digest of its manifest, which names its evidence by digests: what was measured of it can be told
// again wherever these documents are. That it served then, the records of its promotion say (what-served.ts).

/**
 * Makes again what `earlier-releases.json` says was measured of each release, from that release's own evidence. Answers what
 * is wrong in sentences; of a release whose documents are not in the pack nothing.
 */
export async function recheckReleases(
  document: Uint8Array,
  {
    manifest,
    compared,
    generations,
    elsewhere,
  }: {
    /** Of the candidate. */
    readonly manifest: FreezeManifest;
    readonly compared: ChampionThresholds;
    readonly generations: Pick<GateGenerations, "releases">;
    readonly elsewhere: ReadDocument;
  },
): Promise<readonly string[]> {
  const version = versionIn(readCanonicalJson(earlierReleasesName, document), "documentVersion");
  const make = madeBy(earlierReleasesName, version, generations.releases);
  const wrong: string[] = [];
  for (const told of readEarlierReleases(document)) {
    const again = await releaseAgain(told, make, compared, elsewhere);
    if (again === undefined) continue;
    const { model, target } = manifest;
    if (again.model !== model.name || again.target !== target.name || again.version !== told.version)
      wrong.push(`It was compared with ${told.version}, and the manifest ${told.freezeDigest} is of something else.`);
    else if (again.measured !== measuredOf(told))
      wrong.push(`It was compared with other values of ${told.version} than that release's evidence has.`);
  }
  return wrong;
}

interface ReleaseAgain {
  readonly model: string;
  readonly version: string;
  readonly target: string;
  readonly measured: string;
}

interface Remembered {
  readonly byManifest: Map<Sha256, ReleaseAgain>;
  /** By what evidence there is: many releases may rest on the same. */
  readonly byEvidence: Map<string, string>;
}

// Each is compared with by the few that come after it, under the same thresholds.
const remembered = new WeakMap<ChampionThresholds, Remembered>();
const mostRemembered = 1000;

async function releaseAgain(
  { freezeDigest, deployedAt }: EarlierRelease,
  make: typeof earlierRelease,
  compared: ChampionThresholds,
  elsewhere: ReadDocument,
): Promise<ReleaseAgain | undefined> {
  const { byManifest, byEvidence } = rememberedOf(compared);
  const known = byManifest.get(freezeDigest);
  if (known !== undefined) return known;
  const bytes = await elsewhere(freezeDigest);
  if (bytes === undefined) return undefined;
  const manifest = readFreezeManifest(bytes);
  const key = canonicalJson(manifest.evidence);
  let measured = byEvidence.get(key);
  if (measured === undefined) {
    const evidence = new Map<string, Uint8Array>();
    for (const { name, sha256 } of manifest.evidence) {
      const content = await elsewhere(sha256);
      if (content === undefined) return undefined;
      evidence.set(name, content);
    }
    const files = { computedDigests: new Map(), evidence };
    measured = measuredOf(make({ manifest, freezeDigest }, deployedAt, files, compared));
    keep(byEvidence, key, measured);
  }
  const { model, target } = manifest;
  return keep(byManifest, freezeDigest, { model: model.name, version: model.version, target: target.name, measured });
}

function rememberedOf(compared: ChampionThresholds): Remembered {
  const known = remembered.get(compared) ?? { byManifest: new Map(), byEvidence: new Map() };
  remembered.set(compared, known);
  return known;
}

function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Value {
  if (map.size >= mostRemembered) map.clear();
  map.set(key, value);
  return value;
}

function measuredOf({ metrics, facets }: Pick<EarlierRelease, "metrics" | "facets">): string {
  return canonicalJson({ metrics, facets });
}
