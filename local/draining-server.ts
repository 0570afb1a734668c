import type { IncomingMessage, ServerResponse } from "node:http";
import { type LoopbackServer, listenOnLoopback } from "./loopback-server.ts";

/**
 * Like `listenOnLoopback`, for clients that keep their connections: once it is closing, each connection ends with the
 * answer that is under way on it. Node itself would wait until the client lets go, which a browser does after minutes.
 */
export async function listenAndDrain(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
  port: number,
): Promise<LoopbackServer> {
  let closing = false;
  const server = await listenOnLoopback((request, response) => {
    response.once("close", () => {
      if (closing) request.socket.end();
    });
    return answer(request, response);
  }, port);
  return {
    ...server,
    close: () => {
      closing = true;
      return server.close();
    },
  };
}
