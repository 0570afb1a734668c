import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { keySetAddress, requireTrustworthy } from "../../../adapters/oidc/key-sets.ts";

describe("an issuer's keys", () => {
  it.each([
    "https://login.example/pool/.well-known/jwks.json",
    "http://localhost:4583/pool/.well-known/jwks.json",
    "http://127.0.0.1:4583/pool/.well-known/jwks.json",
    "http://[::1]:4583/pool/.well-known/jwks.json",
  ])("are fetched from %s", (address) => {
    expect(() => requireTrustworthy(address)).not.toThrow();
  });

  it.each([
    "http://login.example/pool/.well-known/jwks.json",
    "http://localhost.login.example/jwks.json",
    "http://127.0.0.1.login.example/jwks.json",
    "http://127.login.example/jwks.json",
    "ftp://127.0.0.1/jwks.json",
  ])("are not fetched from %s, which others could answer for", (address) => {
    expect(() => requireTrustworthy(address)).toThrow("https only");
  });

  it("are not asked for of whoever answers without end", async () => {
    const piece = Buffer.alloc(64 * 1024, " ");
    let sent = 0;
    const server = createServer((_, answer) => {
      const more = () => {
        while (!answer.destroyed && answer.write(piece)) sent += piece.length;
      };
      answer.on("drain", more);
      more();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    await expect(keySetAddress(`http://127.0.0.1:${port}`)).rejects.toThrow("The answer is too long.");
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});
