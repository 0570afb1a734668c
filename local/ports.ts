import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";
import { isRecord } from "./aws/json-shape.ts";

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
  "cloudWatch",
  "eks",
  "kubernetes",
  "sqs",
  "channels",
  "secrets",
  "cloudFormation",
  "sts",
] as const;

type Listener = (typeof listeners)[number];
export type Ports = Readonly<Record<Listener, number>>;

/** First of the fixed ports: the portal's. */
export const firstPort = 4580;

/**
 * The ports of the stack in `directory`. They are kept there, because addresses are in what the stack stores (links
 * in mails, issuers of tokens that are verified again). `wish`: the first of a row, or free ones for a new directory.
 * Throws `conflict` where the directory was made with others than wished, or one of them is taken.
 */
export async function portsFor(directory: string, wish: number | "free"): Promise<Ports> {
  const ports = await requirePorts(directory, wish);
  keepPorts(directory, ports);
  return ports;
}

/** The same, and nothing is kept yet: for whoever wants to know before anything else is done. */
export async function requirePorts(directory: string, wish: number | "free"): Promise<Ports> {
  const path = portsFile(directory);
  if (existsSync(path)) {
    const kept = await readPorts(path);
    if (wish !== "free" && kept.portal !== wish)
      throw new Failure(
        "conflict",
        `${directory} was made with port ${kept.portal}, and its links and tokens name it. Use that port or a new directory.`,
      );
    await requireFree(kept, `${directory} was made with it: stop what listens there, or use another directory.`);
    return kept;
  }
  const numbers = wish === "free" ? await freePorts(listeners.length) : listeners.map((_, index) => wish + index);
  const ports = Object.fromEntries(listeners.map((name, index) => [name, numbers[index] ?? 0])) as Record<
    Listener,
    number
  >;
  // Before they are kept: whoever takes another port then may take the same directory.
  const most = listeners.length;
  await requireFree(
    ports,
    `Stop what listens there, or take another first port: it and the ${most - 1} after it are used.`,
  );
  return ports;
}

function portsFile(directory: string): string {
  return join(directory, "ports.json");
}

function keepPorts(directory: string, ports: Ports): void {
  writeFileSync(portsFile(directory), `${JSON.stringify(ports, undefined, 2)}\n`, { mode: 0o600 });
}

async function requireFree(ports: Ports, remedy: string): Promise<void> {
  for (const port of Object.values(ports)) {
    if (!(await isFree(port)))
      throw new Failure("conflict", `Port ${port} of 127.0.0.1 is taken by another program. ${remedy}`);
  }
}

/** What listens since the directory was made gets a port after the others. */
async function readPorts(path: string): Promise<Ports> {
  const given: unknown = JSON.parse(readFileSync(path, "utf8"));
  const numbers = isRecord(given) ? given : {};
  const ports: Partial<Record<Listener, number>> = {};
  let last = Math.max(...Object.values(numbers).map(Number));
  for (const name of listeners) {
    const kept = numbers[name];
    if (typeof kept !== "number") last = await freePort(last + 1);
    ports[name] = typeof kept === "number" ? kept : last;
  }
  return ports as Ports;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  while (found.length < count) found.push(await freePort((found.at(-1) ?? randomPort()) + 1));
  return found;
}

/**
 * A free port on loopback, the first from `from` on. From below the range that a system draws from by itself (32768 on
 * Linux, 49152 elsewhere: ip_local_port_range, RFC 6335): one drawn from within could become an outgoing connection's
 * own between the look and the listening, or while a stack that is to come back at the same addresses is down.
 */
export async function freePort(from: number = randomPort()): Promise<number> {
  for (let port = from; port < firstOfTheSystems; port += 1) if (await isFree(port)) return port;
  throw noPort();
}

const firstOfTheSystems = 32_768;

function noPort(): Failure {
  return new Failure("unavailable", "No free port is left on the loopback interface.");
}

const held = new Set<number>();

/** A free port that nobody else of this process is given until it is let go: what is started with it takes a moment until it listens. */
export async function holdPort(
  from: number = randomPort(),
): Promise<{ readonly port: number; readonly letGo: () => void }> {
  for (let port = from; port < firstOfTheSystems; port += 1) {
    if (held.has(port)) continue;
    held.add(port);
    if (await isFree(port)) return { port, letGo: () => void held.delete(port) };
    held.delete(port);
  }
  throw noPort();
}

/** Above the ports that browsers refuse to open. */
function randomPort(): number {
  return randomInt(12_000, 30_000);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES"))
      return false;
    throw error;
  }
  server.close();
  await once(server, "close");
  return true;
}
