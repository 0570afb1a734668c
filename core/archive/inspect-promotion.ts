import { isUtf8Of } from "../encoding/bytes.ts";
import { changesPolicies } from "../policy/change-words.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { ToldToOthers } from "./beside/told-to-others.ts";
import { type PackVersion, packVersions } from "./documents/pack-version.ts";
import { attemptNow } from "./history/promotion-history.ts";
import { compareText, type Found } from "./pack/compare-view.ts";
import { type DocumentCache, documents } from "./pack/pack-documents.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import { manifestPath, recordPath } from "./pack/pack-layout.ts";
import type { PackScope } from "./pack/pack-manifest.ts";
import { whyOutOfScope } from "./pack/pack-scope.ts";
import { promotionsForm } from "./pack/pack-tables.ts";
import { type KeptDocument, keptDocuments, type LeftOutDocuments, whyLeftOutWrongly } from "./pack/personal-data.ts";
import { derivedTexts, type PromotionRecord } from "./pack/promotion-file.ts";
import { type SignedFor, signedForAsTold } from "./pack/sign-off-row.ts";
import { passkeysUsed } from "./people/passkey-counters.ts";
import type { AttestationTrust } from "./people/verify-sign-offs.ts";
import type { PromotionVerdict } from "./promotion/promotion-verdict.ts";
import { type UnderPolicies, underPolicies } from "./promotion/under-policies.ts";
import type { JudgedGates, PolicyOf } from "./promotion/verify-gates.ts";
import { shownThoughGone } from "./reports/report-verdicts.ts";
import { type Cells, cellsOf } from "./tables/table.ts";
import { verifyPromotion } from "./verify-promotion.ts";
import type { PackSource } from "./zip/pack-source.ts";

/** What one promotion came to. */
export interface InspectedPromotion extends ToldToOthers {
  readonly verdict: Omit<PromotionVerdict, "outcome">;
  /** Its row of the table of promotions. */
  readonly row: Cells;
  /** What each of its sign-offs is about, for theirs. */
  readonly signedFor: readonly (readonly [index: number, SignedFor])[];
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
  readonly under: UnderPolicies;
  /** Personal documents that are there although the pack is one without; absent where that is none. */
  readonly kept?: readonly KeptDocument[];
}

/** What promotions are held against. */
export interface PromotionContext {
  readonly source: PackSource;
  readonly trust: AttestationTrust;
  /** What the pack says that it holds. */
  readonly scope: PackScope;
  /** Which reports it is to hold. */
  readonly packVersion: PackVersion;
  readonly policyOf: PolicyOf;
  readonly left: LeftOutDocuments;
  readonly cache: DocumentCache;
  readonly judged: JudgedGates;
}

/** A promotion that was verified before, of which the files of this pack alone were looked at. */
export interface SettledPromotion extends Pick<InspectedPromotion, "findings" | "unchecked" | "kept" | "passkeys"> {
  readonly promotion: PromotionId;
}

/** Verifies one promotion from all of its records, the documents that they name, and the files derived from them. */
export async function inspectPromotion(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  context: PromotionContext,
): Promise<InspectedPromotion> {
  const { source, trust, policyOf, left, cache, judged } = context;
  const { leftOut } = left;
  const { findings, found, read, unchecked, kept, compareWith } = await filesOf(promotion, records, context);
  // What another promotion lacks is told where it belongs.
  const elsewhere = documents(source, leftOut, () => {}, cache);
  const result = await verifyPromotion({ promotion, records, read, elsewhere, leftOut, trust, policyOf, judged });
  for (const { code, path, sentence } of result.findings) found(code, path, sentence);
  await compareWith(result.told);
  const row = cellsOf(promotionsForm.columns, { promotion, records });
  const signedForAt = signedForAsTold();
  const signedFor = records.flatMap(({ index, record }) => {
    const found = signedForAt(record);
    return found === undefined ? [] : [[index, found] as const];
  });
  const { besides } = result;
  return {
    verdict: verdictOf(promotion, result),
    row,
    signedFor,
    findings,
    unchecked: [...result.unchecked, ...unchecked],
    under: underPolicies(result),
    ...kept,
    ...besides,
  };
}

/**
 * Holds the files of a promotion that was verified before against its records, and verifies nothing of those again: whoever hands a
 * pack on can put another report into it.
 */
