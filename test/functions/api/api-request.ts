import { utf8 } from "../../../core/encoding/bytes.ts";
import type { ApiRequest } from "../../../functions/api/http.ts";

/** A request as a handler sees it; `json` becomes its body. */
export function apiRequest(
  over: Partial<Omit<ApiRequest, "body">> & { readonly json?: unknown; readonly body?: Uint8Array } = {},
): ApiRequest {
  const { json, body = utf8(json === undefined ? "" : JSON.stringify(json)), ...rest } = over;
  return {
    method: json === undefined ? "GET" : "POST",
    route: "/v1/promotions",
    parameters: {},
    query: {},
    headers: { authorization: "Bearer the-token", "content-type": "application/json" },
    ...rest,
    body,
  };
}
