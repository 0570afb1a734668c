import { utf8 } from "../encoding/bytes.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { ToldToOthers } from "./beside/told-to-others.ts";
import { recheckAnnounced } from "./beside/verify-announced.ts";
import { endsUntold, overdue } from "./beside/verify-ends.ts";
import { ed25519Pem } from "./export/key-files.ts";
import { packReadMe } from "./export/read-me.ts";
import { verifyScript } from "./export/verify-script.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import { recheckReceipts } from "./kept-receipts.ts";
import { lateOfInstallation, settingsDatedBack } from "./late-installation.ts";
import { compareView, type Found } from "./pack/compare-view.ts";
import { type FileStates, isMarked, marks } from "./pack/file-states.ts";
import { logObjects } from "./pack/log-entries.ts";
import { documents, recordsAt } from "./pack/pack-documents.ts";
import type { PackFinding, PackFindingCode, Unchecked } from "./pack/pack-findings.ts";
import type { PackKeys } from "./pack/pack-keys.ts";
import {
  checkpointPemPath,
  isAttestationKey,
  logPath,
  manifestPath,
  readMePath,
  sumsPath,
  verifyScriptPath,
} from "./pack/pack-layout.ts";
import { documentsLeftOut, holdsWholeLog } from "./pack/pack-manifest.ts";
import { recheckKept } from "./pack/personal-data.ts";
import { countersGoneBack } from "./people/passkey-counters.ts";
import type { Confirmation } from "./policies/verify-confirmed.ts";
import type { PromotionVerdict } from "./promotion/promotion-verdict.ts";
import { goneUntold, recheckBudgets, recheckEnds } from "./promotion/verify-loans.ts";
import type { LateRecords } from "./recorded-when.ts";
import type { TrustedKeys } from "./trust-keys.ts";
import { type BesideInput, verifyBeside } from "./verify-beside.ts";
import { verifyInstallation } from "./verify-installation.ts";
import { recheckLate } from "./verify-late.ts";
import { verifyUnderPolicies } from "./verify-under-policies.ts";

export interface ContentsInput extends BesideInput {
  readonly states: FileStates;
  readonly confirmations: readonly Confirmation[];
  readonly keys: PackKeys;
  /** Whose signatures count, for all that the reader knows. */
  readonly trusted: Pick<TrustedKeys, "keys">;
  /** Records that were in the log long after they say they were. */
  readonly late: LateRecords;
}

/** Gathers what each promotion of a pack came to, and verifies what belongs to none or to all of them. */
export async function verifyContents(input: ContentsInput): Promise<{
  readonly findings: readonly PackFinding[];
  readonly promotions: readonly Omit<PromotionVerdict, "outcome">[];
  readonly unchecked: readonly Unchecked[];
  /** What the log has of what people were answered as they signed. */
  readonly receipts: readonly string[];
}> {
  const { source, inspected, keys } = input;
  const looked = [...inspected.promotions, ...inspected.settled];
  const findings: PackFinding[] = looked.flatMap((each) => each.findings);
  const found = (code: PackFindingCode, path: string, sentence: string) => void findings.push({ code, path, sentence });
  const keptOfNone = await verifyInstallation(input, found);
  const kept = [...keptOfNone, ...looked.flatMap((each) => each.kept ?? [])];
  findings.push(...(await recheckKept(kept, () => recordsIn(input))));
  const under = await verifyUnderPolicies(input, found);
  findings.push(...under.findings);
  await compareView(source, readMePath, packReadMe(), found);
  await compareView(source, verifyScriptPath, verifyScript(), found);
  const [newest] = keys.checkpoint;
  if (newest !== undefined) await compareView(source, checkpointPemPath, utf8(ed25519Pem(newest.publicKey)), found);
  findings.push(...recheckBudgets(inspected.promotions.flatMap(({ budgeted }) => budgeted ?? [])));
  const running = inspected.promotions.flatMap((each) => each.running ?? []);
  findings.push(...recheckEnds(running, input.goesTo));
  const untold = overdue(
    inspected.promotions.flatMap((each) => each.underWay ?? []),
    input.goesTo,
  );
  // What is wrong with one promotion, or cannot be read of it, must not be held against the others.
  const unsound = new Set(findings.flatMap(({ promotion }) => promotion ?? []));
  const beside = await verifyBeside(input, unsound);
  findings.push(...beside.findings);
  const left = await leftUndone(input);
  findings.push(...left.findings);
  const receipts = await receiptsKept(input);
  findings.push(...receipts.findings);
  const late = await lateInPromotions(input);
  findings.push(...late.flatMap((each) => each.findings), ...settingsDatedBack(inspected));
  findings.push(...inspected.tables);
  unexpected(input, found);
  return {
    findings,
    receipts: receipts.told,
    promotions: withoutEnd(inspected.promotions, new Set(untold.map(({ promotion }) => promotion))),
    unchecked: [
      ...looked.flatMap((each) => each.unchecked),
      ...authorsUntold(inspected.promotions.filter((each) => each.authorsUntold === true).length),
      ...goneUntold(running, input.goesTo),
      ...endsUntold(untold, input.goesTo),
      ...beside.unchecked,
      ...countersGoneBack(passkeysIn(inspected.promotions), passkeysIn(inspected.settled)),
      ...left.unchecked,
      ...receipts.unchecked,
      ...late.flatMap((each) => each.unchecked),
      ...lateOfInstallation(inspected, input.late),
      ...under.unchecked,
    ],
  };
}

