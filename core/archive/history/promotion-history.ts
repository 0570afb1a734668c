import type { PeopleSnapshot } from "../../approval/people-snapshot.ts";
import type { Requirements } from "../../approval/requirements.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { type FreezeManifest, freezeManifestName } from "../../promotion/freeze-manifest.ts";
import { peopleSnapshotName } from "../../promotion/personal-documents.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readFreezeManifest } from "../documents/read-freeze-manifest.ts";
import { readPeopleSnapshot } from "../documents/read-people-snapshot.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import { readRequirements } from "../documents/read-requirements.ts";
import { foreignId, hasOwnId } from "../documents/record-ids.ts";
import { wasJudged } from "../documents/was-judged.ts";
import { hasListsBeside, withListsBeside } from "../pack/lists-beside.ts";
import type { PackFindingCode } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { type Replay, replayPromotion } from "./replay-promotion.ts";

/** Told what is wrong with a file of the pack. */
export type Found = (code: PackFindingCode, path: string, sentence: string) => void;

/** A promotion's life, told again from its records and the documents that they name. */
export interface PromotionHistory extends Replay {
  /** The changes of the promotion, in the order of the log. */
  readonly history: readonly PromotionRecord[];
  /** Absent where the candidate was never frozen, or what was frozen cannot be read. */
  readonly manifest: FreezeManifest | undefined;
}

/** Reads what is recorded about one promotion, as far as it can be. What cannot is told to `found`. */
export async function promotionHistory(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  read: ReadDocument,
  found: Found,
): Promise<PromotionHistory> {
  const history = await withLists(historyOf(promotion, records, found), read, found);
  const manifest = await manifestOf(history, read, found);
  const requirements = await requirementsOf(history, read, found);
  return { history, manifest, ...replayPromotion(promotion, history, { manifest, requirements }) };
}

/**
 * A promotion is one item of 400 KB, which holds some thousand facts at most. Each step keeps all that was before it: of ten
 * times as many, which whoever makes a pack can write, that is more memory than there is.
 */
const mostRecords = 5000;

/** The records `<promotion>/0` to `<promotion>/n`, each once and in the order of the log. */
function historyOf(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  found: Found,
): readonly PromotionRecord[] {
  const history: PromotionRecord[] = [];
  const seen = new Set<string>();
  for (const each of records) {
    const { record, index } = each;
    const path = recordPath(index);
    if (!hasOwnId(record)) found("life-cycle", path, foreignId(record));
    if (seen.has(record.id)) found("record-repeated", path, `The ledger holds the record '${record.id}' twice.`);
    else if (/^\d+$/.test(record.id.slice(promotion.length + 1))) history.push(each);
    seen.add(record.id);
  }
  for (const [at, { record, index }] of history.entries()) {
    if (at === mostRecords) {
      found("life-cycle", recordPath(index), `It has more than ${mostRecords} records, which no promotion can have.`);
      return history.slice(0, at);
    }
    if (record.id === `${promotion}/${at}`) continue;
    found(
      "life-cycle",
      recordPath(index),
      `'${record.id}' stands where '${promotion}/${at}' belongs: a record is missing or out of order.`,
    );
    return history.slice(0, at);
  }
  if (history.length === 0)
    found("life-cycle", recordPath(records[0]?.index ?? 0), "The promotion's own history is missing.");
  return history;
}

/** The records with the lists that lie beside some of them. Where those cannot be read, the record does not say what it has to. */
async function withLists(
  history: readonly PromotionRecord[],
  read: ReadDocument,
  found: Found,
): Promise<readonly PromotionRecord[]> {
  const whole: PromotionRecord[] = [];
  for (const each of history) {
    const { index, record } = each;
    const told = hasListsBeside(record)
      ? await attempt("document-changed", recordPath(index), found, () => withListsBeside(record, read))
      : undefined;
    whole.push(told === undefined ? each : { index, record: told });
  }
  return whole;
}

