import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCallLog } from "../../local/call-log.ts";
import { freePort, portsFor } from "../../local/ports.ts";
import { lockState } from "../../local/state-lock.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "state-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("the lock of a state directory", () => {
  it("keeps a second stack out", () => {
    lockState(directory);
    expect(() => lockState(directory)).toThrow(`${directory} is in use by process ${process.pid}.`);
  });

  it("is what a second `npm start` is told of, and not that another program has its ports", async () => {
    lockState(directory);
    const { portal } = await portsFor(directory, "free");
    const first = createServer().listen(portal, "127.0.0.1");
    await once(first, "listening");
    const script = fileURLToPath(new URL("../../local/start.ts", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, "--state", directory, "--port", `${portal}`], {
      encoding: "utf8",
    });
    first.close();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${directory} is in use by process ${process.pid}. Stop it, or use another directory.\n`,
    });
  });

  it("can be taken again once it is released", () => {
    lockState(directory)();
    expect(lockState(directory)).toBeTypeOf("function");
  });

  it("keeps out while another process lives", () => {
    writeFileSync(join(directory, "lock"), String(process.ppid));
    expect(() => lockState(directory)).toThrow(`process ${process.ppid}`);
  });

  it.each([
    ["a process that has ended", String(2 ** 22 + 1)],
    ["nobody, because it was cut short", ""],
    ["this process, from before it was started", String(process.pid)],
  ])("is taken over from %s", (_, owner) => {
    writeFileSync(join(directory, "lock"), owner);
    expect(lockState(directory)).toBeTypeOf("function");
    expect(readFileSync(join(directory, "lock"), "utf8")).toBe(String(process.pid));
  });
});

describe("ports", () => {
  it("are a row from the first on", async () => {
    const first = await freeRow();
    const row = { portal: first, api: first + 1, elsewhere: first + 12 };
    expect(await portsFor(directory, first)).toMatchObject(row);
  });

  it("that are free differ from each other and stay with the directory", async () => {
    const ports = await portsFor(directory, "free");
    expect(new Set(Object.values(ports)).size).toBe(Object.keys(ports).length);
    expect(await portsFor(directory, "free")).toEqual(ports);
  });

  it("that are free are none that the system gives to an outgoing connection while the stack is down", async () => {
    expect(Math.max(...Object.values(await portsFor(directory, "free")))).toBeLessThan(32_768);
  });

  it("that are free are passed over where something listens already", async () => {
    const taken = createServer();
    const port = await freePort();
    taken.listen(port, "127.0.0.1");
    await once(taken, "listening");
    expect(await freePort(port)).toBeGreaterThan(port);
    taken.close();
    await once(taken, "close");
  });

  it("cannot be others than the directory was made with: links and tokens name them", async () => {
    const first = await freeRow();
    await portsFor(directory, first);
    await expect(portsFor(directory, first + 1)).rejects.toThrow(`was made with port ${first}`);
  });

  /** The first of so many free ports in a row as a stack listens at: one may be running meanwhile. */
  async function freeRow(): Promise<number> {
    const many = Object.keys(await portsFor(mkdtempSync(join(directory, "other-")), "free")).length;
    let first = await freePort();
    for (let next = first; next < first + many; next += 1) {
      const free = await freePort(next);
      if (free !== next) first = next = free;
    }
    return first;
  }
});

describe("the call log", () => {
  const call = {
    at: "2026-04-09T00:00:00Z",
    principal: "P",
    action: "s3:GetObject",
    resource: "*",
    context: {},
    status: 200,
  };
  const lines = () => readFileSync(join(directory, "calls.jsonl"), "utf8").trimEnd().split("\n");

  it("is on disk after a flush, one line for each call in order", () => {
    const log = openCallLog(join(directory, "calls.jsonl"));
    log.record(call);
    log.record({ ...call, status: 404 });
    log.flush();
    expect(lines().map((line) => JSON.parse(line))).toEqual([call, { ...call, status: 404 }]);
    log.close();
  });

  it("is flushed when it is closed, and goes on when it is opened again", () => {
    for (const principal of ["First", "Second"]) {
      const log = openCallLog(join(directory, "calls.jsonl"));
      log.record({ ...call, principal });
      log.close();
    }
    expect(lines().map((line) => JSON.parse(line).principal)).toEqual(["First", "Second"]);
  });
});
