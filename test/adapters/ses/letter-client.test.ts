import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import { describe, expect, it, onTestFinished } from "vitest";
import { email } from "../../../adapters/ses/email.ts";
import { letterClient } from "../../../adapters/ses/letter-client.ts";
import { message } from "../message.ts";

const letter = new SendEmailCommand({
  FromEmailAddress: "countersign@example.org",
  Destination: { ToAddresses: ["cora@example.org"] },
  Content: { Simple: { Subject: { Data: "Hello" }, Body: { Text: { Data: "Hello" } } } },
});

/** The client, before an SES that answers so. */
async function clientOf(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return letterClient({
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
}

describe("the client for letters", () => {
  it("has a connection of its own for each: SES may have closed the last one while the function was frozen", async () => {
    const connections = new Set<unknown>();
    const client = await clientOf((request, response) => {
      if (connections.has(request.socket)) return request.socket.destroy();
      connections.add(request.socket);
      response.writeHead(200, { "content-type": "application/json" });
      return request.resume().on("end", () => response.end(JSON.stringify({ MessageId: "m-1" })));
    });
    for (let sent = 0; sent < 3; sent += 1) expect(await client.send(letter)).toMatchObject({ MessageId: "m-1" });
    expect(connections.size).toBe(3);
  });

  it.each([
    ["nobody answers", "http://127.0.0.1:9"],
    ["the name is nobody's", "http://email.us-east-1.invalid"],
    ["nobody answers at any address of the name", "http://localhost:9"],
  ])("has a letter that has not left, as %s, tried again", async (_, endpoint) => {
    const client = letterClient({
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      endpoint,
    });
    const sender = email(client, "countersign@example.org", "letters", async () => undefined).open({});
    const to = { name: "Cora", address: "cora@example.org" };
    expect(await sender.post(message({ to }), "")).toEqual({ kind: "refused", code: "not-reached" });
  });

  it("leaves a letter in doubt whose connection was broken off", async () => {
    const client = await clientOf((request) => request.socket.destroy());
    const sender = email(client, "countersign@example.org", "letters", async () => undefined).open({});
    await expect(sender.post(message({ to: { name: "Cora", address: "c@example.org" } }), "")).rejects.toThrow(
      "hang up",
    );
  });

  it("tries once: a letter whose answer was lost may have left", async () => {
    let tries = 0;
    const client = await clientOf((request) => {
      tries += 1;
      request.socket.destroy();
    });
    await expect(client.send(letter)).rejects.toThrow("socket hang up");
    expect(tries).toBe(1);
  });
});
