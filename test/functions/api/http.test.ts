import type { APIGatewayProxyEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import { answering, bearerToken, jsonBody } from "../../../functions/api/http.ts";
import type { LogFields } from "../../../functions/log.ts";
import { codeOf } from "../../core/refusal.ts";
import { mock } from "../mock.ts";
import { apiRequest } from "./api-request.ts";

function event(over: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent {
  return mock<APIGatewayProxyEvent>("event", {
    httpMethod: "POST",
    resource: "/v1/promotions/{id}",
    pathParameters: { id: "p-1" },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    headers: { "X-Mixed-Case": "kept", Authorization: "Bearer secret-token" },
    body: "{}",
    isBase64Encoded: false,
    requestContext: mock<APIGatewayProxyEvent["requestContext"]>("requestContext", { requestId: "request-1" }),
    ...over,
  });
}

function logged() {
  const lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  return {
    lines,
    log: (level: string, message: string, fields: LogFields = {}) => void lines.push({ level, message, fields }),
  };
}

describe("a function behind the API", () => {
  it("sees names of headers in lower case, and the body's bytes", async () => {
    const seen: unknown[] = [];
    const handler = answering(async (request) => {
      seen.push(request.headers["x-mixed-case"], request.parameters["id"], [...request.body], request.query);
      return { status: 200, json: { ok: true } };
    }, logged().log);
    const answer = await handler(event({ body: Buffer.from([1, 255]).toString("base64"), isBase64Encoded: true }));
    expect(seen).toEqual(["kept", "p-1", [1, 255], {}]);
    expect(answer).toEqual({
      statusCode: 200,
      headers: { "cache-control": "no-store", "content-type": "application/json" },
      body: '{"ok":true}',
    });
  });

  it("answers a refusal as a problem document with its code, and logs the code alone", async () => {
    const { lines, log } = logged();
    const handler = answering(async () => {
      throw new Failure("not-entitled", "Cora cannot sign this.");
    }, log);
    const answer = await handler(event());
    expect(answer.statusCode).toBe(403);
    expect(answer.headers?.["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answer.body)).toEqual({
      type: "about:blank",
      title: "You cannot sign this",
      status: 403,
      code: "not-entitled",
      detail: "Cora cannot sign this.",
      instance: "urn:request:request-1",
    });
    expect(lines).toEqual([
      {
        level: "info",
        message: "refused",
        fields: { requestId: "request-1", route: "/v1/promotions/{id}", code: "not-entitled" },
      },
    ]);
  });

  it("logs as a failure what is wrong here and no refusal, such as a document that was altered", async () => {
    const { lines, log } = logged();
    const handler = answering(async () => {
      throw new Failure("ledger-invalid", "The bytes of a document in the ledger bucket are others.");
    }, log);
    expect((await handler(event())).statusCode).toBe(500);
    expect(lines).toMatchObject([{ level: "error", message: "failed", fields: { code: "ledger-invalid" } }]);
    expect(JSON.stringify(lines)).not.toContain("bytes of a document");
  });

  it("sends nobody to look whether something was done, where they only read", async () => {
    const handler = answering(async () => {
      throw new Error("secret-token");
    }, logged().log);
    const { body } = await handler(event({ httpMethod: "GET" }));
    expect(JSON.parse(body).detail).toBe("Something went wrong here. Try again in a while.");
  });

  it.each<[string, unknown]>([
    ["an error of its own", new Failure("internal", "The secret table is broken.")],
    ["anything else", new Error("Bearer secret-token is not known")],
    ["what is no error", "secret-token"],
  ])("keeps %s to itself", async (_, thrown) => {
    const { lines, log } = logged();
    const handler = answering(async () => {
      throw thrown;
    }, log);
    const answer = await handler(event());
    expect(answer.statusCode).toBe(500);
    expect(answer.body).toContain("Look whether it was done");
    expect(`${answer.body}${JSON.stringify(lines)}`).not.toMatch(/secret/);
    expect(lines[0]?.level).toBe("error");
  });

  it("says of a service that has too many requests that this passes, and nothing of what it said", async () => {
    const { lines, log } = logged();
    const busy = Object.assign(new Error("secret-pool is busy"), { name: "TooManyRequestsException" });
    const handler = answering(async () => {
      throw busy;
    }, log);
    const { statusCode, headers, body } = await handler(event());
    expect([statusCode, headers?.["retry-after"], JSON.parse(body).code]).toEqual([503, "2", "unavailable"]);
    expect(body).toContain("Look whether it was done");
    expect(lines[0]?.level).toBe("error");
    expect(`${body}${JSON.stringify(lines)}`).not.toMatch(/secret/);
  });

  it("says from when on the same may be asked for again, where nothing but a time stands in the way", async () => {
    const bodyOf = async (failure: Failure) => {
      const refusing = async () => {
        throw failure;
      };
      return JSON.parse((await answering(refusing, logged().log)(event())).body);
    };
    const until = "2026-11-23T12:05:00.000Z";
    expect(await bodyOf(new Failure("conflict", "There is one.", { until }))).toMatchObject({
      code: "conflict",
      until,
    });
    expect(await bodyOf(new Failure("conflict", "There is one."))).not.toHaveProperty("until");
  });

  it("tells a client to sign in, or to come back in a moment", async () => {
    const answerTo = async (failure: Failure) =>
      (
        await answering(async () => {
          throw failure;
        }, logged().log)(event())
      ).headers;
    expect(await answerTo(new Failure("token-expired", "x"))).toMatchObject({ "www-authenticate": "Bearer" });
    expect(await answerTo(new Failure("unavailable", "x"))).toMatchObject({ "retry-after": "2" });
    expect(await answerTo(new Failure("conflict", "x"))).not.toHaveProperty("retry-after");
  });
});

describe("a JSON body", () => {
  it.each(["application/json", "Application/JSON; charset=utf-8"])("is taken as %s", (type) => {
    expect(jsonBody(apiRequest({ json: { a: 1 }, headers: { "content-type": type } }), 100)).toEqual({ a: 1 });
  });

  it.each<[string, Parameters<typeof apiRequest>[0], string]>([
    ["of another type", { json: {}, headers: { "content-type": "text/plain" } }, "unsupported-media-type"],
    ["of no type", { json: {}, headers: {} }, "unsupported-media-type"],
    ["that is too large", { json: "x".repeat(100) }, "body-too-large"],
    ["that is empty", {}, "malformed-json"],
    ["that breaks off", { body: utf8('{"a":') }, "malformed-json"],
    ["that names a key twice", { body: utf8('{"a":1,"a":2}') }, "malformed-json"],
    ["that is no text", { body: new Uint8Array([0xff]) }, "malformed-json"],
  ])("%s is refused", (_, request, code) => {
    expect(codeOf(() => jsonBody(apiRequest(request), 100)).code).toBe(code);
  });
});

describe("a bearer token", () => {
  it("is read whatever the case of its scheme", () => {
    expect(bearerToken(apiRequest({ headers: { authorization: "bearer a.b-c_d~e+f/g==" } }))).toBe("a.b-c_d~e+f/g==");
  });

  it.each([undefined, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", " Bearer a", "Bearer a\n"])(
    "is missing in %j",
    (authorization) => {
      expect(codeOf(() => bearerToken(apiRequest({ headers: { authorization } }))).code).toBe("unauthenticated");
    },
  );
});
