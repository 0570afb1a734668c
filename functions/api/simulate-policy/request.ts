import * as v from "valibot";
import { fromBase64 } from "../../../core/encoding/base64.ts";
import { type Instant, isInstant } from "../../../core/encoding/instant.ts";
import { membersOf } from "../../../core/encoding/members-of.ts";
import { requestSentence } from "../../../core/encoding/request-sentence.ts";
import { Failure } from "../../../core/failure.ts";
import type { AssumedDecision } from "../../../core/policy/assumed-decisions.ts";
import { parseRequestSketch, type RequestSketch } from "../../../core/promotion/request-sketch.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(320));
const schema = v.strictObject({
  request: v.unknown(),
  decisions: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          person: text,
          roles: v.exactOptional(v.pipe(v.array(text), v.maxLength(50))),
          result: v.optional(v.picklist(["approve", "reject"]), "approve"),
        }),
      ),
      v.maxLength(200),
    ),
    [],
  ),
  release: v.optional(v.picklist(["first", "update"]), "update"),
  startedBy: v.exactOptional(text),
  at: v.exactOptional(v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z")),
  /** By file name, in base64. */
  evidence: v.optional(membersOf(v.string()), {}),
});

/** What `POST /v1/policy/simulations` asks. */
export interface SimulationRequest {
  readonly sketch: RequestSketch;
  readonly decisions: readonly AssumedDecision[];
  readonly release: "first" | "update";
  readonly startedBy?: string;
  readonly at?: Instant;
  readonly evidence: ReadonlyMap<string, Uint8Array>;
}

/** Reads the body; throws `invalid-request`, saying where it is wrong. */
export function readSimulationRequest(body: unknown): SimulationRequest {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues, "The simulation"));
  const { request, decisions, release, startedBy, at, evidence } = result.output;
  return {
    sketch: parseRequestSketch(request),
    decisions,
    release,
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(at === undefined ? {} : { at }),
    evidence: new Map(Object.entries(evidence).map(([name, content]) => [name, bytesOf(name, content)])),
  };
}

function bytesOf(name: string, content: string): Uint8Array {
  try {
    return fromBase64(content);
  } catch (cause) {
    throw new Failure("invalid-request", `The evidence '${name.slice(0, 120)}' is not in base64.`, { cause });
  }
}
