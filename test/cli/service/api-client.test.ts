import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { apiClient } from "../../../cli/service/api-client.ts";
import { listenOnLoopback } from "../../../local/loopback-server.ts";
import { serverCertificate } from "../../../local/server-certificate.ts";
import { scratchDirectory } from "../../local/recorded-calls.ts";

describe("an address of a service", () => {
  it.each(["https://sign.example/v1", "https://sign.example/v1/", "https://sign.example/behind/v1"])(
    "is given without the /v1 of its API: %s",
    (url) => {
      expect(() => apiClient(url)).toThrow(
        `The address of the service has no /v1 at its end: ${url.replace(/\/v1\/?$/, "")}`,
      );
    },
  );

  it("may have a path", () => {
    expect(apiClient("https://sign.example/behind/").base).toBe("https://sign.example/behind");
  });
});

describe("a service that is not there", () => {
  it("is told in words, with the machine's own", async () => {
    // A port that was free a moment ago.
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    server.close();
    await once(server, "close");
    expect(await apiClient(`http://127.0.0.1:${port}`).get("/v1/service")).toMatchObject({
      kind: "problem",
      sentence: `http://127.0.0.1:${port} cannot be reached: nothing listens there (ECONNREFUSED).`,
    });
  });

  it("because another program answers there, is told so", async () => {
    const other = await listenOnLoopback((_, response) => void response.end("hello"));
    onTestFinished(() => other.close());
    const address = other.url.replace("http:", "https:");
    expect(await apiClient(address).get("/v1/service")).toMatchObject({
      sentence: `${address} cannot be reached: what answers there speaks no TLS (ERR_SSL_WRONG_VERSION_NUMBER).`,
    });
  });

  it("under a certificate that this machine does not trust, is told what to do", async () => {
    const tls = await serverCertificate(scratchDirectory(), Date.now);
    const own = await listenOnLoopback((_, response) => void response.end("{}"), 0, tls);
    onTestFinished(() => own.close());
    expect(await apiClient(own.url).get("/v1/service")).toMatchObject({
      sentence: expect.stringMatching(
        /cannot be reached: its certificate is of nobody whom this machine trusts; NODE_EXTRA_CA_CERTS names .* \([A-Z_]+\)\.$/,
      ),
    });
  });
});
