import type { Explanation } from "../../../../core/approval/explanation.ts";
import { type PackSettings, writePack } from "../../../../core/archive/export/write-pack.ts";
import { type KeptReceipt, readReceipts } from "../../../../core/archive/kept-receipts.ts";
import { blobPath, manifestPath } from "../../../../core/archive/pack/pack-layout.ts";
import { holdsWholeLog, type PackScope, readPackManifest } from "../../../../core/archive/pack/pack-manifest.ts";
import { envelopeNames } from "../../../../core/archive/pack/promotion-file.ts";
import type { PackVerification } from "../../../../core/archive/pack-verification.ts";
import { hex } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { Failure } from "../../../../core/failure.ts";
import { collected, type Files, settingsOf, verified } from "../memory-pack.ts";
import { witnessKey } from "./stream.ts";
import type { World } from "./world.ts";

/** The pack that an export makes of what is in the ledger now. */
export async function packOfWorld({ house, stream }: World, over: Partial<PackSettings> = {}): Promise<Files> {
  const { log } = stream;
  const documents = new Map([...house.blobs].map(([sha256, bytes]) => [blobPath(sha256), bytes]));
  const reader = {
    get: async (path: string) =>
      path === "checkpoint" ? log.alias?.bytes : (log.objects.get(path) ?? documents.get(path)),
    list: async function* (prefix: string) {
      for (const path of log.objects.keys()) if (path.startsWith(prefix)) yield path;
    },
  };
  const settings = settingsOf(
    { house },
    { now: house.clock, attestationKeys: house.keysHeld, checkpointKeys: stream.keysHeld, ...over },
  );
  const files = new Map<string, Uint8Array>();
  for await (const { name, content } of writePack(reader, settings))
    files.set(name, content instanceof Uint8Array ? content : await collected(content));
  return files;
}

export interface Refused {
  readonly scope: PackScope;
  readonly findings: readonly Pick<PackVerification["findings"][number], "code" | "path" | "sentence">[];
}

/** All that people were answered, and the verdicts that pipelines were. */
async function receiptsOf({ house }: World): Promise<readonly KeptReceipt[]> {
  const verdicts: KeptReceipt[] = [];
  for (const { id, history } of house.promotions.all())
    for (const { attachments } of history)
      for (const { name, sha256 } of attachments)
        if (name === envelopeNames.verdict)
          verdicts.push(...readReceipts(`receipt of a verdict on ${id}`, await house.readBlob(sha256)));
  return [...house.receipts, ...verdicts];
}

/** What another verifier says of a pack: why it refuses it. */
export type Other = (files: Files) => Promise<string | undefined>;

/** Where a promotion stands otherwise by its pack than by the table, or a seat is filled by somebody else than the page says. */
async function disagreements(world: World, { promotions }: PackVerification): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { promotion: id, status, signOffs } of promotions) {
    const stored = world.house.promotions.stored(id);
    if (stored.status !== status) found.push(`${id} is ${stored.status}, and by its pack ${status}.`);
    const given = (await world.house.promotions.signOffs(id)).length;
    if (given !== signOffs) found.push(`${id} has ${given} sign-offs, and by its pack ${signOffs}.`);
    // The page asks who is who by people.yaml of now.
    if (world.hasLinked) continue;
    if (!["in-review", "approved", "deploying", "deployed"].includes(stored.status)) continue;
    const { explanation } = await world.house.view(id);
    for (const { index: stage, seats } of stored.settled) {
      const shown = peopleIn(explanation.children[stage]);
      const told = seats.map(({ person }) => person.subject).toSorted();
      if (shown.join() !== told.join())
        found.push(`Stage ${stage} of ${id}: ${told.join()}; the page shows ${shown.join()}.`);
    }
  }
  return found;
}

function peopleIn(explanation: Explanation | undefined): readonly string[] {
  const own = explanation?.seats?.flatMap(({ filledBy }) => filledBy?.identity.subject ?? []) ?? [];
  return [...own, ...(explanation?.children ?? []).flatMap(peopleIn)].toSorted();
}

