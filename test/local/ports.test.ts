import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort, holdPort, type Ports, portsFor, requirePorts } from "../../local/ports.ts";

function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "countersign-ports-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function takePort(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
}

/** The first of so many as a stack needs that nobody has: other tests run beside this one. */
async function freeRow(from?: number): Promise<number> {
  const first = await freePort(from);
  for (let port = first; port < first + 32; port += 1) if ((await freePort(port)) !== port) return freeRow(port + 1);
  return first;
}

const last = (ports: Ports) => Math.max(...Object.values(ports));

describe("the ports of a stack", () => {
  it("are in a row from the first on, kept, and the same at the next start", async () => {
    const directory = emptyDirectory();
    const first = await freeRow();
    const ports = await portsFor(directory, first);
    const numbers = Object.values(ports);
    expect(ports.portal).toBe(first);
    expect(numbers).toEqual(numbers.map((_, at) => first + at));
    expect(await portsFor(directory, first)).toEqual(ports);
    expect(await portsFor(directory, "free")).toEqual(ports);
  });

  it("are not kept where one of them is taken: the same directory takes others then", async () => {
    const directory = emptyDirectory();
    const first = await freeRow();
    await takePort(first + 2);
    await expect(portsFor(directory, first)).rejects.toThrow(
      `Port ${first + 2} of 127.0.0.1 is taken by another program. Stop what listens there, or take another first port`,
    );
    expect(existsSync(join(directory, "ports.json"))).toBe(false);
    expect((await portsFor(directory, "free")).portal).toBeGreaterThan(0);
  });

  it("may be asked for beforehand, and are not kept by that", async () => {
    const directory = emptyDirectory();
    const first = await freeRow();
    expect((await requirePorts(directory, first)).portal).toBe(first);
    expect(existsSync(join(directory, "ports.json"))).toBe(false);
    await takePort(first);
    await expect(requirePorts(directory, first)).rejects.toThrow(`Port ${first} of 127.0.0.1 is taken`);
  });

  it("are those of before and no others: it is said where somebody took one meanwhile", async () => {
    const directory = emptyDirectory();
    const ports = await portsFor(directory, "free");
    await takePort(last(ports));
    await expect(portsFor(directory, "free")).rejects.toThrow(
      `Port ${last(ports)} of 127.0.0.1 is taken by another program. ${directory} was made with it: stop what listens there`,
    );
  });

  it("cannot be changed: links and tokens name them", async () => {
    const directory = emptyDirectory();
    const { portal } = await portsFor(directory, "free");
    await expect(portsFor(directory, portal + 100)).rejects.toThrow(`${directory} was made with port ${portal}`);
  });
});

describe("a port for what is about to listen", () => {
  it("is given to nobody else until it is let go, though nobody listens yet", async () => {
    const from = await freeRow();
    const [one, other] = await Promise.all([holdPort(from), holdPort(from)]);
    expect([one.port, other.port].toSorted()).toEqual([from, from + 1]);
    const third = await holdPort(from);
    expect(third.port).toBe(from + 2);
    for (const { letGo } of [one, other, third]) letGo();
    const again = await holdPort(from);
    expect(again.port).toBe(from);
    again.letGo();
  });
});
