import type { ExportRequest, WrittenPack } from "../../../core/archive/export/export-job.ts";
import { type LedgerReader, type PackSettings, writePack } from "../../../core/archive/export/write-pack.ts";
import { logPath } from "../../../core/archive/pack/pack-layout.ts";
import type { StartSha256 } from "../../../core/archive/pack/sums.ts";
import type { OpenSpool } from "../../../core/archive/zip/spool.ts";
import { type PackFile, writeZip } from "../../../core/archive/zip/write-zip.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type Checkpoint, parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { checkpointPath } from "../../../core/ledger/tiles.ts";

export interface PackPorts {
  readonly settings: Pick<PackSettings, "logOrigin">;
  readonly ledger: LedgerReader;
  /** The one in use first. */
  readonly attestationKeys: () => Promise<readonly VerifyingKey[]>;
  readonly checkpointKeys: () => Promise<readonly Uint8Array[]>;
  readonly startSha256: StartSha256;
  readonly openSpool: OpenSpool;
  readonly put: (file: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
}

/** Writes a pack to its place as it comes, and tells what it came to. */
export async function writtenPack(
  file: string,
  { scope, withoutPersonalData }: ExportRequest,
  now: Instant,
  ports: PackPorts,
): Promise<WrittenPack> {
  const [attestationKeys, checkpointKeys] = await Promise.all([ports.attestationKeys(), ports.checkpointKeys()]);
  const hash = ports.startSha256();
  let bytes = 0;
  let head: Checkpoint | undefined;
  const files = writePack(ports.ledger, {
    ...ports.settings,
    now,
    scope,
    attestationKeys,
    checkpointKeys,
    startSha256: ports.startSha256,
    openSpool: ports.openSpool,
    withoutPersonalData,
  });
  const seen = async function* (): AsyncGenerator<PackFile> {
    for await (const each of files) {
      if (each.name === logPath(checkpointPath) && each.content instanceof Uint8Array) {
        head = parseCheckpoint(each.content).checkpoint;
      }
      yield each;
    }
  };
  const measured = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of writeZip(seen(), ports.openSpool())) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  await ports.put(file, measured());
  if (head === undefined) throw new Failure("internal", "The pack was written without its checkpoint.");
  const { origin, size, root } = head;
  return { file, bytes, sha256: hash.digest(), ledger: { origin, entries: size, rootHash: base64(root) } };
}