async function manifestOf(
  history: readonly PromotionRecord[],
  read: ReadDocument,
  found: Found,
): Promise<FreezeManifest | undefined> {
  const freeze = history.find(({ record }) => record.type === "freeze");
  if (freeze === undefined) return undefined;
  const path = recordPath(freeze.index);
  return await attempt("freeze-differs", path, found, async () => {
    // Also the digest of what is read from it: that is taken in its one spelling only.
    const digest = attachmentNamed(freeze.record, freezeManifestName).sha256;
    const bytes = await read(digest);
    if (bytes === undefined) throw new Failure("pack-invalid", "freeze.json is not in the pack.");
    const manifest = readFreezeManifest(bytes);
    for (const { record } of history.filter(({ record: { type } }) => type === "request" || type === "freeze")) {
      if (record.body["freezeDigest"] !== digest) {
        throw new Failure("digest-mismatch", `freeze.json has the digest ${digest}; '${record.id}' names another.`);
      }
    }
    const { frozen } = bodyOf("freeze", freeze.record);
    for (const { name, sha256 } of manifest.artifacts) {
      const key = frozen.find((copy) => copy.name === name)?.key;
      if (key !== `frozen/${sha256}/${name}`)
        throw new Failure(
          "digest-mismatch",
          `'${freeze.record.id}' says that '${name}' is kept as '${key ?? "nothing"}', and its digest is ${sha256}.`,
        );
    }
    if (frozen.length !== manifest.artifacts.length)
      throw new Failure(
        "digest-mismatch",
        `'${freeze.record.id}' says of an artifact twice where it is kept, or of something that is none.`,
      );
    for (const file of manifest.evidence) {
      if (attachmentNamed(freeze.record, file.name).sha256 !== file.sha256) {
        throw new Failure(
          "digest-mismatch",
          `The evidence '${file.name}' that was kept is not the one that was frozen.`,
        );
      }
    }
    return inOrderOfRequest(manifest, freeze.record);
  });
}

/**
 * The manifest with its files in the order in which the pipeline named them, which the gate report keeps; `freeze.json`
 * itself is sorted. The record of the freezing has both lists in that order.
 */
function inOrderOfRequest(manifest: FreezeManifest, freeze: LedgerRecord): FreezeManifest {
  const order = [...bodyOf("freeze", freeze).frozen, ...freeze.attachments].map(({ name }) => name);
  const place = ({ name }: { readonly name: string }) => order.indexOf(name);
  return {
    ...manifest,
    artifacts: manifest.artifacts.toSorted((a, b) => place(a) - place(b)),
    evidence: manifest.evidence.toSorted((a, b) => place(a) - place(b)),
  };
}

/** What the directory and people.yaml told when the verdict was signed; `undefined` where it is not at hand. */
export async function peopleOf(
  history: readonly PromotionRecord[],
  read: ReadDocument,
  found: Found,
  of: "quorum" | "loan" = "quorum",
): Promise<PeopleSnapshot | undefined> {
  const verdict = history.findLast(
    ({ record }) => record.type === "verdict" && (record.body["loan"] === true) === (of === "loan"),
  );
  const kept = verdict?.record.attachments.find(({ name }) => name === peopleSnapshotName);
  if (verdict === undefined || kept === undefined) return undefined;
  return await attempt("document-changed", recordPath(verdict.index), found, async () => {
    const bytes = await read(kept.sha256);
    return bytes === undefined ? undefined : readPeopleSnapshot(bytes);
  });
}

async function requirementsOf(
  history: readonly PromotionRecord[],
  read: ReadDocument,
  found: Found,
): Promise<ReadonlyMap<Sha256, Requirements>> {
  const requirements = new Map<Sha256, Requirements>();
  // Evidence, which is frozen under the names that its pipeline gave it, may be called so too.
  for (const { record, index } of history.filter(({ record }) => wasJudged(record))) {
    for (const { name, sha256 } of record.attachments) {
      if (name !== "requirements.json" || requirements.has(sha256)) continue;
      const document = await attempt("document-changed", recordPath(index), found, async () => {
        const bytes = await read(sha256);
        return bytes === undefined ? undefined : readRequirements(bytes);
      });
      if (document !== undefined) requirements.set(sha256, document);
    }
  }
  return requirements;
}

/** What `act` answers; where the bytes it looks at make it fail, that is the finding. */
export async function attempt<Value>(
  code: PackFindingCode,
  path: string,
  found: Found,
  act: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await act();
  } catch (error) {
    return tellOf(error, code, path, found);
  }
}

/** The same where nothing is waited for. */
export function attemptNow<Value>(
  code: PackFindingCode,
  path: string,
  found: Found,
  act: () => Value,
): Value | undefined {
  try {
    return act();
  } catch (error) {
    return tellOf(error, code, path, found);
  }
}

function tellOf(error: unknown, code: PackFindingCode, path: string, found: Found): undefined {
  if (error instanceof Failure) found(error.code === "newer-version" ? error.code : code, path, error.message);
  // Bytes that nobody foresaw may break a parser below in any way; here that is as good as a refusal.
  else found(code, path, `It cannot be read (${String(error)}).`);
}
