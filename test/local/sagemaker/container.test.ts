import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { type ContainerOrder, startContainer } from "../../../local/sagemaker/container.ts";

const folder = mkdtempSync(join(tmpdir(), "containers-"));
afterAll(() => rmSync(folder, { recursive: true }));
const repository = "registry.example/scorer";

/** Answers every request with its environment and its model files; ends at SIGTERM as any program does. */
const honest = `import { readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
createServer((_, response) => {
  response.end(JSON.stringify({ names: Object.keys(process.env), files: readdirSync(process.env.SM_MODEL_DIR) }));
}).listen(process.env.SAGEMAKER_BIND_TO_PORT, process.env.HOST);
`;

function imageOf(name: string, source: string) {
  const program = join(folder, `${name}.mjs`);
  writeFileSync(program, source);
  return { repository, digest: `sha256:${createHash("sha256").update(source).digest("hex")}`, program };
}

function order(image: { digest: string }, override: Partial<ContainerOrder> = {}): ContainerOrder {
  return {
    image: `${repository}@${image.digest}`,
    environment: { GREETING: "hello" },
    download: async (directory) => writeFileSync(join(directory, "model.json"), "{}"),
    startupTimeout: 10_000,
    directory: join(folder, "homes"),
    logFile: join(folder, "log"),
    signal: new AbortController().signal,
    ...override,
  };
}

describe("a container", () => {
  it("gets its model and its own environment, and nothing of this process's", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const image = imageOf("honest", honest);
    const container = await startContainer([image], order(image));
    const seen = (await (await fetch(container.url)).json()) as { names: string[]; files: string[] };
    vi.unstubAllEnvs();
    expect(seen.files).toEqual(["model.json"]);
    expect(seen.names).toEqual(expect.arrayContaining(["GREETING", "SAGEMAKER_BIND_TO_PORT", "SM_MODEL_DIR", "HOST"]));
    expect(seen.names).not.toContain("AWS_SECRET_ACCESS_KEY");
    await container.stop();
    await expect(fetch(container.url)).rejects.toThrow();
    expect(readdirSync(join(folder, "homes"))).toEqual([]);
  });

  it("starts from a checkout in a folder of any name", async () => {
    const checkout = join(folder, "c# 50%41?");
    for (const part of ["local", "core/failure.ts"])
      cpSync(join(import.meta.dirname, "../../..", part), join(checkout, part), { recursive: true });
    const source = pathToFileURL(join(checkout, "local/sagemaker/container.ts")).href;
    const { startContainer: start } = (await import(source)) as typeof import("../../../local/sagemaker/container.ts");
    const image = imageOf("anywhere", honest);
    const container = await start([image], order(image));
    expect((await fetch(container.url)).status).toBe(200);
    await container.stop();
  });

  it("is not started from a program that was changed after its digest was taken", async () => {
    const image = imageOf("changed", honest);
    writeFileSync(image.program, `${honest}// and more\n`);
    await expect(startContainer([image], order(image))).rejects.toMatchObject({ kind: "image" });
  });

  it("that ends before it answers is given up at once, and its words are in the log", async () => {
    const image = imageOf("ends", 'throw new Error("no such model");');
    await expect(startContainer([image], order(image))).rejects.toMatchObject({ kind: "ping" });
    expect(readFileSync(join(folder, "log"), "utf8")).toContain("no such model");
    expect(readdirSync(join(folder, "homes"))).toEqual([]);
  });

  it("that never gets healthy is stopped when nobody waits any more", async () => {
    const image = imageOf("silent", "setInterval(() => undefined, 1000);");
    const closing = new AbortController();
    const started = startContainer([image], order(image, { signal: closing.signal }));
    closing.abort();
    await expect(started).rejects.toMatchObject({ kind: "ping" });
  });

  it("does not outlive the process that started it", async () => {
    const image = imageOf("orphan", honest);
    const parent = join(folder, "parent.ts");
    const source = join(import.meta.dirname, "../../../local/sagemaker/container.ts");
    const given = JSON.stringify({ ...order(image), download: undefined, signal: undefined });
    writeFileSync(
      parent,
      `import { startContainer } from ${JSON.stringify(source)};
const order = { ...${given}, download: async () => undefined, signal: new AbortController().signal };
console.log((await startContainer([${JSON.stringify(image)}], order)).url);
setInterval(() => undefined, 1000);
`,
    );
    const child = spawn(process.execPath, [parent], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    const url = String(line).trim();
    expect((await fetch(url)).status).toBe(200);
    child.kill("SIGKILL");
    await vi.waitFor(() => expect(fetch(url)).rejects.toThrow(), { timeout: 10_000, interval: 20 });
  });
});
