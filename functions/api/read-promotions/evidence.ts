import { base64 } from "../../../core/encoding/base64.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { ApiRequest } from "../http.ts";
import type { DocumentPorts } from "./pinned-requirements.ts";
import type { EvidencePart } from "./view.ts";

/** In base64 this stays below the 6 MB that a function may answer. */
const partBytes = 3 * 1024 * 1024;

/**
 * GET /v1/promotions/{id}/evidence/{sha256}: what is kept under a digest that the freeze manifest names, the report of the
 * run in shadow, and nothing else that is kept. There is nothing until the candidate was frozen.
 */
export async function evidencePart(
  { parameters, query }: ApiRequest,
  promotion: Promotion,
  { blobs }: Pick<DocumentPorts, "blobs">,
): Promise<EvidencePart> {
  const { manifest, shadow } = promotion;
  const evidence = [...manifest.evidence, ...(shadow?.evidence === undefined ? [] : [shadow.evidence])];
  const document = evidence.find(({ sha256 }) => sha256 === parameters["sha256"]);
  const offset = Number(query["offset"] ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new Failure("invalid-request", "offset is a whole number of bytes.");
  if (document === undefined || promotion.gates === undefined)
    throw new Failure("not-found", "The candidate has no such evidence, or was not frozen.");
  const { name, kind, format, mediaType, sha256 } = document;
  const bytes = await blobs.get(sha256);
  const end = offset + partBytes;
  return {
    name,
    kind,
    format,
    mediaType,
    sha256,
    size: bytes.length,
    offset,
    content: base64(bytes.subarray(offset, end)),
    ...(end < bytes.length ? { next: end } : {}),
  };
}
