import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { type Instant, isInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { oneLine } from "../terminal-text.ts";
import { trustworthyAddress } from "./address.ts";
import { connectionFailure } from "./connection-failure.ts";
import { passes, retryAfterMs, Unavailable } from "./patience.ts";

/** Why a request came to nothing. `passing`: the same request may succeed in a moment. */
interface Problem {
  readonly kind: "problem";
  readonly passing: boolean;
  /** The problem document's stable code (RFC 9457), or `unreachable` or `unreadable`. */
  readonly code: string;
  readonly sentence: string;
  /** From when on the same may be asked for again, where the service says that nothing but a time stands in the way. */
  readonly until?: Instant | undefined;
  /** How long the service asks to be left alone, where it says so. */
  readonly retryAfterMs?: number | undefined;
}

export type Reply =
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown; readonly date: string | null }
  | Problem;

/** A deployment's API. Nothing is thrown for what the service or the network does; `token-invalid` for what is no token. */
export interface ApiClient {
  /** The deployment's address without a slash at its end. */
  readonly base: string;
  get(path: string, token?: string): Promise<Reply>;
  post(path: string, body: unknown, token: string): Promise<Reply>;
}

const timeoutMs = 30_000;
/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/;
/** The largest answers are promotions with a long lineage; a server that sends more is not Countersign. */
const largestAnswer = 8 * 1024 * 1024;

/** The API at an address; throws `invalid-request` where no token may be sent there. */
export function apiClient(url: string): ApiClient {
  const address = trustworthyAddress(url, "the service");
  const base = `${address.origin}${address.pathname.replace(/\/+$/, "")}`;
  if (base.endsWith("/v1")) {
    throw new Failure("invalid-request", `The address of the service has no /v1 at its end: ${base.slice(0, -3)}`);
  }
  return {
    base,
    get: async (path, token) => await send(base, path, { headers: headersOf(token) }),
    post: async (path, body, token) =>
      await send(base, path, {
        method: "POST",
        headers: { ...headersOf(token), "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

/** The answer's body, or a `Failure` with the problem's sentence. */
export function bodyOf(reply: Reply): unknown {
  if (reply.kind === "answer") return reply.body;
  if (reply.passing) throw new Unavailable(reply.sentence, reply.retryAfterMs);
  throw new Failure("invalid-request", reply.sentence, reply.until === undefined ? {} : { until: reply.until });
}

/** Throws `token-invalid` for what is no bearer token, without quoting it: who sends it would say why they cannot, with all of it. */
function headersOf(token: string | undefined): Record<string, string> {
  const accept = "application/json, application/problem+json";
  if (token === undefined) return { accept };
  if (!bearerToken.test(token)) {
    throw new Failure(
      "token-invalid",
      "The token has a line break or another character in it that no token has: was it wrapped, or is there more in it? Nothing was sent.",
    );
  }
  return { accept, authorization: `Bearer ${token}` };
}

async function send(base: string, path: string, request: RequestInit): Promise<Reply> {
  let response: Response;
  let bytes: Uint8Array | "too-large";
  try {
    // A redirect could carry the token to somebody else.
    response = await fetch(`${base}${path}`, {
      ...request,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    bytes = await limited(response);
  } catch (error) {
    return problem("unreachable", `${base} cannot be reached: ${connectionFailure(error, timeoutMs)}.`, true);
  }
  const { status } = response;
  const passing = passes(status);
  if (bytes === "too-large") {
    return problem(
      "unreadable",
      `${base} answered with more than ${largestAnswer} bytes; is the address right?`,
      false,
    );
  }
  const type = oneLine(response.headers.get("content-type")?.split(";")[0] ?? "no content type", 80).toLowerCase();
  const body = type === "application/json" || type === "application/problem+json" ? jsonOf(bytes) : undefined;
  if (body === undefined) {
    return problem(
      "unreadable",
      `${base} answered ${status} with ${type}, not with JSON; is the address right?`,
      passing,
    );
  }
  if (status >= 200 && status < 300) return { kind: "answer", status, body, date: response.headers.get("date") };
  const asked = retryAfterMs(response.headers.get("retry-after"), Date.now());
  return { ...refusal(base, status, body, passing), retryAfterMs: asked };
}

function refusal(base: string, status: number, body: unknown, passing: boolean): Problem {
  const { code, detail, title, until } = (body ?? {}) as { readonly [member: string]: unknown };
  const name = typeof code === "string" ? oneLine(code, 60) : `status-${status}`;
  const said = [detail, title].find((text) => typeof text === "string" && text !== "");
  const sentence = typeof said === "string" ? oneLine(said, 1000) : `${base} answered ${status} and does not say why.`;
  return { ...problem(name, `${sentence} (${name})`, passing), ...(isInstant(until) ? { until } : {}) };
}

function problem(code: string, sentence: string, passing: boolean): Problem {
  return { kind: "problem", passing, code, sentence };
}

async function limited(response: Response): Promise<Uint8Array | "too-large"> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > largestAnswer) return "too-large";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `undefined` for what is not JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}
