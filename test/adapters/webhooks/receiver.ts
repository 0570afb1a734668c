import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { onTestFinished } from "vitest";

/** A message as the receiver took it, its signature verified by the standard's own library. */
export interface TakenMessage {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A receiver of deployments that tests steer: what it describes, and what it answers to each type of message. */
export async function startReceiver(secret: string) {
  const messages: TakenMessage[] = [];
  const state: { running: object; status: Record<string, number>; answers: Record<string, string>; mute: boolean } = {
    running: { revision: "r-1" },
    status: {},
    answers: {},
    mute: false,
  };
  const server = createServer(async (request, response) => {
    if (state.mute) return void response.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const { type, data } = new Webhook(secret).verify(
        Buffer.concat(chunks).toString("utf8"),
        headers,
      ) as TakenMessage;
      messages.push({ id: headers["webhook-id"] ?? "", type, data });
      response.writeHead(state.status[type] ?? 200);
      response.end(state.answers[type] ?? (type === "deployment.describe" ? JSON.stringify(state.running) : ""));
    } catch {
      response.writeHead(401).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    state,
    /** What it took beside being asked what runs. */
    asked: () => messages.filter(({ type }) => type !== "deployment.describe"),
  };
}
