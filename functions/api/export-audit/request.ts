import * as v from "valibot";
import type { ExportRequest } from "../../../core/archive/export/export-job.ts";
import type { PackScope } from "../../../core/archive/pack/pack-manifest.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { type Instant, isInstant } from "../../../core/encoding/instant.ts";
import { requestSentence } from "../../../core/encoding/request-sentence.ts";
import { isSha256 } from "../../../core/encoding/sha256.ts";
import { slugPattern } from "../../../core/encoding/slug.ts";
import { Failure } from "../../../core/failure.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";

/** What was asked, in the API's form: openapi.yaml's `ExportRequest`. */
export interface SentRequest {
  readonly promotion?: PromotionId;
  readonly model?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  /** The head of the ledger that was exported before. */
  readonly since?: { readonly size: number; readonly root: string };
  readonly withoutPersonalData: boolean;
}

const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
const schema = v.pipe(
  // An array would be taken for an object without members: everything.
  v.custom<object>((body) => typeof body === "object" && body !== null && !Array.isArray(body), "must be an object"),
  v.strictObject({
    promotion: v.optional(v.custom<PromotionId>(isPromotionId, "must be the id of a promotion")),
    model: v.optional(v.pipe(v.string(), v.regex(slugPattern, "must be the name of a model"))),
    from: v.optional(instant),
    to: v.optional(instant),
    since: v.optional(
      v.strictObject({
        size: v.pipe(v.number(), v.safeInteger("must be a whole number"), v.minValue(1, "must be at least 1")),
        root: v.custom<string>(isSha256, "must be a SHA-256 digest in hexadecimal"),
      }),
    ),
    withoutPersonalData: v.optional(v.boolean(), false),
  }),
  v.check(({ from, to }) => (from === undefined) === (to === undefined), "'from' and 'to' go together"),
  v.check(({ from, to }) => from === undefined || to === undefined || from < to, "'from' must be before 'to'"),
  v.check(
    ({ promotion, model, from, since }) =>
      [promotion, model, from, since].filter((part) => part !== undefined).length < 2,
    "name a promotion, a model, a time or an earlier head, or none of them for everything",
  ),
  v.check(
    ({ since, withoutPersonalData }) => since === undefined || !withoutPersonalData,
    "what came since an earlier head comes with every record: nothing can be left out",
  ),
);

/** Reads what is asked for. Throws `invalid-request`. */
export function readExportRequest(body: Json): ExportRequest {
  const result = v.safeParse(schema, body);
  if (!result.success) {
    const [issue] = result.issues;
    // What does not go together is of no single field.
    const sentence =
      v.getDotPath(issue) === null && issue.type === "check"
        ? `The export cannot be read: ${issue.message}.`
        : requestSentence(result.issues, "The export");
    throw new Failure("invalid-request", sentence);
  }
  const { promotion, model, from, to, since, withoutPersonalData } = result.output;
  if (promotion !== undefined) return { scope: { kind: "promotion", promotion }, withoutPersonalData };
  if (model !== undefined) return { scope: { kind: "model", model }, withoutPersonalData };
  if (from !== undefined && to !== undefined) return { scope: { kind: "time", from, to }, withoutPersonalData };
  if (since !== undefined) return { scope: { kind: "since", ...since }, withoutPersonalData };
  return { scope: { kind: "everything" }, withoutPersonalData };
}

/** The request as it was sent. */
export function sentRequest({ scope, withoutPersonalData }: ExportRequest): SentRequest {
  return { ...partOf(scope), withoutPersonalData };
}

function partOf(scope: PackScope): Omit<SentRequest, "withoutPersonalData"> {
  switch (scope.kind) {
    case "everything":
      return {};
    case "promotion":
      return { promotion: scope.promotion };
    case "model":
      return { model: scope.model };
    case "since":
      return { since: { size: scope.size, root: scope.root } };
    case "time":
      return { from: scope.from, to: scope.to };
    default:
      return scope satisfies never;
  }
}
