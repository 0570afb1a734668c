import { hex } from "../encoding/bytes.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { checkpointAge } from "./checkpoint-age.ts";
import { type Inspect, inspect } from "./inspect-pack.ts";
import { inspectAll } from "./inspected-records.ts";
import { inspectionOf, logTrustOf, openPack } from "./open-pack.ts";
import { checkedSource, fileStates, hashRest } from "./pack/file-states.ts";
import { concernsAll, onlyNewer, type PackFinding } from "./pack/pack-findings.ts";
import { manifestPath, recordFolder, recordIndex } from "./pack/pack-layout.ts";
import { holdsWholeLog, isWithoutPersonalData, type PackManifest } from "./pack/pack-manifest.ts";
import { isPersonalRecord } from "./pack/personal-data.ts";
import type { PackVerification, VerifyPackOptions } from "./pack-verification.ts";
import type { InstalledFrom } from "./people/installations.ts";
import { recheckSignInKeys, type SignInKey, signInKeysIn, whichSignInKeys } from "./people/sign-in-keys.ts";
import type { DelegationsVerification } from "./people/verify-delegations.ts";
import type { PasskeysVerification } from "./people/verify-passkeys.ts";
import type { PromotionVerdict } from "./promotion/promotion-verdict.ts";
import { goesTo, recordedWhen, timedHeads, whenUnshown } from "./recorded-when.ts";
import { headInForce, type TrustedKeys } from "./trust-keys.ts";
import { containerFindings, noteSums } from "./verify-container.ts";
import { type ContentsInput, verifyContents } from "./verify-contents.ts";
import { verifyContinuation } from "./verify-continuation.ts";
import { type RecordsVerification, verifyRecords } from "./verify-records.ts";
import { verifyWitnesses } from "./verify-witnesses.ts";
import { whatPackCannotTell } from "./what-pack-cannot-tell.ts";
import { namesOf, type PackSource } from "./zip/pack-source.ts";

/**
 * Verifies an audit pack offline, with nothing but the pack and the keys that are known from elsewhere. Whatever is
 * wrong with the pack is a finding; only a source that cannot be read throws.
 */
export async function verifyPack(pack: PackSource, options: VerifyPackOptions): Promise<PackVerification> {
  const { mode, startSha256 } = options;
  const states = fileStates(pack.count, options.allocate);
  // Before there is anything for them to do: it takes them a while to be ready.
  const helpers = options.helpers?.(states);
  try {
    const source = checkedSource(pack, states, startSha256);
    const opened = await openPack(source, options);
    if ("code" in opened) {
      const sums = await noteSums(pack, states);
      await hashRest(pack, states, startSha256, { from: 0, to: pack.count });
      const container = [...sums, ...containerFindings(pack, states, pack.problems())];
      return { mode, holds: false, findings: [...container, opened], promotions: [], unchecked: [] };
    }
    const context = inspectionOf({ pack, source, states, opened, options });
    const all = {
      files: pack.count,
      indices: recordsOf(pack),
      log: holdsWholeLog(opened.manifest),
      tables: mode === "full",
    };
    const inspected = await inspectAll(all, helpers?.inspect ?? inTurn((job) => inspect(job, context)));
    // What is left is one thread's work: the memory of the others is given back before it begins.
    await helpers?.dismiss();
    await hashRest(pack, states, startSha256, { from: 0, to: pack.count });
    return await verifyInspected({ ...opened, source, states, inspected, options });
  } finally {
    await helpers?.dismiss();
  }
}

/** One part of the work after the other: parts that take turns would each want another place of the pack at hand. */
function inTurn(inspect: Inspect): Inspect {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const done = last.then(() => inspect(job));
    // Whoever waits for a part is told what went wrong with it; the next begins all the same.
    last = done.catch(() => undefined);
    return done;
  };
}

/** Indices of all records in a pack, ascending. */
function recordsOf(source: PackSource): readonly number[] {
  const indices: number[] = [];
  for (const name of namesOf(source, recordFolder)) {
    const index = recordIndex(name);
    if (index !== undefined) indices.push(index);
  }
  return indices.sort((a, b) => a - b);
}