function passkeysIn(those: readonly Pick<ToldToOthers, "passkeys">[]) {
  return those.flatMap(({ passkeys }) => passkeys ?? []);
}

/** One sentence for all of them: in most logs the directory alone knows most authors. */
function authorsUntold(count: number): readonly Unchecked[] {
  if (count === 0) return [];
  const names = count === 1 ? "1 promotion names" : `${count} promotions name`;
  const sentence = `Whether whoever made a candidate also signed for it, where ${names} some by addresses, accounts or identities that belong to nobody in people.yaml, nor to anybody else whom the pack tells of: the service looked for them in the whole directory, which no pack brings.`;
  return [{ sentence }];
}

/** What each promotion came to, and of which the end is not told. */
function withoutEnd(
  promotions: InspectedRecords["promotions"],
  untold: ReadonlySet<PromotionId>,
): readonly Omit<PromotionVerdict, "outcome">[] {
  return promotions.map(({ verdict }) => (untold.has(verdict.promotion) ? { ...verdict, endUntold: true } : verdict));
}

/** All records of a promotion that are here. */
function recordsOf({ source, inspected }: Pick<ContentsInput, "source" | "inspected">) {
  return (promotion: PromotionId) => recordsAt(inspected.byPromotion.get(promotion) ?? [], source);
}

/** What was announced about what runs, and was not done. */
function leftUndone({ source, inspected, manifest, goesTo }: ContentsInput) {
  const announced = inspected.promotions.flatMap((each) => each.announced ?? []);
  return recheckAnnounced(announced, {
    goesTo,
    // What came since an earlier head comes with all that it has to be held against.
    whole: holdsWholeLog(manifest) || manifest.scope.kind === "since",
    recordsOf: recordsOf({ source, inspected }),
    deployments: () => recordsAt(inspected.deployments, source),
  });
}

/** What people were answered as they signed. */
function receiptsKept({ source, inspected, manifest, trusted, goesTo, options }: ContentsInput) {
  const { byPromotion, passkeyRecords, delegationRecords } = inspected;
  return recheckReceipts(options.receipts ?? [], {
    keys: trusted.keys,
    verify: options.verifySignature,
    whole: holdsWholeLog(manifest),
    goesTo,
    recordsOf: async (candidate) => {
      const own = [...byPromotion].filter(([id]) => candidate !== undefined && id.startsWith(candidate));
      const indices =
        candidate === undefined ? [...passkeyRecords, ...delegationRecords] : own.flatMap(([, all]) => all);
      return recordsAt(indices, source);
    },
    read: documents(source, documentsLeftOut(manifest), () => {}),
  });
}

/** Promotions of which records were in the log long after they say they were: few, and looked at once more. */
async function lateInPromotions({ source, inspected, manifest, late }: ContentsInput) {
  const found: Awaited<ReturnType<typeof recheckLate>>[] = [];
  if (late.size === 0) return found;
  const read = documents(source, documentsLeftOut(manifest), () => {});
  for (const { verdict } of inspected.promotions) {
    const indices = inspected.byPromotion.get(verdict.promotion) ?? [];
    if (!indices.some((index) => late.has(index))) continue;
    found.push(await recheckLate(verdict.promotion, await recordsAt(indices, source), late, read));
  }
  return found;
}

/** All records, one after the other. */
async function* recordsIn({ source, inspected }: ContentsInput): AsyncGenerator<LedgerRecord> {
  for (const index of inspected.indices) for (const { record } of await recordsAt([index], source)) yield record;
}

/** Files that verification never asked for by their name belong to nothing in the pack. */
function unexpected({ source, states, manifest, records }: ContentsInput, found: Found): void {
  const whole = holdsWholeLog(manifest);
  const ofLog = ["tile/", "checkpoints/"].map(logPath);
  const size = records.checkpoint?.size ?? 0;
  const known = new Set([
    manifestPath,
    sumsPath,
    logPath(checkpointPath),
    ...(whole || manifest.scope.kind === "since" ? [] : [...logObjects(size, { entries: false })].map(logPath)),
  ]);
  for (let row = 0; row < source.count; row += 1) {
    if (isMarked(states, row, marks.wanted)) continue;
    const name = source.nameAt(row);
    // A whole log was looked through already, and says itself what does not belong to it.
    if (known.has(name) || isAttestationKey(name) || (whole && ofLog.some((folder) => name.startsWith(folder))))
      continue;
    found("file-unexpected", name, `${name} belongs to no record of the pack.`);
  }
}
