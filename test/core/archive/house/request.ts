import { utf8 } from "../../../../core/encoding/bytes.ts";
import type { ApiRequest } from "../../../../functions/api/http.ts";

/** A request with a token, to whatever route. */
export function request(parameters: Readonly<Record<string, string>>, body: unknown): ApiRequest {
  const headers = { "content-type": "application/json", authorization: "Bearer token" };
  return { method: "POST", route: "", parameters, query: {}, headers, body: utf8(JSON.stringify(body)) };
}
