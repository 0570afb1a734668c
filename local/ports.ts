import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { isRecord } from "./json-shape.ts";

/** Everything that listens, in the order of fixed ports from the first on. */
const listeners = [
  "portal",
  "api",
  "mailbox",
  "issuer",
  "ciIssuer",
  "s3",
  "dynamodb",
  "kms",
  "stepFunctions",
  "eventBridge",
  "cognito",
  "sagemaker",
  "elsewhere",
] as const;

export type Listener = (typeof listeners)[number];
export type Ports = Readonly<Record<Listener, number>>;

/** First of the fixed ports: the portal's. */
export const firstPort = 4580;

/**
 * The ports of the stack in `directory`. They are kept there, because addresses are in what the stack stores (links
 * in mails, issuers of tokens that are verified again). `wish`: the first of a row, or free ones for a new directory.
 * Throws `conflict` where the directory was made with others than wished.
 */
export async function portsFor(directory: string, wish: number | "free"): Promise<Ports> {
  const path = join(directory, "ports.json");
  const kept = existsSync(path) ? readPorts(path) : undefined;
  if (kept !== undefined) {
    if (wish === "free" || kept.portal === wish) return kept;
    throw new Failure(
      "conflict",
      `${directory} was made with port ${kept.portal}, and its links and tokens name it. Use that port or a new directory.`,
    );
  }
  const numbers = wish === "free" ? await freePorts(listeners.length) : listeners.map((_, index) => wish + index);
  const ports = Object.fromEntries(listeners.map((name, index) => [name, numbers[index] ?? 0])) as Record<
    Listener,
    number
  >;
  writeFileSync(path, `${JSON.stringify(ports, undefined, 2)}\n`, { mode: 0o600 });
  return ports;
}

function readPorts(path: string): Ports {
  const given: unknown = JSON.parse(readFileSync(path, "utf8"));
  const ports = isRecord(given) ? given : {};
  return Object.fromEntries(listeners.map((name) => [name, Number(ports[name] ?? 0)])) as Record<Listener, number>;
}

/** Held open together, so that no two are the same. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