/** So many times as many parts are looked at where somebody hunts. */
const parts = Number(process.env["HONEST_PARTS"] ?? 1);

/** Packs of the whole log and of parts of it, `few` of each, of which verification finds something. */
export async function refused(
  world: World,
  few: number,
  pick: number,
  { all = false, other }: { readonly all?: boolean; readonly other?: Other } = {},
): Promise<readonly Refused[]> {
  const found: Refused[] = [];
  const now = addSeconds(world.house.clock, 60);
  const { heads } = world.stream;
  const receipts = await receiptsOf(world);
  const last = heads.at(-1);
  if (last === undefined) return [];
  const check = async (scope: PackScope, since?: (typeof heads)[number], withoutPersonalData = false) => {
    const files = await packOfWorld(world, { scope, withoutPersonalData }).catch((error: unknown) => {
      if (error instanceof Failure && error.code === "not-found") return undefined;
      throw error;
    });
    if (files === undefined) return;
    const result = await verified(files, {
      now,
      receipts,
      ...(since === undefined ? {} : { since }),
      ...(world.stream.isWitnessed ? { known: { witnessKeys: [witnessKey] } } : {}),
    });
    const findings = result.findings.filter(({ sentence }) => !isStandstill(sentence));
    if (findings.length > 0) found.push({ scope, findings });
    const lacking = result.unchecked.filter(({ sentence }) => sentence.includes("receipt "));
    if (all && holdsWholeLog(readPackManifest(files.get(manifestPath) ?? new Uint8Array())))
      found.push(
        ...lacking.map(({ sentence }) => ({
          scope,
          findings: [{ code: "order", path: "RECEIPT", sentence }] as const,
        })),
      );
    if (findings.length > 0 || result.findings.length > 0) return;
    const why = await other?.(files);
    const said = (code: "order", path: string, sentence: string) =>
      found.push({ scope, findings: [{ code, path, sentence }] });
    if (why !== undefined && !why.includes("what had to wait for it did not")) said("order", "PYTHON", why);
    if (all && !withoutPersonalData && scope.kind === "everything" && since === undefined)
      for (const sentence of await disagreements(world, result)) said("order", "DISAGREES", sentence);
  };
  await check({ kind: "everything" });
  await check({ kind: "everything" }, undefined, true);
  if (found.length > 0) return found;
  const told = world.ids.filter((id) => world.stream.isTold(id));
  for (let n = 0; n < Math.min(few * parts, told.length); n += 1) {
    const promotion = told[(pick + n) % told.length];
    if (promotion !== undefined) await check({ kind: "promotion", promotion }, undefined, (pick + n) % 2 === 1);
  }
  for (let n = 0; n < Math.min(few * parts, heads.length - 1); n += 1) {
    const head = heads[(pick + n * 7) % (heads.length - 1)];
    if (head === undefined) continue;
    const { size, root } = head.checkpoint;
    await check({ kind: "since", size, root: hex(root) }, head);
    await check({ kind: "everything" }, head, (pick + n) % 2 === 1);
  }
  const models = [...new Set(told.map((id) => world.house.promotions.stored(id).manifest.model.name))];
  const model = models[pick % Math.max(1, models.length)];
  if (model !== undefined) await check({ kind: "model", model }, undefined, pick % 3 === 0);
  const times = told.flatMap((id) => world.house.promotions.stored(id).history.map(({ at }) => at)).toSorted();
  for (let n = 0; n < parts; n += 1) {
    const first = (pick + n * 11) % Math.max(1, times.length);
    const from = times[first];
    // Of one instant alone as well: what began before it and ends after it.
    const to =
      n % 2 === 1 && from !== undefined
        ? addSeconds(from, 0.001)
        : (times[Math.floor(first + times.length / 3)] ?? times.at(-1));
    if (from !== undefined && to !== undefined && from < to)
      await check({ kind: "time", from, to }, undefined, (pick + n) % 5 === 0);
  }
  return found;
}

/** An archive that stood still makes waits longer than the log shows: the price of 0066, for whoever can stop it. */
function isStandstill(sentence: string): boolean {
  return sentence.endsWith("is not so by the log.");
}
