import { messages } from "../messages/catalogue.ts";

/** Why a request came to nothing: the service's problem document (RFC 9457), or that it could not be reached. */
export interface Problem {
  readonly code: string;
  /** Sentences for a person. */
  readonly sentence: string;
}

export type Reply<Value> =
  | { readonly kind: "ok"; readonly value: Value; readonly headers: Headers }
  | { readonly kind: "problem"; readonly problem: Problem };

/** The API of the page's own origin. The answers' shapes are the service's promise. */
export interface ApiClient {
  get<Value>(path: string): Promise<Reply<Value>>;
  post<Value>(path: string, body: unknown): Promise<Reply<Value>>;
}

const timeoutMs = 20_000;

/** Sends requests, as whoever `idToken` names. A request that fails is answered as a problem; nothing is thrown. */
export function apiClient(idToken?: string): ApiClient {
  const headers = {
    accept: "application/json, application/problem+json",
    ...(idToken === undefined ? {} : { authorization: `Bearer ${idToken}` }),
  };
  return {
    get: (path) => send(path, { headers }),
    post: (path, body) =>
      send(path, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

async function send<Value>(path: string, request: RequestInit): Promise<Reply<Value>> {
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
    body = await response.json();
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
