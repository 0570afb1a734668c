import { type ExportBook, takesPlace } from "../../../core/archive/export/export-book.ts";
import {
  type ExportId,
  type ExportJob,
  type ExportRequest,
  exportStanding,
  isExportId,
  requestedExport,
} from "../../../core/archive/export/export-job.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { maySee, type Reader, type ReaderPorts, readerOf } from "../readers.ts";
import { readExportRequest, type SentRequest, sentRequest } from "./request.ts";

const largestBody = 4096;
/** The address of a pack opens it for so long; asking again gives another. */
const addressSeconds = 900;
/** Each is read out of the whole log by a function of its own, and those of one person must not take the place of all others. */
const mostUnderWay = 5;
/** A writer that fails at its start is tried for three minutes, and what it was asked for is given up then. */
const begunSeconds = 600;
/** When to look again, as a hint: small packs are there within seconds. */
const retryAfterSeconds = "2";

export interface ExportAuditPorts extends ReaderPorts {
  readonly promotions: { load(id: PromotionId): Promise<Promotion | undefined> };
  readonly jobs: {
    load(id: ExportId): Promise<ExportJob | undefined>;
    create(job: ExportJob): Promise<void>;
    recentOf(by: Identity): Promise<ExportBook | undefined>;
    noteRecent(by: Identity, next: ExportBook): Promise<"moved" | "lost">;
  };
  /** An id that nobody can guess. */
  readonly newId: () => ExportId;
  /** An address that opens a pack for `seconds`. */
  readonly address: (file: string, seconds: number) => Promise<string>;
}

/**
 * POST /v1/audit/exports asks for a pack; GET /v1/audit/exports/{id} tells how far it is and where it can be fetched.
 * Asking is one item with its fact. The stream carries the fact into the ledger, and the bus from there to the writer:
 * nobody can take the archive along without having been recorded first.
 */
export function exportAudit(ports: ExportAuditPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const reader = await readerOf(http, ports, http.method === "POST" ? "acts" : "reads");
    return http.method === "POST" ? await request(reader, http) : await status(reader, http.parameters["id"]);
  };

  async function request(reader: Reader, http: ApiRequest): Promise<Answer> {
    const asked = readExportRequest(jsonBody(http, largestBody));
    await requireAllowed(reader, asked);
    const by = identityOf(reader);
    for (;;) {
      const book = await ports.jobs.recentOf(by);
      const underWay = await underWayOf(book);
      const same = underWay.find(
        ({ job }) => job !== undefined && isToBegin(job) && sameRequest(job.request, asked),
      )?.job;
      if (same !== undefined) return accepted(same);
      if (underWay.length >= mostUnderWay)
        throw new Failure(
          "unavailable",
          `${mostUnderWay} exports of yours are under way: ask again when one of them is done.`,
        );
      const job = requestedExport({
        id: ports.newId(),
        request: asked,
        by,
        byName: reader.kind === "person" ? reader.person.name : "The pipeline",
        requestedAt: ports.now(),
      });
      const next = [...underWay.map((each) => each.entry), { id: job.id, at: job.requestedAt }];
      // Many that come at once are no more than one after the other: whoever was quicker is counted.
      if ((await ports.jobs.noteRecent(by, { revision: (book?.revision ?? 0) + 1, asked: next })) === "lost") continue;
      await ports.jobs.create(job);
      return accepted(job);
    }
  }

  async function accepted(job: ExportJob): Promise<Answer> {
    const json = await viewOf(job);
    return { status: 202, headers: { location: json.self, "retry-after": retryAfterSeconds }, json };
  }

  /** Nobody has begun it, so that it will be of the same; nor is it so long ago that nobody may begin it any more. */
  function isToBegin({ state, requestedAt }: ExportJob): boolean {
    return state.kind === "queued" && ports.now() < addSeconds(requestedAt, begunSeconds);
  }

  async function underWayOf(book: ExportBook | undefined) {
    const now = ports.now();
    const entered = await Promise.all(
      (book?.asked ?? []).map(async (entry) => ({ entry, job: await ports.jobs.load(entry.id) })),
    );
    return entered.filter(({ entry, job }) => takesPlace(entry, job, now));
  }

  async function status(reader: Reader, id: string | undefined): Promise<Answer> {
    const job = isExportId(id) ? await ports.jobs.load(id) : undefined;
    const { issuer, subject } = identityOf(reader);
    // Whoever did not ask is not told that there is one.
    if (job === undefined || job.by.issuer !== issuer || job.by.subject !== subject) {
      throw new Failure("not-found", "There is no such export, or another one asked for it.");
    }
    const json = await viewOf(job);
    const waits = json.status === "queued" || json.status === "running";
    return { status: 200, ...(waits ? { headers: { "retry-after": retryAfterSeconds } } : {}), json };
  }

  async function requireAllowed(reader: Reader, { scope, withoutPersonalData }: ExportRequest): Promise<void> {
    const promotion = scope.kind === "promotion" ? await ports.promotions.load(scope.promotion) : undefined;
    if (scope.kind === "promotion" && (promotion === undefined || !maySee(reader, promotion))) {
      throw new Failure("not-found", "There is no such promotion.");
    }
    if (reader.kind === "machine" && scope.kind !== "promotion") {
      throw new Failure(
        "forbidden",
        "A pipeline may export its own promotions only: name one as 'promotion' (countersign export --promotion).",
      );
    }
    // People's ID tokens are in it, and may be good for reading for a while yet.
    if (reader.kind === "machine" && !withoutPersonalData) {
      throw new Failure(
        "forbidden",
        "A pipeline is given packs without personal data only: say 'withoutPersonalData' (countersign export --without-personal-data).",
      );
    }
  }

  async function viewOf(job: ExportJob): Promise<ExportView> {
    const now = ports.now();
    const { request: asked, requestedAt } = job;
    const common = {
      id: job.id,
      self: `/v1/audit/exports/${job.id}`,
      request: sentRequest(asked),
      requestedAt,
    };
    const standing = exportStanding(job, now);
    if (standing.status !== "done") return { ...common, ...standing };
    const { pack, ...done } = standing;
    if (pack === undefined) return { ...common, ...done };
    const { file, ...measured } = pack;
    return {
      ...common,
      ...done,
      pack: {
        ...measured,
        address: await ports.address(file, addressSeconds),
        expiresAt: addSeconds(now, addressSeconds),
      },
    };
  }
}

/** An export as it is told: openapi.yaml's `Export`. */
interface ExportView {
  readonly id: ExportId;
  readonly self: string;
  readonly request: SentRequest;
  readonly status: "queued" | "running" | "done" | "failed";
  readonly [member: string]: unknown;
}

function sameRequest(a: ExportRequest, b: ExportRequest): boolean {
  return canonicalJson(sentRequest(a)) === canonicalJson(sentRequest(b));
}

function identityOf(reader: Reader): Identity {
  return reader.kind === "person" ? reader.person.identity : reader.identity;
}
