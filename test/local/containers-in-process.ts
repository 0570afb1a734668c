import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Container,
  ContainerFailure,
  type ContainerOrder,
  type LocalImage,
} from "../../local/sagemaker/container.ts";

/**
 * Containers for tests that are about what SageMaker does with them, without a process for each: one answers with its
 * NAME and STATUS, is well once the file at GATE is there, and needs a model that is JSON.
 */
export function containersInProcess(failing: LocalImage) {
  const running = new Map<string, { readonly name: string; readonly status: number }>();
  const server = createServer((request, response) => {
    const { name = "", status = 502 } = running.get((request.url ?? "").split("/")[1] ?? "") ?? {};
    response.writeHead(status).end(name);
  });
  let count = 0;

  async function start(_: readonly LocalImage[], order: ContainerOrder): Promise<Container> {
    const { NAME: name = "", GATE: gate, STATUS: status = "200" } = order.environment;
    const folder = mkdtempSync(join(tmpdir(), "model-"));
    try {
      await order.download(folder);
      for (const file of readdirSync(folder)) JSON.parse(readFileSync(join(folder, file), "utf8"));
    } catch (cause) {
      throw new ContainerFailure(cause instanceof SyntaxError ? "ping" : "model-data", "no model", { cause });
    } finally {
      rmSync(folder, { recursive: true });
    }
    while (gate !== undefined && !existsSync(gate)) {
      if (order.signal.aborted) throw new ContainerFailure("ping", "nobody waits");
      await delay(5);
    }
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    count += 1;
    const id = String(count);
    running.set(id, { name, status: order.image.endsWith(failing.digest) ? 500 : Number(status) });
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${id}`,
      stop: async () => void running.delete(id),
    };
  }

  return {
    start,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
