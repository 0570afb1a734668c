import { randomUUID } from "node:crypto";
import { Agent, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { pipeline } from "node:stream/promises";
import { type LoopbackServer, listenOnLoopback } from "../loopback-server.ts";
import type { EdgeFunction, EdgeMoment } from "./function.ts";
import type { ResponseHeadersPolicy } from "./headers.ts";

/** Where a distribution gets its answers. */
export interface Origin {
  /** Base address with the origin's path, without a slash at the end. */
  readonly url: string;
  /** Access key id that signs requests to a bucket; none for other origins. */
  readonly principal?: string;
  /** Headers that the distribution adds on the way to the origin. */
  readonly customHeaders: Readonly<Record<string, string>>;
}

/** One cache behaviour; nothing is cached here. */
export interface Behavior {
  /** `*` stands for any characters, `?` for one; the default behaviour has `*`. */
  readonly pathPattern: string;
  readonly origin: Origin;
  readonly methods: readonly string[];
  /** True where an origin request policy hands the viewer's headers and query on. */
  readonly forwardsEverything: boolean;
  readonly headersPolicy: ResponseHeadersPolicy;
  /** What runs before an origin is asked, and before its answer leaves. */
  readonly edge?: Readonly<Partial<Record<EdgeMoment, EdgeFunction>>>;
}

/** A page that takes the place of an origin's error. */
export interface ErrorResponse {
  readonly errorCode: number;
  readonly responseCode: number;
  readonly pagePath: string;
}

/** A distribution as its template configures it. */
export interface Distribution {
  /** In order of precedence; the default behaviour last. */
  readonly behaviors: readonly Behavior[];
  readonly defaultRootObject?: string;
  readonly errorResponses: readonly ErrorResponse[];
}

/**
 * Serves `distribution` on one address of this machine: behaviours by path pattern, response headers policies,
 * custom error pages. It answers over http where CloudFront would send a browser to https, and caches nothing.
 */
export async function serveDistribution(distribution: Distribution, port: number): Promise<LoopbackServer> {
  const agent = new Agent({ keepAlive: true });
  const server = await listenOnLoopback((incoming, response) => answer(distribution, agent, incoming, response), port);
  return {
    ...server,
    close: async () => {
      await server.close();
      agent.destroy();
    },
  };
}

async function answer(
  distribution: Distribution,
  agent: Agent,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Not by `URL`, to which two slashes begin a host.
  const [pathname = "/"] = (incoming.url ?? "/").split("?", 1);
  const search = (incoming.url ?? "/").slice(pathname.length);
  const behavior = behaviorFor(distribution, pathname);
  const method = incoming.method ?? "GET";
  if (behavior === undefined || !behavior.methods.includes(method)) {
    finish(response, 403, behavior, "This distribution does not allow that method.");
    return;
  }
  const edge = behavior.edge ?? {};
  const uri = edge["viewer-request"]?.({ moment: "viewer-request", method, uri: pathname }).uri ?? pathname;
  const path = uri === "/" ? `/${distribution.defaultRootObject ?? ""}` : uri;
  const query = behavior.forwardsEverything ? search : "";
  let reply: IncomingMessage;
  try {
    reply = await ask(agent, behavior, incoming, `${path}${query}`);
  } catch (error) {
    console.error(
      `The origin of ${behavior.pathPattern} did not answer:`,
      error instanceof Error ? error.message : error,
    );
    finish(response, 502, behavior, "The origin did not answer.");
    return;
  }
  // S3 tells who may not list a bucket that a missing object is forbidden, and a distribution may only read.
  const status = behavior.origin.principal !== undefined && reply.statusCode === 404 ? 403 : (reply.statusCode ?? 502);
  const page = distribution.errorResponses.find(({ errorCode }) => errorCode === status);
  if (page === undefined) {
    // Not run over what an origin refuses (CloudFront Developer Guide, "Restrictions on all edge functions").
    const seen = { moment: "viewer-response", method, uri, status } as const;
    const after = status < 400 ? edge["viewer-response"]?.(seen).status : undefined;
    return relay(reply, after ?? status, behavior, response);
  }
  reply.resume();
  const pageBehavior = behaviorFor(distribution, page.pagePath) ?? behavior;
  const substitute = await ask(agent, pageBehavior, incoming, page.pagePath, method === "HEAD" ? "HEAD" : "GET");
  await relay(substitute, page.responseCode, pageBehavior, response);
}

function behaviorFor({ behaviors }: Distribution, path: string): Behavior | undefined {
  return behaviors.find(({ pathPattern }) => matchesPattern(pathPattern, path));
}

/** A slash in front of a path pattern may be left out (CloudFront Developer Guide, "Path pattern"). */
function matchesPattern(pattern: string, path: string): boolean {
  if (pattern === "*") return true;
  const escaped = pattern.replace(/^\//, "").replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^/${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(path);
}

/** Headers of one connection, which no proxy hands on (RFC 9110 section 7.6.1). */
const hopByHop = ["connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"];
/** What CloudFront drops where no origin request policy says otherwise. */
const droppedByDefault = ["authorization", "cookie", "accept", "accept-language", "referer", "origin", "user-agent"];

function ask(
  agent: Agent,
  behavior: Behavior,
  incoming: IncomingMessage,
  path: string,
  method = incoming.method ?? "GET",
): Promise<IncomingMessage> {
  const { url, principal, customHeaders } = behavior.origin;
  const dropped = ["host", ...hopByHop, ...(behavior.forwardsEverything ? [] : droppedByDefault)];
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !dropped.includes(name)) headers[name] = value;
  }
  const before = incoming.headers["x-forwarded-for"];
  const viewer = incoming.socket.remoteAddress ?? "127.0.0.1";
  headers["x-forwarded-for"] = before === undefined ? viewer : `${before}, ${viewer}`;
  headers["via"] = "1.1 local (CloudFront)";
  // The stand-in for S3 takes no header of S3's family that it does not know.
  if (principal === undefined) headers["x-amz-cf-id"] = randomUUID();
  Object.assign(headers, customHeaders);
  if (principal !== undefined) {
    headers["authorization"] =
      `AWS4-HMAC-SHA256 Credential=${principal}/local/s3/aws4_request, SignedHeaders=host, Signature=none`;
  }
  const substitutes = method !== incoming.method;
  return new Promise((resolve, reject) => {
    const outgoing = send(`${url}${path}`, { agent, method, headers }, resolve);
    outgoing.once("error", reject);
    if (substitutes || incoming.readableEnded) outgoing.end();
    else pipeline(incoming, outgoing).catch(reject);
  });
}

async function relay(
  reply: IncomingMessage,
  status: number,
  behavior: Behavior,
  response: ServerResponse,
): Promise<void> {
  for (let index = 0; index + 1 < reply.rawHeaders.length; index += 2) {
    const [name = "", value = ""] = reply.rawHeaders.slice(index, index + 2);
    if (!hopByHop.includes(name.toLowerCase())) response.appendHeader(name, value);
  }
  response.statusCode = status;
  applyPolicy(behavior.headersPolicy, response);
  await pipeline(reply, response);
}

function finish(response: ServerResponse, status: number, behavior: Behavior | undefined, text: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "text/plain; charset=utf-8");
  if (behavior !== undefined) applyPolicy(behavior.headersPolicy, response);
  response.end(text);
}

function applyPolicy({ set, removed }: ResponseHeadersPolicy, response: ServerResponse): void {
  for (const name of removed) response.removeHeader(name);
  for (const { name, value, override } of set) {
    if (override || !response.hasHeader(name)) response.setHeader(name, value);
  }
}
