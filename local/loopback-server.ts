import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

import type { LocalService } from "./aws/aws-call.ts";

/** A loopback listener with the port it got. */
export interface LoopbackServer extends LocalService {
  readonly port: number;
}

/** PEM, for a server that speaks TLS. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Listens on 127.0.0.1 (on a free port where none is given) and hands every request to `answer`.
 *
 * A request whose Host is not this machine's is refused with 421: a page on the internet that points its own name
 * at 127.0.0.1 (DNS rebinding) must not read mail or mint tokens through somebody's browser.
 * An error that `answer` lets escape breaks off that one connection and is reported to `console.error`.
 */
export async function listenOnLoopback(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
  port = 0,
  tls?: ServerCertificate,
): Promise<LoopbackServer> {
  let closing = false;
  const listener: RequestListener = (request, response) => {
    // Once it is closing, a connection ends with the answer that is under way on it: a browser would keep it for minutes.
    response.once("close", () => {
      if (closing) request.socket.end();
    });
    void (async () => {
      try {
        if (!isThisMachine(request.headers.host)) {
          response.writeHead(421, { "content-type": "text/plain" }).end("This server answers its own machine only.\n");
          return;
        }
        await answer(request, response);
      } catch (error) {
        if (!request.destroyed) console.error(`${request.method} on a local stand-in failed:`, error);
        response.destroy();
      }
    })();
  };
  const options = { keepAliveTimeout: 30_000 };
  const server =
    tls === undefined ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener);
  server.listen(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${actual}`,
    port: actual,
    close: () =>
      new Promise((resolve, reject) => {
        closing = true;
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeIdleConnections();
      }),
  };
}

function isThisMachine(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host);
}

/** The whole body of `request`, or `undefined` where it is longer than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is still drained, so that the client reads the refusal instead of a broken connection.
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? undefined : Buffer.concat(chunks);
}
