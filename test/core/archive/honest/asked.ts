import { utf8 } from "../../../../core/encoding/bytes.ts";
import type { ApiRequest } from "../../../../functions/api/http.ts";

/** A request about something with an id. */
export function asked(id: string, body: unknown): ApiRequest {
  const headers = { "content-type": "application/json", authorization: "Bearer token" };
  return { method: "POST", route: "", parameters: { id }, query: {}, headers, body: utf8(JSON.stringify(body)) };
}
