import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createSecureContext } from "node:tls";
import { boundedBytes } from "../../core/encoding/bounded-bytes.ts";
import { Failure } from "../../core/failure.ts";

/** How to reach one cluster's API, for as long as the token counts. */
export interface ClusterAccess {
  readonly server: string;
  /** PEM, base64: the one authority that may vouch for the server. */
  readonly authority: string;
  readonly token: string;
}

export interface ApiCall {
  readonly method: "GET" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON; `undefined` where it was none. */
  readonly body: unknown;
}

/** Nothing waits for a cluster longer than a step has time, and nothing that it says is longer than it may store. */
const callMilliseconds = 10_000;
const largestAnswer = 32 * 1024 * 1024;

/**
 * Calls of a cluster's API over TLS, with nobody trusted but the authority that EKS names. Throws `unavailable` where
 * there is no whole answer.
 */
export function clusterApi({ server, authority, token }: ClusterAccess): (call: ApiCall) => Promise<ApiAnswer> {
  // The authority is read once, and not for each connection.
  const secureContext = createSecureContext({ ca: Buffer.from(authority, "base64"), minVersion: "TLSv1.2" });
  const agent = new Agent({ secureContext, keepAlive: false });
  return async ({ method, path, query, body }) => {
    const url = new URL(path, server);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      "user-agent": "countersign",
      // JSON is YAML as well: server-side apply knows no other content type.
      ...(body === undefined
        ? {}
        : {
            "content-type": method === "PATCH" ? "application/apply-patch+yaml" : "application/json",
            // Node says nothing of a body's length where a method commonly has none.
            "content-length": Buffer.byteLength(body),
          }),
    };
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const signal = AbortSignal.timeout(callMilliseconds);
        request(url, { agent, method, headers, signal }, resolve).once("error", reject).end(body);
      });
      return {
        status: response.statusCode ?? 0,
        body: parsed(await boundedBytes(response as AsyncIterable<Buffer>, largestAnswer)),
      };
    } catch (cause) {
      throw new Failure("unavailable", "The cluster does not answer at the moment.", { cause });
    }
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
