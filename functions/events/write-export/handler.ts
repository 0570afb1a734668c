import {
  attemptOf,
  type ExportId,
  type ExportJob,
  type ExportRequest,
  exportOfFact,
  failedExport,
  finishedExport,
  mostAttempts,
  startedExport,
} from "../../../core/archive/export/export-job.ts";
import { keysTold } from "../../../core/archive/export/keys-told.ts";
import { witnessed } from "../../../core/archive/export/witnessed.ts";
import type { LedgerReader } from "../../../core/archive/export/write-pack.ts";
import { documentDigest } from "../../../core/archive/pack/pack-layout.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { NoteKey } from "../../../core/ledger/note-key.ts";
import type { Log } from "../../log.ts";
import { type PackPorts, writtenPack } from "./written-pack.ts";

export interface WriteExportPorts extends PackPorts {
  readonly now: () => Instant;
  readonly log: Log;
  readonly jobs: {
    load(id: ExportId): Promise<ExportJob | undefined>;
    move(next: ExportJob): Promise<"moved" | "lost">;
  };
  /** Who cosigns the ledger's checkpoints. */
  readonly witnesses: readonly Pick<NoteKey, "name" | "keyId">[];
  readonly pause: (seconds: number) => Promise<void>;
}

/** The bus's event about the fact that an export was asked for. */
export interface RequestedExport {
  readonly detail: { readonly factId?: unknown };
}

/** Keys are recorded within five minutes of the first deployment, and are in the ledger seconds later. */
const looks = 45;
const secondsBetweenLooks = 10;

/** Witnesses are asked once a minute: twice, and a while for their answer. */
const witnessLooks = 30;
const secondsBetweenWitnessLooks = 5;

const gaveUp = "It could not be written, although it was tried several times; whoever runs Countersign has been told.";

/**
 * Writes a pack that was asked for. Being told twice, or again after it was cut off, makes one export: each attempt
 * writes a file of its own, and only the attempt that the item still names can record that it is done.
 */
export function writeExport(ports: WriteExportPorts) {
  return async ({ detail }: RequestedExport): Promise<void> => {
    const id = exportOfFact(detail.factId);
    const job = id === undefined ? undefined : await begun(id);
    if (job === undefined) return;
    const attempt = attemptOf(job);
    try {
      await untilKeysAreTold();
      await untilWitnessed(job.id);
      const watched = { ...ports, ledger: namingLost(job.id) };
      const pack = await writtenPack(`audit-${job.id}-${attempt}.zip`, job.request, ports.now(), watched);
      await end(finishedExport(job, pack, ports.now()));
    } catch (error) {
      if (error instanceof Failure && isAnswer(error, job.request)) {
        await end(failedExport(job, error.message, ports.now()));
        return;
      }
      if (attempt >= mostAttempts) await end(failedExport(job, gaveUp, ports.now()));
      throw error;
    }
  };

  /** Nothing of what was asked for, or a checkpoint that is not of this log: no fault, and no other attempt ends otherwise. */
  function isAnswer({ code }: Failure, { scope }: ExportRequest): boolean {
    return code === "not-found" || (code === "conflict" && scope.kind === "since");
  }

  /** A pack of a log that does not tell its keys yet would be refused by whoever verifies it: in its first minutes that is waited for. */
  async function untilKeysAreTold(): Promise<void> {
    for (let look = 1; !(await keysTold(ports.ledger)); look += 1) {
      if (look === looks)
        throw new Failure(
          "not-found",
          "The ledger does not tell its keys yet, which it does within minutes of the first deployment.",
        );
      await ports.pause(secondsBetweenLooks);
    }
  }

  /**
   * That it was asked for is an entry itself, which no witness has seen yet. A witness that does not answer withholds nothing but its
   * cosignature: the pack is written without it then.
   */
  async function untilWitnessed(exportId: ExportId): Promise<void> {
    for (let look = 1; !(await witnessed(ports.ledger, ports.witnesses)); look += 1) {
      if (look === witnessLooks) {
        ports.log("info", "export without a witness", { exportId });
        return;
      }
      await ports.pause(secondsBetweenWitnessLooks);
    }
  }

  /**
   * The ledger as it is, whose operator hears of each document that is not there any more or has other bytes. The pack is written all
   * the same: whoever verifies it is told what it lacks, and it proves everything else.
   */
  function namingLost(exportId: ExportId): LedgerReader {
    const named = new Set<string>();
    return {
      list: (prefix) => ports.ledger.list(prefix),
      get: async (path) => {
        const bytes = await ports.ledger.get(path);
        const sha256 = documentDigest(path);
        if (sha256 === undefined || named.has(sha256) || (bytes !== undefined && sha256Hex(bytes) === sha256))
          return bytes;
        named.add(sha256);
        ports.log("error", "document lost", { exportId, sha256, is: bytes === undefined ? "gone" : "altered" });
        return bytes;
      },
    };
  }

  async function begun(id: ExportId): Promise<ExportJob | undefined> {
    for (;;) {
      const job = await ports.jobs.load(id);
      const next = job === undefined ? undefined : startedExport(job, ports.now());
      if (next === undefined || (await ports.jobs.move(next)) === "moved") return next;
    }
  }

  async function end(next: ExportJob): Promise<void> {
    const outcome = await ports.jobs.move(next);
    const message = outcome === "moved" ? "export ended" : "export taken over by another attempt";
    ports.log("info", message, { exportId: next.id, state: next.state.kind });
  }
}
