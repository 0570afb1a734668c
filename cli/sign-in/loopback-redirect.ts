import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Failure } from "../../core/failure.ts";

/**
 * Where the command listens for the answer of a sign-in. Identity providers such as Cognito compare the whole address,
 * so these are the ports that the deployment registers (infra's `cliCallbacks`); the first that is free is taken.
 */
export const redirectPorts: readonly number[] = [47_801, 47_802, 47_803];

const path = "/callback";
/** Long enough to look for a phone with the second factor on it. */
const longestSignInMs = 10 * 60_000;

/** A listener for one sign-in (RFC 8252 section 7.3). */
export interface LoopbackRedirect {
  readonly uri: string;
  /** The parameters that came back with this `state`. Requests with another are answered and forgotten. */
  parameters(state: string): Promise<URLSearchParams>;
  close(): void;
}

/** Listens on 127.0.0.1 at the first of `ports` that is free. Throws `unavailable` where none is. */
export async function listenForRedirect(ports: readonly number[]): Promise<LoopbackRedirect> {
  for (const port of ports) {
    const server = createServer();
    if (await listens(server, port)) return redirectOf(server, port);
  }
  throw new Failure(
    "unavailable",
    `The ports ${ports.join(", ")} are taken on this machine; free one of them, or name another with --port.`,
  );
}

function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(false) : reject(error),
    );
    // The address and not the name 'localhost', which may be another machine's (RFC 8252 section 8.3).
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
}

function redirectOf(server: Server, port: number): LoopbackRedirect {
  const origin = `http://127.0.0.1:${port}`;
  return {
    uri: `${origin}${path}`,
    parameters: (state) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Failure("unauthenticated", "Nobody signed in within ten minutes.")),
          longestSignInMs,
        );
        server.on("request", (request, response) => {
          const parameters = answered(request, response, origin, state);
          if (parameters === undefined) return;
          clearTimeout(timer);
          response.on("close", () => resolve(parameters));
        });
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Answers a request; the parameters if it is the one that is waited for. */
function answered(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  state: string,
): URLSearchParams | undefined {
  const target = request.url ?? "/";
  const url = target.startsWith("/") && URL.canParse(target, origin) ? new URL(target, origin) : undefined;
  if (url?.pathname !== path || request.method !== "GET") {
    page(response, 404, "There is nothing here.");
    return undefined;
  }
  if (url.searchParams.getAll("state").join() !== state) {
    page(response, 400, "This sign-in was not begun by the command that waits here.");
    return undefined;
  }
  page(response, 200, "Thank you. You can close this window and go back to the terminal.");
  return url.searchParams;
}

function page(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  response.end(`<!doctype html>\n<html lang="en"><title>Countersign</title><p>${sentence}</p></html>\n`);
}