async function verifyInspected({
  source,
  states,
  manifest,
  keys,
  trusted,
  passkeys,
  delegations,
  installations,
  signInKeys,
  inspected,
  options,
}: Omit<ContentsInput, "records" | "late" | "goesTo" | "trusted" | "confirmations"> & {
  readonly trusted: TrustedKeys;
  readonly passkeys: PasskeysVerification;
  readonly delegations: DelegationsVerification;
  readonly installations: readonly InstalledFrom[];
  readonly signInKeys: readonly SignInKey[];
}): Promise<PackVerification> {
  const { mode } = options;
  const checkpointKeys = trusted.checkpoint;
  const { scope } = manifest;
  const verify = options.verifyEd25519;
  const trust = logTrustOf(trusted, manifest);
  const { confirmations } = passkeys;
  const records = await verifyRecords(source, inspected, {
    whole: inspected.log !== undefined,
    everything: scope.kind === "everything",
    ...(scope.kind === "since" ? { since: scope.size } : {}),
    leftOut: manifest.personalRecordsLeftOut ?? [],
    verify,
    trust,
  });
  const witnessed = await verifyWitnesses(source, checkpointKeys, records, options);
  const { checkpoint, at } = records;
  const heads = timedHeads(records, witnessed.witnesses);
  const when = recordedWhen(inspected, heads, { whole: holdsWholeLog(manifest) });
  const told = { late: when.late, goesTo: goesTo(heads, inspected.times) };
  const times = { witnesses: witnessed.witnesses, ...(at === undefined ? {} : { at }) };
  const aged = checkpoint === undefined ? { findings: [], unchecked: [] } : checkpointAge(times, options);
  const continued =
    checkpoint === undefined
      ? []
      : await verifyContinuation(source, checkpoint, manifest, { earlier: options.since, trust, verify });
  const contents =
    mode === "full"
      ? await verifyContents({
          source,
          states,
          manifest,
          inspected,
          records,
          confirmations,
          keys,
          trusted,
          options,
          ...told,
        })
      : { findings: [], promotions: [], unchecked: [], receipts: [] };
  const container = [
    ...inspected.sums,
    ...containerFindings(source, states, [...inspected.problems, ...source.problems()]),
  ];
  const signedInBy = signInKeysIn([...signInKeys, ...inspected.signInKeys]);
  const findings = [
    ...container,
    ...records.findings,
    ...when.findings,
    ...continued,
    ...trusted.findings,
    ...passkeys.findings,
    ...delegations.findings,
    ...recheckSignInKeys(signedInBy),
    ...(await headInForce(source, trusted, records, options)),
    ...witnessed.findings,
    ...aged.findings,
    ...manifestDiffers(manifest, records),
  ];
  const unchecked = [
    ...whatPackCannotTell(manifest, installations, options, signedInBy.length > 0),
    ...whichSignInKeys(signedInBy, { since: options.since !== undefined || scope.kind === "since" }),
    ...passkeys.unchecked,
    ...delegations.unchecked,
    ...aged.unchecked,
    ...(when.unshown === undefined ? [] : [{ sentence: whenUnshown(when.unshown, inspected.indices.length) }]),
  ];
  const log = {
    origin: records.checkpoint?.origin ?? manifest.log.origin,
    size: records.checkpoint?.size ?? manifest.log.size,
    keys: checkpointKeys.map(({ name, keyId }) => `${name}+${keyId}`),
    ...times,
  };
  const since = options.since?.checkpoint.size;
  const common = {
    mode,
    scope,
    log,
    ...(since === undefined ? {} : { since }),
    ...(isWithoutPersonalData(manifest) ? { withoutPersonalData: true as const } : {}),
  };
  switch (mode) {
    case "checkpoint": {
      const promotions = [...records.byPromotion.keys()].map((promotion) => ({
        promotion,
        outcome: "NOT CHECKED" as const,
      }));
      return { ...common, holds: findings.length === 0, findings, promotions, unchecked };
    }
    case "full": {
      const all = [...findings, ...contents.findings];
      const ofAll = all.filter(concernsAll);
      const own = Map.groupBy(all, ({ promotion }) => promotion);
      const verdicts = new Map(contents.promotions.map((verdict) => [verdict.promotion, verdict]));
      const promotions = [...records.byPromotion.keys()].map((promotion): PromotionVerdict => {
        const verdict = verdicts.get(promotion);
        // Nothing was recorded of it since it was verified before.
        if (verdict === undefined) return { promotion, outcome: own.has(promotion) ? "FAILED" : "NOT CHECKED" };
        return { ...verdict, outcome: outcomeBy([...ofAll, ...(own.get(promotion) ?? [])]) };
      });
      return {
        ...common,
        holds: all.length === 0,
        findings: all,
        promotions,
        unchecked: [...unchecked, ...contents.unchecked],
        ...(options.receipts === undefined ? {} : { receipts: contents.receipts }),
      };
    }
    default:
      return mode satisfies never;
  }
}

