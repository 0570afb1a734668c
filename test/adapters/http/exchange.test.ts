import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { httpExchange } from "../../../adapters/http/exchange.ts";
import { NotReached } from "../../../core/notification/channel.ts";
import { serverCertificate } from "../../../local/server-certificate.ts";
import { scratchDirectory } from "../../local/recorded-calls.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/?sig=key`;
}
const exchange = httpExchange(5000);
const post = (url: string) => exchange({ method: "POST", url, headers: { "x-a": "b" }, body: "hello" });

describe("an exchange over HTTP", () => {
  it("answers with status and body", async () => {
    const url = await serve((request, response) => response.writeHead(418).end(request.headers["x-a"]));
    expect(await post(url)).toEqual({ status: 418, body: "b" });
  });

  it("hands on how long the other end asks to be left alone", async () => {
    const url = await serve((_, response) => response.writeHead(429, { "retry-after": "30" }).end());
    expect(await post(url)).toEqual({ status: 429, body: "", retryAfter: "30" });
  });

  it("follows no redirect", async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: "https://evil.example" }).end());
    expect(await post(url)).toMatchObject({ status: 302 });
  });

  it("says so where nobody listens", async () => {
    const url = await serve(() => {});
    const { port } = new URL(url);
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const free = (closed.address() as AddressInfo).port;
    await new Promise((resolve) => closed.close(resolve));
    await expect(post(url.replace(port, String(free)))).rejects.toBeInstanceOf(NotReached);
  });

  // As Node has it: a name with several addresses, none of which had answered 250 ms later
  // (https://github.com/nodejs/node/issues/54359).
  const connecting = (code: string) => Object.assign(new Error(`connect ${code}`), { code, syscall: "connect" });
  const aggregate = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: "ETIMEDOUT" });
  it.each([
    ["address of a name answers in time", aggregate(connecting("ETIMEDOUT"), connecting("ENETUNREACH"))],
    ["connection is made in time", Object.assign(new Error(), { code: "UND_ERR_CONNECT_TIMEOUT" })],
    ["connection to the one address is made in time", connecting("ETIMEDOUT")],
  ])("says so where no %s: what was to be sent has not left", async (_, cause) => {
    const fetching = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed", { cause }));
    onTestFinished(() => fetching.mockRestore());
    await expect(post("https://hooks.example.org/?sig=key")).rejects.toBeInstanceOf(NotReached);
  });

  it.each([
    [
      "a token that was copied with its middle left out",
      "https://hooks.example.org/",
      { authorization: "Bearer xoxb-…" },
    ],
    ["an address with a password in it", "https://somebody:key@hooks.example.org/", {}],
  ])("says so of %s, which makes no request, and quotes it nowhere", async (_, url, headers) => {
    const error: unknown = await exchange({ method: "POST", url, headers }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new NotReached("This is no request that can be sent."));
    expect(error).not.toHaveProperty("cause");
  });

  it("is in doubt where a connection that was made is dead: what was sent may have arrived", async () => {
    const cause = Object.assign(new Error("read ETIMEDOUT"), { code: "ETIMEDOUT", syscall: "read" });
    const fetching = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed", { cause }));
    onTestFinished(() => fetching.mockRestore());
    await expect(post("https://hooks.example.org/?sig=key")).rejects.toEqual(new Error("The exchange was broken off."));
  });

  it("says so where whoever answers shows a certificate that nobody vouches for, and sends it nothing", async () => {
    let asked = 0;

    const server = createSecureServer(await serverCertificate(scratchDirectory(), Date.now), () => {
      asked += 1;
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(post(`https://127.0.0.1:${port}/`)).rejects.toBeInstanceOf(NotReached);
    expect(asked).toBe(0);
  });

  it("has a connection of its own: one that was kept since the one before may be closed already", async () => {
    const connections = new Set<unknown>();
    const url = await serve((request, response) => {
      connections.add(request.socket);
      response.end();
    });
    for (let posted = 0; posted < 3; posted += 1) await post(url);
    expect(connections.size).toBe(3);
  });

  it("that is broken off is in doubt, and the error does not name the address", async () => {
    const url = await serve((request) => request.socket.destroy());
    const error: unknown = await post(url).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(NotReached);
    expect(error).toEqual(new Error("The exchange was broken off."));
  });

  it("takes no endless answer", async () => {
    const url = await serve((_, response) => response.end("x".repeat(300 * 1024)));
    await expect(post(url)).rejects.toThrow("too long");
  });
});
