import { isGone, whyLessCareful, whyNeverMade } from "../../deployment/release-as-signed.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { ArtifactRole, FrozenArtifact } from "../../promotion/freeze-manifest.ts";
import type { FrozenCopy, Promotion } from "../../promotion/promotion.ts";
import { environmentDocument, servingImage } from "../../promotion/serving-environment.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readJson } from "../documents/json-document.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";

/**
 * Whether what a deployment's beginning says to run is what was signed and frozen: the model's bytes and their copy, the
 * container image, and a release that is no less careful than the target says, and one that somebody makes. Answers what is not, in sentences.
 */
export async function recheckServed({ record, before }: Step, read: ReadDocument): Promise<readonly string[]> {
  if (before === undefined) return [];
  const { model } = bodyOf("served", record);
  const { previous, gone, conditions } = bodyOf("deployment-started", record);
  const { release } = bodyOf("release", record);
  const { artifact, copy } = frozenAs("model", before);
  // In which bucket is told here alone. The key is under the digest of the bytes.
  const key = /^s3:\/\/[^/]+\/(.+)$/.exec(model.uri)?.[1];
  const { target } = before.manifest;
  const odd = whyLessCareful(release, target) ?? whyNeverMade(release, target, conditions);
  const wrong = [
    differs(record, "the model with the digest", model.sha256, artifact?.sha256),
    differs(record, "the model that is kept as", key ?? model.uri, copy?.key),
    differs(record, "the model's version", model.versionId, copy?.versionId),
    await otherImage(record, before, read),
    // A target names what ran before, or there was nothing.
    differs(record, "a release of the kind", release.kind, previous === null ? "first" : "update"),
    whyGoneDiffers(gone === true, isGone(before, previous ?? undefined), record),
    odd === undefined ? undefined : `By '${record.id}' the release ${odd}.`,
  ];
  return wrong.filter((sentence) => sentence !== undefined);
}

/** What is wrong where a deployment's record does not keep the environment, from which its image was read. */
export function environmentLacking({ id, attachments }: LedgerRecord): string | undefined {
  return attachments.some(({ name }) => name === environmentDocument)
    ? undefined
    : `'${id}' does not keep the environment that names its image.`;
}

async function otherImage(record: LedgerRecord, promotion: Promotion, read: ReadDocument): Promise<string | undefined> {
  const kept = record.attachments.find(({ name }) => name === environmentDocument);
  // That it is not named is said besides.
  if (kept === undefined) return undefined;
  const { artifact } = frozenAs("environment", promotion);
  const other = differs(record, "the environment with the digest", kept.sha256, artifact?.sha256);
  if (other !== undefined) return other;
  const bytes = await read(kept.sha256);
  // That it is missing was said already.
  if (bytes === undefined) return undefined;
  return differs(
    record,
    "the image",
    bodyOf("served", record).image,
    servingImage(readJson(environmentDocument, bytes)),
  );
}

function whyGoneDiffers(told: boolean, is: boolean, { id }: LedgerRecord): string | undefined {
  if (told === is) return undefined;
  return is
    ? `By '${id}' nothing ran there, which was judged as an update of what does, and it does not say that this was gone.`
    : `By '${id}' what it was to take over from was gone, and there was no such thing.`;
}

function frozenAs(
  role: ArtifactRole,
  { manifest, frozen }: Promotion,
): { readonly artifact: FrozenArtifact | undefined; readonly copy: FrozenCopy | undefined } {
  const artifact = manifest.artifacts.find((each) => each.role === role);
  return { artifact, copy: frozen?.find(({ name }) => name === artifact?.name) };
}

function differs({ id }: LedgerRecord, what: string, told: string, signed: string | undefined): string | undefined {
  if (told === signed) return undefined;
  const known = signed === undefined ? "none" : `'${signed}'`;
  return `By '${id}' ${what} '${told}' was deployed, and ${known} was signed off.`;
}