function outcomeBy(findings: readonly PackFinding[]): PromotionVerdict["outcome"] {
  if (findings.length === 0) return "PASSED";
  return onlyNewer(findings) ? "NOT CHECKED" : "FAILED";
}

function manifestDiffers(manifest: PackManifest, records: RecordsVerification): readonly PackFinding[] {
  const differs = (sentence: string): PackFinding => ({ code: "manifest-differs", path: manifestPath, sentence });
  const { log, scope } = manifest;
  const found = [...records.byPromotion.keys()];
  const promotions = new Set<PromotionId>(manifest.promotions);
  const { checkpoint } = records;
  const head = checkpoint === undefined ? log : { ...checkpoint, root: hex(checkpoint.root) };
  const wrong: readonly (readonly [boolean, string])[] = [
    [head.size !== log.size, `says that the log has ${log.size} entries; its checkpoint says ${head.size}.`],
    [head.root !== log.root || head.origin !== log.origin, "names another log, or another root, than the checkpoint."],
    [
      records.indices.length !== manifest.records,
      `counts ${manifest.records} records; there are ${records.indices.length}.`,
    ],
    [
      log.size - manifest.records !== manifest.recordsLeftOut ||
        (scope.kind === "everything" && manifest.recordsLeftOut !== (manifest.personalRecordsLeftOut ?? []).length),
      "miscounts the records that were left out.",
    ],
    [
      !sameNumbers(manifest.installationRecords, records.installationRecords),
      "names other records of the installation than there are.",
    ],
    [!sameNumbers(manifest.keyRecords, records.keyRecords), "names other records of keys than there are."],
    [!sameNumbers(manifest.passkeyRecords, records.passkeyRecords), "names other records of passkeys than there are."],
    [
      !sameNumbers(manifest.delegationRecords, records.delegationRecords),
      "names other records of delegations than there are.",
    ],
    [
      found.length !== promotions.size || found.some((id) => !promotions.has(id)),
      "names other promotions than the records.",
    ],
    [
      scope.kind === "promotion" && found.some((id) => id !== scope.promotion),
      "is about one promotion, and the pack is not.",
    ],
    [
      scope.kind !== "everything" && scope.kind !== "since" && found.length === 0,
      "says what the pack is about, and there is no promotion in it.",
    ],
    [
      manifest.documentsLeftOut.length > 0 && !isWithoutPersonalData(manifest),
      "leaves out documents of a pack that is not one without personal data: all that is personal is left out, or nothing.",
    ],
    [
      (manifest.personalRecordsLeftOut ?? []).some(({ type }) => !isPersonalRecord(type)),
      "calls records personal that decisions rest on.",
    ],
  ];
  return wrong.flatMap(([isWrong, what]) => (isWrong ? [differs(`The manifest ${what}`)] : []));
}

function sameNumbers(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((each, at) => each === others[at]);
}
