import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LocalKubernetes, startKubernetes } from "../../../local/kubernetes/kubernetes.ts";

/** Ends at once where the file at TRIED is not there yet; says by the file at ASKED that it was asked, and answers late then. */
const program = `import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
const { NAME, TRIED, ASKED, HOST, SAGEMAKER_BIND_TO_PORT: port } = process.env;
if (TRIED !== undefined && !existsSync(TRIED)) {
  writeFileSync(TRIED, "");
  process.exit(1);
}
createServer((_, response) => {
  if (ASKED !== undefined) writeFileSync(ASKED, "");
  setTimeout(() => response.end(NAME), ASKED === undefined ? 0 : 500);
}).listen(Number(port), HOST);
`;

const directory = mkdtempSync(join(tmpdir(), "restarts-"));
const file = (name: string) => join(directory, name);
let image: string;
let kubernetes: LocalKubernetes;

beforeAll(async () => {
  writeFileSync(file("program.mjs"), program);
  const digest = `sha256:${createHash("sha256")
    .update(readFileSync(file("program.mjs")))
    .digest("hex")}`;
  image = `registry.example/trial@${digest}`;
  kubernetes = await startKubernetes({
    name: "trial",
    directory: file("cluster"),
    images: [{ repository: "registry.example/trial", digest, program: file("program.mjs") }],
    readObject: () => Promise.reject(new Error("NoSuchKey")),
    accessEntries: [],
    // What is started again is so at once, and no deadline is ever over.
    passed: (seconds) => (seconds < 600 ? Promise.resolve() : new Promise(() => undefined)),
  });
  kubernetes.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: models } }");
});

afterAll(async () => {
  await kubernetes.close();
  rmSync(directory, { recursive: true });
});

function bring(name: string, environment: Readonly<Record<string, string>>): void {
  const env = Object.entries(environment).map(([each, value]) => ({ name: each, value }));
  const template = { spec: { containers: [{ name: "scorer", image, env }] } };
  const metadata = { name, namespace: "models" };
  kubernetes.apply(JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template } }));
}

const standing = (name: string) => JSON.stringify(kubernetes.read("apps/v1", "Deployment", "models", name)?.["status"]);
const untilReady = (name: string) =>
  vi.waitFor(() => expect(standing(name)).toContain("NewReplicaSetAvailable"), { timeout: 20_000, interval: 25 });
const answerOf = async (name: string) => (await kubernetes.invoke("models", name, "/", {})).text();

describe("a container that does not come up", () => {
  it("is started again, and its Deployment is ready then: not once its deadline is over", async () => {
    bring("slow-to-start", { NAME: "up", TRIED: file("tried") });
    await untilReady("slow-to-start");
    expect(existsSync(file("tried"))).toBe(true);
    expect(await answerOf("slow-to-start")).toBe("up");
  });
});

describe("pods that become ready in the moment in which they are ended", () => {
  it("do not take the place of those that were asked for again", async () => {
    bring("changed-back", { NAME: "first" });
    await untilReady("changed-back");
    bring("changed-back", { NAME: "second", ASKED: file("asked") });
    await vi.waitFor(() => expect(existsSync(file("asked"))).toBe(true), { timeout: 20_000, interval: 5 });
    bring("changed-back", { NAME: "first" });
    await untilReady("changed-back");
    expect(await answerOf("changed-back")).toBe("first");
  });
});
