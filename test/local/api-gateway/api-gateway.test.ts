import { afterEach, describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { Failure } from "../../../core/failure.ts";
import { type RestApi, type Route, serveRestApi } from "../../../local/api-gateway/api-gateway.ts";
import { compileModel } from "../../../local/api-gateway/models.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import type { InvocationResult } from "../../../local/lambda/invocation.ts";
import type { LoopbackServer } from "../../../local/loopback-server.ts";

const running: LoopbackServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const events: JsonObject[] = [];
const fine: Json = { statusCode: 200, headers: { "Content-Type": "text/plain" }, body: "fine" };

function route(over: Partial<Route> & { readonly answer?: Json; readonly result?: InvocationResult } = {}): Route {
  const { answer = fine, result = { payload: answer }, ...own } = over;
  return {
    resourceId: "PromotionResource",
    resourcePath: "/v1/promotions/{id}",
    method: "GET",
    requiredParameters: [],
    bodyChecks: new Map(),
    timeoutMilliseconds: 5000,
    invoke: async (event) => {
      events.push(event as JsonObject);
      return result;
    },
    ...own,
  };
}

/** Serves an API and gives what asks it. */
async function serve(routes: readonly Route[], over: Partial<RestApi> = {}) {
  events.length = 0;
  const api: RestApi = { apiId: "api1", stage: "live", routes, responses: new Map(), binaryMediaTypes: [], ...over };
  const server = await serveRestApi(api, { port: 0, now: () => Date.parse("2026-04-09T12:34:56Z") });
  running.push(server);
  return (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
}

describe("the event that a function gets", () => {
  it("has the form of a proxy integration", async () => {
    const ask = await serve([route()]);
    await ask("/live/v1/promotions/p-1?limit=2&limit=3&from=a%20b", {
      headers: { "X-Extra": "1", "user-agent": "test" },
    });
    expect(events[0]).toMatchObject({
      resource: "/v1/promotions/{id}",
      path: "/v1/promotions/p-1",
      httpMethod: "GET",
      queryStringParameters: { limit: "3", from: "a b" },
      multiValueQueryStringParameters: { limit: ["2", "3"], from: ["a b"] },
      pathParameters: { id: "p-1" },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        path: "/live/v1/promotions/p-1",
        stage: "live",
        resourceId: "PromotionResource",
        resourcePath: "/v1/promotions/{id}",
        httpMethod: "GET",
        protocol: "HTTP/1.1",
        requestTime: "09/Apr/2026:12:34:56 +0000",
        requestTimeEpoch: Date.parse("2026-04-09T12:34:56Z"),
        identity: { sourceIp: "127.0.0.1", userAgent: "test" },
      },
    });
    expect(events[0]?.["headers"]).toMatchObject({ "X-Extra": "1", "X-Forwarded-For": "127.0.0.1" });
    expect(events[0]?.["multiValueHeaders"]).toMatchObject({ "X-Extra": ["1"] });
  });

  it("has the query decoded, and the path as it was sent", async () => {
    const ask = await serve([route()]);
    await ask("/live/v1/promotions/a%40b?limit=a%40b");
    expect(events[0]).toMatchObject({
      path: "/v1/promotions/a%40b",
      pathParameters: { id: "a%40b" },
      queryStringParameters: { limit: "a@b" },
    });
  });

  it("has null where there is no query and no path parameter", async () => {
    const ask = await serve([route({ resourcePath: "/v1/service" })]);
    await ask("/live/v1/service");
    expect(events[0]).toMatchObject({ queryStringParameters: null, pathParameters: null });
  });

  it("carries the body as text, and in base64 for a binary media type", async () => {
    const ask = await serve([route({ method: "POST" })], { binaryMediaTypes: ["application/zip"] });
    await ask("/live/v1/promotions/1", { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    await ask("/live/v1/promotions/1", { method: "POST", body: "PK", headers: { "content-type": "application/zip" } });
    expect(events.map(({ body, isBase64Encoded }) => [body, isBase64Encoded])).toEqual([
      ["{}", false],
      ["UEs=", true],
    ]);
  });
});

describe("what a client gets", () => {
  it("is what the function answers", async () => {
    const answer = {
      statusCode: 201,
      headers: { Location: "/x", "Content-Type": "application/json" },
      body: '{"a":1}',
    };
    const ask = await serve([route({ answer })]);
    const response = await ask("/live/v1/promotions/1");
    expect([response.status, response.headers.get("location"), await response.json()]).toEqual([201, "/x", { a: 1 }]);
  });

  it("has every value of a header that comes several times", async () => {
    const ask = await serve([
      route({ answer: { statusCode: 200, multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] }, body: "" } }),
    ]);
    expect((await ask("/live/v1/promotions/1")).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it("has WWW-Authenticate under another name, as API Gateway sends it", async () => {
    const ask = await serve([
      route({ answer: { statusCode: 401, headers: { "WWW-Authenticate": "Bearer" }, body: "" } }),
    ]);
    const { headers } = await ask("/live/v1/promotions/1");
    expect([headers.get("www-authenticate"), headers.get("x-amzn-remapped-www-authenticate")]).toEqual([
      null,
      "Bearer",
    ]);
  });

  it("is compressed from the size on that the API has, where the client prefers gzip", async () => {
    const answer = { statusCode: 200, headers: { "Content-Type": "text/plain" }, body: "x".repeat(2000) };
    const ask = await serve([route({ answer })], { minimumCompressionSize: 1024 });
    const codingFor = async (accepted: string) => {
      const reply = await ask("/live/v1/promotions/p-1", { headers: { "accept-encoding": accepted } });
      expect(await reply.text()).toBe(answer.body);
      return reply.headers.get("content-encoding");
    };
    expect([await codingFor("gzip, deflate, br"), await codingFor("br, gzip"), await codingFor("identity")]).toEqual([
      "gzip",
      null,
      null,
    ]);
    const short = await serve([route()], { minimumCompressionSize: 1024 });
    expect((await short("/live/v1/promotions/p-1")).headers.get("content-encoding")).toBeNull();
  });

  it("is no body for HEAD", async () => {
    const ask = await serve([route({ method: "HEAD" })]);
    const response = await ask("/live/v1/promotions/1", { method: "HEAD" });
    expect([response.status, await response.text(), response.headers.get("content-length")]).toEqual([200, "", "4"]);
  });

  it.each<[string, Json]>([
    ["text instead of an object", "fine"],
    ["no status", { body: "" }],
    ["a body that is an object", { statusCode: 200, body: {} }],
    ["a header that is a list", { statusCode: 200, headers: { a: ["b"] }, body: "" }],
  ])("is 502 for an answer with %s", async (_, answer) => {
    const ask = await serve([route({ answer })]);
    const response = await ask("/live/v1/promotions/1");
    expect([response.status, await response.json()]).toEqual([502, { message: "Internal server error" }]);
  });

  it("is 502 for a function that failed, without its message", async () => {
    const ask = await serve([route({ result: { errorType: "TypeError", errorMessage: "secret" } })]);
    const response = await ask("/live/v1/promotions/1");
    expect([response.status, await response.json()]).toEqual([502, { message: "Internal server error" }]);
  });

  it("is 504 where the function takes longer than the integration may", async () => {
    const ask = await serve([route({ timeoutMilliseconds: 1, invoke: () => new Promise(() => undefined) })]);
    const response = await ask("/live/v1/promotions/1");
    expect([response.status, await response.json()]).toEqual([504, { message: "Endpoint request timed out" }]);
  });

  it("is 500 where API Gateway has no permission to invoke the function", async () => {
    const invoke = () => Promise.reject(new Failure("forbidden", "No permission; this line is expected in a test."));
    const ask = await serve([route({ invoke })]);
    expect((await ask("/live/v1/promotions/1")).status).toBe(500);
  });
});

describe("routes", () => {
  const paths = ["/v1/promotions", "/v1/promotions/{id}", "/v1/promotions/latest", "/files/{rest+}"];
  const routes = paths.map((resourcePath) => route({ resourcePath, answer: { statusCode: 200, body: resourcePath } }));

  it.each([
    ["/v1/promotions", "/v1/promotions"],
    ["/v1/promotions/abc", "/v1/promotions/{id}"],
    ["/v1/promotions/latest", "/v1/promotions/latest"],
    ["/files/a/b/c", "/files/{rest+}"],
  ])("lead %s to %s", async (path, expected) => {
    const ask = await serve(routes);
    expect(await (await ask(`/live${path}`)).text()).toBe(expected);
  });

  it.each(["/live/v1/other", "/live/v1/promotions/a/b", "/other/v1/promotions", "/live/v1/promotions/"])(
    "lead nowhere from %s, which API Gateway calls a missing token",
    async (path) => {
      const ask = await serve(routes);
      const response = await ask(path);
      expect([response.status, await response.json()]).toEqual([403, { message: "Missing Authentication Token" }]);
    },
  );

  it("lead nowhere for a method that the path does not have", async () => {
    const ask = await serve(routes);
    expect((await ask("/live/v1/promotions", { method: "DELETE" })).status).toBe(403);
  });

  it("prefer a method of their own to ANY", async () => {
    const any = route({ method: "ANY", answer: { statusCode: 200, body: "any" } });
    const get = route({ method: "GET", answer: { statusCode: 200, body: "get" } });
    const ask = await serve([any, get]);
    expect(await (await ask("/live/v1/promotions/1")).text()).toBe("get");
    expect(await (await ask("/live/v1/promotions/1", { method: "PUT" })).text()).toBe("any");
  });
});

describe("request validation", () => {
  const model = compileModel({
    $schema: "http://json-schema.org/draft-04/schema#",
    type: "object",
    required: ["model"],
    properties: { model: { type: "string" }, share: { type: "number", minimum: 0, exclusiveMinimum: true } },
  });
  const post = (body: string, type = "application/json") => ({
    method: "POST",
    body,
    headers: { "content-type": type },
  });
  const checked = route({ method: "POST", bodyChecks: new Map([["application/json", model]]) });

  it.each([
    ["what is not JSON", "{"],
    ["no body", ""],
    ["a missing property", "{}"],
    ["a draft-4 bound that excludes its own value", '{"model":"m","share":0}'],
  ])("refuses %s before the function is asked", async (_, body) => {
    const ask = await serve([checked]);
    const response = await ask("/live/v1/promotions/1", post(body));
    expect([response.status, await response.json(), events]).toEqual([400, { message: "Invalid request body" }, []]);
  });

  it("lets a good body through", async () => {
    const ask = await serve([checked]);
    expect((await ask("/live/v1/promotions/1", post('{"model":"m"}', "application/json; charset=utf-8"))).status).toBe(
      200,
    );
  });

  it("leaves a body of a type without a model to the function, as API Gateway does", async () => {
    const ask = await serve([checked]);
    expect((await ask("/live/v1/promotions/1", post("not json", "text/plain"))).status).toBe(200);
  });

  it("names the parameters that are missing or blank", async () => {
    const ask = await serve([route({ requiredParameters: ["querystring.status", "header.X-Key", "path.id"] })]);
    const response = await ask("/live/v1/promotions/1?status=");
    expect(await response.json()).toEqual({ message: "Missing required request parameters: [status, X-Key]" });
  });

  it("refuses more than 10 MB", async () => {
    const ask = await serve([checked]);
    const response = await ask("/live/v1/promotions/1", post("x".repeat(10 * 1024 * 1024 + 1)));
    expect([response.status, await response.json()]).toEqual([413, { message: "Request Too Long" }]);
  });
});

describe("gateway responses of the template", () => {
  const text = (name: string) => `$context.${name}`;
  const problem = (type: string, statusCode?: number) =>
    [
      type,
      {
        ...(statusCode === undefined ? {} : { statusCode }),
        parameters: {
          "gatewayresponse.header.Content-Type": "'application/problem+json'",
          "gatewayresponse.header.X-Request": "context.requestId",
        },
        templates: {
          "application/json": `{"detail":${text("error.messageString")},"why":"${text("error.validationErrorString")}","path":"${text("path")}","none":"${text("nothing")}"}`,
        },
      },
    ] as const;

  it("are of another type for an address that is not there where a token is sent", async () => {
    const ask = await serve([route()], { responses: new Map([problem("MISSING_AUTHENTICATION_TOKEN", 404)]) });
    const response = await ask("/live/nowhere", { headers: { authorization: "Bearer a.b.c" } });
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([403, "IncompleteSignatureException"]);
  });

  it("shape the answer: status, headers and variables", async () => {
    const ask = await serve([route()], { responses: new Map([problem("MISSING_AUTHENTICATION_TOKEN", 404)]) });
    const response = await ask("/live/nowhere");
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(response.headers.get("x-request")).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      detail: "Missing Authentication Token",
      why: "",
      path: "/live/nowhere",
      none: "",
    });
  });

  it("fall back to DEFAULT_4XX and keep its own status where that sets none", async () => {
    const ask = await serve([route()], { responses: new Map([problem("DEFAULT_4XX")]) });
    const response = await ask("/live/nowhere");
    expect([response.status, response.headers.get("content-type")]).toEqual([403, "application/problem+json"]);
  });

  it("shape a function's failure by DEFAULT_5XX", async () => {
    const failing = route({ result: { errorType: "Error", errorMessage: "" } });
    const ask = await serve([failing], { responses: new Map([problem("DEFAULT_5XX", 500)]) });
    expect((await ask("/live/v1/promotions/1")).status).toBe(500);
  });
});

describe("the access log", () => {
  it("gets the route and not the path's own parameters", async () => {
    const lines: Readonly<Record<string, string>>[] = [];
    const ask = await serve([route()], { onAccess: (context) => lines.push(context) });
    await ask("/live/v1/promotions/p-1");
    await ask("/live/nowhere");
    expect(lines).toMatchObject([
      { resourcePath: "/v1/promotions/{id}", status: "200", responseLength: "4", "error.responseType": "" },
      { resourcePath: "", status: "403", "error.responseType": "MISSING_AUTHENTICATION_TOKEN" },
    ]);
  });
});
