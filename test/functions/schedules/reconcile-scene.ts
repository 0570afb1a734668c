import { addSeconds } from "../../../core/encoding/instant.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { readEntries, readLeaves } from "../../../core/ledger/read-log.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { type ReconcilePorts, reconcile } from "../../../functions/schedules/reconcile/handler.ts";
import type { Pass } from "../../../functions/schedules/reconcile/pass.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { MemoryLedger } from "../../core/ledger/memory-ledger.ts";
import { cora, linkOpenedFact, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

const { promotion: _promotion, ...installed } = linkOpenedFact({
  id: "export/1",
  type: "export",
  summary: "Exported.",
});
export const opened = advance(promotionInReview(), {}, linkOpenedFact({ type: "stage-opened", summary: "Opened." }));
export const promotion = {
  kind: "promotion",
  promotion: advance(opened, {}, linkOpenedFact({ type: "expired", summary: "Over." })),
} as const;
export const recorded = await givenSignOff(promotionInReview(), cora);
export const signOff: Stored = { kind: "sign-off", recorded };
export const linkOpened = { kind: "fact", fact: linkOpenedFact() } as const;
export const exported = { kind: "fact", fact: installed } as const;
export const all = [promotion, signOff, linkOpened, { kind: "lane" }, exported] as const;
export const holiday = await delegationDeed("delegate", delegationDocument(cora, sam, "compliance"), cora);
export const enrolled = await passkeyDeed("enrol", authenticator("ES256", "cora"), cora);
export const tomorrow = addSeconds(now, 86_400);

/** A table in pages of two items, a ledger that holds the facts of `archived`, and everything else that it needs. */
export async function scene(table: readonly Stored[] = all, archived: readonly Stored[] = table) {
  const ledger = new MemoryLedger();
  const blobs = new MemoryBlobs();
  const lines: string[] = [];
  const announced: string[] = [];
  const explained = new Set<string>();
  let pass: Pass | undefined;
  const append = (facts: readonly { readonly id: string; readonly bytes: Uint8Array }[]) =>
    sequence(facts, ledger.ports());
  await append(
    archived.flatMap((stored) => factsIn(stored)).map((each) => ({ id: each.id, bytes: ledgerEntry(each) })),
  );
  const read = ledger.source().read;
  const ports: ReconcilePorts = {
    now: () => tomorrow,
    log: (_, message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    passes: {
      load: async () => pass,
      save: async (next) => {
        pass = structuredClone(next);
      },
      explanations: async () => explained,
    },
    table: {
      page: async (from = "0") => {
        const next = Number(from) + 2;
        const items = table.slice(Number(from), next);
        return next < table.length ? { items, next: String(next) } : { items };
      },
      itemsBehind: async (records) =>
        table.filter((stored) => factsIn(stored).some((each) => records.some((record) => record.id === each.id))),
    },
    ledger: {
      size: async () => (ledger.alias === undefined ? 0 : parseCheckpoint(ledger.alias.bytes).checkpoint.size),
      markers: ledger.ports().store.markers,
      leaves: (indices, size) => readLeaves(indices, size, read),
      entries: (first, size) => readEntries(first, size, read),
    },
    inLedger: ledger.ports().store.markers,
    historyOf: async () => promotion.promotion.history,
    installationTold: async () => [],
    installation: async () => [],
    keyFacts: async () => [],
    foundations: async () => ({ found: [], unreadable: new Map() }),
    blobs: { put: blobs.put },
    sequence: append,
    announce: async (announcements) => void announced.push(...announcements.map(({ factId }) => factId)),
  };
  /** One run that has time for so many pages and bundles. */
  const run = (steps = 100, over: Partial<ReconcilePorts> = {}) => {
    let left = steps;
    return reconcile({ ...ports, ...over })({}, { getRemainingTimeInMillis: () => (left-- > 0 ? 900_000 : 60_000) });
  };
  return { ledger, blobs, lines, announced, append, ports, run, explained, pass: () => pass };
}

export const entryOf = (each: Fact) => ({ id: each.id, bytes: ledgerEntry(each) });

export const differences = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith("not reconciled"))
    .map((line) => JSON.parse(line.slice("not reconciled ".length)));
