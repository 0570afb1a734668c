import { messages } from "../messages/catalogue.ts";

/** Why a request came to nothing: the service's problem document (RFC 9457), or that it could not be reached. */
export interface Problem {
  readonly code: string;
  /** Sentences for a person. */
  readonly sentence: string;
}

const unjudged: ReadonlySet<string> = new Set(["unreachable", "unavailable", "internal"]);

/** Whether nobody said what became of a request: it may have been done all the same, and what it answered was lost. */
export function isUnjudged({ code }: Problem): boolean {
  return unjudged.has(code);
}

export type Reply<Value> =
  | { readonly kind: "ok"; readonly value: Value; readonly headers: Headers }
  | { readonly kind: "problem"; readonly problem: Problem };

/** The API of the page's own origin. The answers' shapes are the service's promise. */
export interface ApiClient {
  get<Value>(path: string): Promise<Reply<Value>>;
  post<Value>(path: string, body: unknown): Promise<Reply<Value>>;
  /** What is answered as text and no JSON. */
  text(path: string): Promise<Reply<string>>;
}

const timeoutMs = 20_000;

/** Sends requests, as whoever `idToken` names. A request that fails is answered as a problem; nothing is thrown. */
export function apiClient(idToken?: string): ApiClient {
  const headers = {
    accept: "application/json, application/problem+json",
    ...(idToken === undefined ? {} : { authorization: `Bearer ${idToken}` }),
  };
  return {
    get: (path) => send(path, { headers }, jsonOf),
    text: (path) => send(path, { headers: { ...headers, accept: "text/plain, application/problem+json" } }, textOf),
    post: (path, body) =>
      send(
        path,
        { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) },
        jsonOf,
      ),
  };
}

const jsonOf = (response: Response): Promise<unknown> => response.json();
/** What is refused is a problem document here as well. */
const textOf = (response: Response): Promise<unknown> => (response.ok ? response.text() : response.json());

async function send<Value>(
  path: string,
  request: RequestInit,
  bodyOf: (response: Response) => Promise<unknown>,
): Promise<Reply<Value>> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, {
      ...request,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    body = await bodyOf(response);
  } catch {
    return problem("unreachable", messages.problem.unreachable);
  }
  if (response.ok) return { kind: "ok", value: body as Value, headers: response.headers };
  const { code, detail, title } = (body ?? {}) as { readonly [member: string]: unknown };
  const sentence = [detail, title].find((text) => typeof text === "string" && text !== "");
  return problem(
    typeof code === "string" ? code : `status-${response.status}`,
    typeof sentence === "string" ? sentence : messages.problem.status(response.status),
  );
}

function problem(code: string, sentence: string): { readonly kind: "problem"; readonly problem: Problem } {
  return { kind: "problem", problem: { code, sentence } };
}