export async function inspectSettled(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  context: PromotionContext,
): Promise<SettledPromotion> {
  const { findings, unchecked, kept, compareWith } = await filesOf(promotion, records, context);
  await compareWith();
  // What is new may be signed by a copy of what signed then. A record that cannot be read was said when it was verified.
  const passkeys = attemptNow(
    "life-cycle",
    "",
    () => {},
    () => passkeysUsed(records),
  );
  return {
    promotion,
    findings,
    unchecked,
    ...kept,
    ...(passkeys === undefined || passkeys.length === 0 ? {} : { passkeys }),
  };
}

/** What its report does not say of its verdict. Whoever hands a pack on chooses its version. */
function verdictUnsaid(
  records: readonly PromotionRecord[],
  { packVersion }: Pick<PromotionContext, "packVersion">,
): string | undefined {
  const gone = packVersion === 1 ? shownThoughGone(records) : undefined;
  return gone === undefined
    ? undefined
    : `Whether its verdict stands is not said by its report, which is of version 1 and shows the last one: that was taken away, as '${gone}' tells.`;
}

/** The documents of a promotion's records, each as it is named and none left out alone, and what is derived from them. */
async function filesOf(promotion: PromotionId, records: readonly PromotionRecord[], context: PromotionContext) {
  const { source, scope, packVersion, left, cache } = context;
  const findings: PackFinding[] = [];
  const found: Found = (code, path, sentence) => void findings.push({ code, path, sentence, promotion });
  const outOfScope = whyOutOfScope(scope, records);
  // What was recorded of it then may be about people, and left out.
  const mayBeLeftOut = outOfScope !== undefined && scope.kind === "time" && left.withoutPersonalData;
  if (outOfScope !== undefined && !mayBeLeftOut) found("manifest-differs", manifestPath, outOfScope);
  const unsaid = [mayBeLeftOut ? untimed : undefined, verdictUnsaid(records, context)];
  const read = documents(source, left.leftOut, found, cache);
  for (const { record, index } of records) {
    for (const { sha256 } of record.attachments) await read(sha256);
    const wrong = whyLeftOutWrongly(record, left);
    if (wrong !== undefined) found("manifest-differs", recordPath(index), wrong);
  }
  const kept = records.flatMap((each) => keptDocuments(each, left));
  /** @param told what signed statements say, where they were taken apart already */
  const compareWith = async (told?: Parameters<typeof derivedTexts>[4]): Promise<void> => {
    const textsOf = (version: PackVersion) => derivedTexts(promotion, records, read, version, told);
    for (const { name, text } of await textsOf(packVersion))
      await compareText(source, name, text, found, (bytes) => whyOfAnotherVersion(name, bytes, packVersion, textsOf));
  };
  const unchecked = unsaid.flatMap((sentence): readonly Unchecked[] =>
    sentence === undefined ? [] : [{ promotion, sentence }],
  );
  return { findings, found, read, unchecked, kept: kept.length === 0 ? {} : { kept }, compareWith };
}

const untimed =
  "Whether anything of it was recorded in the time that the manifest says: nothing that is here was, and it may be among what was left out as being about people.";

/** That a file is as packs of another version have it, where it is: what it says is then no lie, but that of the manifest. */
async function whyOfAnotherVersion(
  name: string,
  bytes: Uint8Array,
  own: PackVersion,
  textsOf: (version: PackVersion) => ReturnType<typeof derivedTexts>,
): Promise<string | undefined> {
  for (const version of packVersions) {
    const text = version === own ? undefined : (await textsOf(version)).find((each) => each.name === name)?.text;
    if (text !== undefined && isUtf8Of(bytes, text))
      return `${name} is as packs of version ${version} have it, and the manifest says that this is one of version ${own}.`;
  }
  return undefined;
}

function verdictOf(
  promotion: PromotionId,
  { end, signOffs }: Awaited<ReturnType<typeof verifyPromotion>>,
): Omit<PromotionVerdict, "outcome"> {
  if (end === undefined) return { promotion };
  const { model, target } = end.manifest;
  const ofPolicies = changesPolicies(model) ? { ofPolicies: true as const } : {};
  return { promotion, title: titleOf(model, target), ...ofPolicies, status: end.status, signOffs };
}

/** A change of the policies has a title of its own for a version. */
function titleOf(model: FreezeManifest["model"], target: FreezeManifest["target"]): string {
  return changesPolicies(model)
    ? `change of policies '${model.version}'`
    : `${model.name} ${model.version} in ${target.name}`;
}
