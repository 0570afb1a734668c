import { Agent, get, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { type Behavior, type Distribution, serveDistribution } from "../../../local/cloudfront/cloudfront.ts";
import type { EdgeEvent } from "../../../local/cloudfront/function.ts";
import { forwardsEverything, readResponseHeadersPolicy } from "../../../local/cloudfront/headers.ts";
import { type LoopbackServer, listenOnLoopback, readBody } from "../../../local/loopback-server.ts";

const running: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.close();
});

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An origin that answers with its name, or with the status that the path names: `/status/404`. */
async function origin(name: string) {
  const seen: Seen[] = [];
  const server = await listenOnLoopback(async (request, response) => {
    const body = (await readBody(request, 1024))?.toString("utf8") ?? "";
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    response.statusCode = Number(request.url?.match(/\/status\/(\d+)/)?.[1] ?? 200);
    response.setHeader("x-powered-by", "origin");
    response.end(`${name} ${request.url}`);
  });
  running.push(server);
  return { url: server.url, seen };
}

const noPolicy = { set: [], removed: [] };

async function serve(behaviors: readonly Behavior[], over: Partial<Distribution> = {}) {
  const server = await serveDistribution({ behaviors, errorResponses: [], ...over }, 0);
  running.push(server);
  return (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
}

function behavior(url: string, over: Partial<Behavior> = {}): Behavior {
  return {
    pathPattern: "*",
    origin: { url, customHeaders: {} },
    methods: ["GET", "HEAD"],
    forwardsEverything: false,
    headersPolicy: noPolicy,
    ...over,
  };
}

async function portalAndApi(over: { readonly api?: Partial<Behavior>; readonly page?: Partial<Behavior> } = {}) {
  const [pages, api] = [await origin("page"), await origin("api")];
  const behaviors = [
    behavior(`${api.url}/live`, {
      pathPattern: "/v1/*",
      methods: ["GET", "POST"],
      forwardsEverything: true,
      ...over.api,
    }),
    behavior(`${pages.url}/bucket`, over.page),
  ];
  return { pages, api, behaviors };
}

describe("a distribution", () => {
  it("sends each path to the origin of the first behaviour that fits, with the origin's path before it", async () => {
    const { behaviors } = await portalAndApi();
    const ask = await serve(behaviors);
    expect(await (await ask("/v1/promotions")).text()).toBe("api /live/v1/promotions");
    expect(await (await ask("/v1")).text()).toBe("page /bucket/v1");
  });

  it("answers the root with the default root object", async () => {
    const { behaviors } = await portalAndApi();
    const ask = await serve(behaviors, { defaultRootObject: "index.html" });
    expect(await (await ask("/")).text()).toBe("page /bucket/index.html");
  });

  it("runs what stands at the edge before the origin is asked, and over what it answers but errors", async () => {
    const pages = await origin("page");
    const edge = {
      "viewer-request": ({ uri }: EdgeEvent) => ({ uri: uri.startsWith("/status") ? uri : `/at${uri}` }),
      "viewer-response": () => ({ status: 404 }),
    };
    const ask = await serve([behavior(pages.url, { edge })]);
    const answer = await ask("//evil.example/?a=1");
    expect([answer.status, await answer.text()]).toEqual([404, "page /at//evil.example/"]);
    expect((await ask("/status/503")).status).toBe(503);
  });

  it("hands query, headers and body on where an origin request policy says so", async () => {
    const { behaviors, api } = await portalAndApi();
    const ask = await serve(behaviors);
    await ask("/v1/x?a=1", { method: "POST", body: "text", headers: { authorization: "Bearer t" } });
    expect(api.seen[0]).toMatchObject({ method: "POST", url: "/live/v1/x?a=1", body: "text" });
    expect(api.seen[0]?.headers).toMatchObject({ authorization: "Bearer t", "x-forwarded-for": "127.0.0.1" });
    expect(api.seen[0]?.headers.host).toBe(new URL(api.url).host);
  });

  it("drops the token and the query where none does", async () => {
    const { behaviors, api } = await portalAndApi({ api: { forwardsEverything: false } });
    const ask = await serve(behaviors);
    await ask("/v1/x?a=1", { headers: { authorization: "Bearer t", cookie: "a=1" } });
    expect(api.seen[0]?.url).toBe("/live/v1/x");
    expect(api.seen[0]?.headers).not.toHaveProperty("authorization");
    expect(api.seen[0]?.headers).not.toHaveProperty("cookie");
  });

  it("refuses a method that the behaviour does not allow", async () => {
    const { behaviors, api } = await portalAndApi();
    const ask = await serve(behaviors);
    expect((await ask("/v1/x", { method: "DELETE" })).status).toBe(403);
    expect(api.seen).toEqual([]);
  });

  it("signs requests to a bucket as itself and takes a missing object for forbidden", async () => {
    const { pages } = await portalAndApi();
    const bucket = { url: pages.url, principal: "cloudfront.amazonaws.com", customHeaders: {} };
    const ask = await serve([behavior("", { origin: bucket })]);
    expect((await ask("/status/404")).status).toBe(403);
    expect(pages.seen[0]?.headers.authorization).toContain("Credential=cloudfront.amazonaws.com/");
  });

  it("puts a page in the place of an error", async () => {
    const { behaviors } = await portalAndApi();
    const ask = await serve(behaviors, {
      errorResponses: [{ errorCode: 403, responseCode: 200, pagePath: "/index.html" }],
    });
    const response = await ask("/status/403");
    expect([response.status, await response.text()]).toEqual([200, "page /bucket/index.html"]);
  });

  it("says 502 where the origin does not answer", async () => {
    const ask = await serve([behavior("http://127.0.0.1:1")]);
    expect((await ask("/")).status).toBe(502);
  });
});

describe("closing a distribution", () => {
  it("ends kept connections with the answer that is under way", async () => {
    const released = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const slow = await listenOnLoopback(async (_, response) => {
      arrived.resolve();
      await released.promise;
      response.end("answered");
    });
    running.push(slow);
    const server = await serveDistribution({ behaviors: [behavior(slow.url)], errorResponses: [] }, 0);
    const agent = new Agent({ keepAlive: true });
    const answered = new Promise<string>((resolve) => {
      get(server.url, { agent }, async (response) => resolve(await text(response)));
    });
    await arrived.promise;
    const closed = server.close();
    released.resolve();
    expect(await answered).toBe("answered");
    await closed;
    agent.destroy();
  });
});

describe("a response headers policy", () => {
  const policy = readResponseHeadersPolicy({
    Name: "p",
    SecurityHeadersConfig: {
      ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'none'", Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 60, IncludeSubdomains: true, Override: true },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: "DENY", Override: true },
      ReferrerPolicy: { ReferrerPolicy: "no-referrer", Override: true },
    },
    CustomHeadersConfig: { Items: [{ Header: "X-Powered-By", Value: "nobody", Override: false }] },
  });

  it("is applied to every answer, refusals too, and overrides where it says so", async () => {
    const { behaviors } = await portalAndApi({ api: { headersPolicy: policy } });
    const ask = await serve(behaviors);
    for (const response of [await ask("/v1/x"), await ask("/v1/x", { method: "DELETE" })]) {
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "content-security-policy": "default-src 'none'",
        "strict-transport-security": "max-age=60; includeSubDomains",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
      });
    }
    expect((await ask("/v1/x")).headers.get("x-powered-by")).toBe("origin");
  });

  it("is refused where it has a part that is not carried", () => {
    expect(() => readResponseHeadersPolicy({ CorsConfig: {} })).toThrow("CorsConfig");
  });
});

describe("an origin request policy", () => {
  it("forwards everything, nothing, or is refused", () => {
    const custom = (header: string, query: string) => ({
      HeadersConfig: { HeaderBehavior: header },
      QueryStringsConfig: { QueryStringBehavior: query },
    });
    expect(forwardsEverything(undefined)).toBe(false);
    expect(forwardsEverything("b689b0a8-53d0-40ab-baf2-68738e2966ac")).toBe(true);
    expect(forwardsEverything(custom("allViewer", "all"))).toBe(true);
    expect(() => forwardsEverything(custom("whitelist", "all"))).toThrow("not carried");
  });
});
