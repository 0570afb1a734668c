import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a stub answers to one request. */
export interface StubAnswer {
  readonly status?: number;
  readonly type?: string;
  /** Sent as it is where it is text or bytes, as JSON otherwise. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that reached the stub. */
export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** A service on this machine that answers by `METHOD /path`; a path nobody set up gets a 404 that names it. */
export async function stubService(
  answers: Readonly<Record<string, StubAnswer | ((request: StubRequest) => StubAnswer)>>,
): Promise<{ readonly url: string; readonly requests: readonly StubRequest[] }> {
  const requests: StubRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const seen: StubRequest = {
      method: request.method ?? "",
      path: request.url ?? "",
      authorization: request.headers.authorization,
      body: text === "" ? undefined : JSON.parse(text),
    };
    requests.push(seen);
    const found = answers[`${seen.method} ${seen.path}`];
    const {
      status = 200,
      type = "application/json",
      body,
      headers,
    } = typeof found === "function"
      ? found(seen)
      : (found ?? { status: 404, body: { code: "not-set-up", detail: `${seen.method} ${seen.path}` } });
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
