import * as v from "valibot";
import { logPath } from "../../../core/archive/pack-layout.ts";
import type { PackScope } from "../../../core/archive/pack-manifest.ts";
import type { StartSha256 } from "../../../core/archive/sums.ts";
import { type LedgerReader, type PackSettings, writePack } from "../../../core/archive/write-pack.ts";
import { type PackFile, writeZip } from "../../../core/archive/write-zip.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant, isInstant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type Checkpoint, parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { checkpointPath } from "../../../core/ledger/tiles.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { maySee, type Reader, type ReaderPorts, readerOf } from "../readers.ts";

const largestBody = 4096;
/** The address of an export opens it for so long; the file itself stays until the exchange bucket expires it. */
const addressSeconds = 900;

export interface ExportAuditPorts extends ReaderPorts {
  readonly settings: Pick<PackSettings, "attestationBase" | "issuer" | "audiences" | "logOrigin">;
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
  readonly ledger: LedgerReader;
  readonly attestationKey: () => Promise<VerifyingKey>;
  readonly checkpointKey: () => Promise<Uint8Array>;
  readonly startSha256: StartSha256;
  /** A name that nobody can guess. */
  readonly newId: () => string;
  readonly exports: {
    put(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
    address(name: string, seconds: number): Promise<string>;
  };
}

/**
 * POST /v1/audit/exports: packs what the ledger holds at this moment, or a part of it, and answers where it can be
 * fetched. That somebody took it is a fact in the ledger like any other, recorded before the address is given out.
 */
export function exportAudit(ports: ExportAuditPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const reader = await readerOf(http, ports);
    const asked = readRequest(jsonBody(http, largestBody));
    await requireAllowed(reader, asked.scope);
    const id = ports.newId();
    const name = `audit-${id}.zip`;
    const packed = await pack(name, asked);
    const at = ports.now();
    await ports.promotions.recordFact(exportFact(id, at, reader, asked, packed));
    const { checkpoint, sha256, bytes } = packed;
    return {
      status: 201,
      json: {
        id,
        expiresAt: addSeconds(at, addressSeconds),
        address: await ports.exports.address(name, addressSeconds),
        bytes,
        sha256,
        ledger: { origin: checkpoint.origin, entries: checkpoint.size, rootHash: base64(checkpoint.root) },
      },
    };
  };

  async function requireAllowed(reader: Reader, scope: PackScope): Promise<void> {
    const promotion = scope.kind === "promotion" ? await ports.promotions.load(scope.promotion) : undefined;
    if (scope.kind === "promotion" && (promotion === undefined || !maySee(reader, promotion))) {
      throw new Failure("not-found", "There is no such promotion.");
    }
    if (reader.kind === "machine" && scope.kind !== "promotion") {
      throw new Failure("forbidden", "A pipeline may export its own promotions only: name one as 'promotion'.");
    }
  }

  async function pack(name: string, asked: Asked): Promise<Packed> {
    const [attestation, checkpointKey] = await Promise.all([ports.attestationKey(), ports.checkpointKey()]);
    const hash = ports.startSha256();
    let bytes = 0;
    let checkpoint: Checkpoint | undefined;
    const files = writePack(ports.ledger, {
      ...ports.settings,
      now: ports.now(),
      scope: asked.scope,
      attestationKeys: [attestation],
      checkpointKeys: [checkpointKey],
      startSha256: ports.startSha256,
      withoutIdTokens: asked.withoutIdTokens,
    });
    const seen = async function* (): AsyncGenerator<PackFile> {
      for await (const file of files) {
        if (file.name === logPath(checkpointPath) && file.content instanceof Uint8Array) {
          ({ checkpoint } = parseCheckpoint(file.content));
        }
        yield file;
      }
    };
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of writeZip(seen())) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    await ports.exports.put(name, measured());
    if (checkpoint === undefined) throw new Failure("internal", "The pack was written without its checkpoint.");
    return { checkpoint, sha256: hash.digest(), bytes };
  }
}

interface Asked {
  readonly scope: PackScope;
  readonly withoutIdTokens: boolean;
}

interface Packed {
  readonly checkpoint: Checkpoint;
  readonly sha256: string;
  readonly bytes: number;
}

const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
const schema = v.pipe(
  // An array would be taken for an object without members: everything.
  v.custom<object>((body) => typeof body === "object" && body !== null && !Array.isArray(body), "must be an object"),
  v.strictObject({
    promotion: v.optional(v.custom<PromotionId>(isPromotionId, "must be the id of a promotion")),
    model: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be the name of a model"))),
    from: v.optional(instant),
    to: v.optional(instant),
    withoutIdTokens: v.optional(v.boolean(), false),
  }),
  v.check(({ from, to }) => (from === undefined) === (to === undefined), "'from' and 'to' go together"),
  v.check(({ from, to }) => from === undefined || to === undefined || from < to, "'from' must be before 'to'"),
  v.check(
    ({ promotion, model, from }) => [promotion, model, from].filter((part) => part !== undefined).length < 2,
    "name a promotion, a model or a time, or none of them for everything",
  ),
);

function readRequest(body: Json): Asked {
  const result = v.safeParse(schema, body);
  if (!result.success) {
    const [issue] = result.issues;
    const place = v.getDotPath(issue);
    throw new Failure(
      "invalid-request",
      `The export cannot be read: ${place === null ? "" : `${place} `}${issue.message}.`,
    );
  }
  const { promotion, model, from, to, withoutIdTokens } = result.output;
  if (promotion !== undefined) return { scope: { kind: "promotion", promotion }, withoutIdTokens };
  if (model !== undefined) return { scope: { kind: "model", model }, withoutIdTokens };
  if (from !== undefined && to !== undefined) return { scope: { kind: "time", from, to }, withoutIdTokens };
  return { scope: { kind: "everything" }, withoutIdTokens };
}

function exportFact(id: string, at: Instant, reader: Reader, asked: Asked, packed: Packed): Fact {
  const { scope, withoutIdTokens } = asked;
  const promotion = scope.kind === "promotion" ? scope.promotion : undefined;
  const who = reader.kind === "person" ? reader.person.name : "The pipeline";
  return {
    id: `${promotion ?? "installation"}/export/${id}`,
    type: "export",
    at,
    ...(promotion === undefined ? {} : { promotion }),
    summary: `${who} exported the audit archive: ${scopeText(scope)}.`,
    body: {
      scope: { ...scope },
      withoutIdTokens,
      by: reader.kind === "person" ? { ...reader.person.identity } : { ...reader.identity },
      ledgerSize: packed.checkpoint.size,
      pack: { sha256: packed.sha256, bytes: packed.bytes },
    },
    attachments: [],
  };
}

function scopeText(scope: PackScope): string {
  switch (scope.kind) {
    case "everything":
      return "everything";
    case "promotion":
      return "this promotion";
    case "model":
      return `the model ${scope.model}`;
    case "time":
      return `${scope.from} to ${scope.to}`;
    default:
      return scope satisfies never;
  }
}
