import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AwsCall } from "../../local/aws/aws-call.ts";
import { putObject } from "../../local/s3/objects.ts";
import { type RunningStack, startStack } from "../../local/stack.ts";
import { writeAssembly } from "./stack-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "stack-"));
const cdkOut = writeAssembly(join(folder, "cdk.out"));
const people = fileURLToPath(new URL("../../local/people.json", import.meta.url));
const stateDirectory = join(folder, "state");

function start(over: { readonly cdkOut?: string; readonly stateDirectory?: string } = {}): Promise<RunningStack> {
  const parameters = ({ portal }: { readonly portal: string }) => ({ PortalUrl: portal });
  return startStack({ stateDirectory, cdkOut, people, parameters, ...over });
}

let stack: RunningStack;
beforeAll(async () => {
  stack = await start();
});
afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true });
});

const note = async (id: string, init?: RequestInit) => {
  const response = await fetch(`${stack.addresses.portal}/notes/${encodeURIComponent(id)}`, init);
  return (await response.json()) as {
    readonly item: Record<string, { readonly N?: string }> | null;
    readonly portal: string;
  };
};
const calls = () => {
  stack.callLog.flush();
  const lines = readFileSync(stack.callLog.path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as AwsCall);
};

describe("the stack of two templates", () => {
  it("answers with the function, which got the parameter and the other stack's table", async () => {
    expect(await note("absent")).toEqual({ item: null, portal: stack.addresses.portal });
  });

  it("wakes the stream's reader with a write, and the rule's function with its event", async () => {
    await note("a", { method: "POST", body: "text" });
    await vi.waitFor(async () => expect(await note("EVENT#NOTE#a")).toMatchObject({ item: { n: { N: "1" } } }), 10_000);
    expect(await note("COUNT#NOTE#a")).toMatchObject({ item: { n: { N: "1" } } });
  });

  it("serves the portal's files, with the values that were not known at synthesis", async () => {
    const page = await fetch(`${stack.addresses.portal}/`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
    const config = await fetch(`${stack.addresses.portal}/config.json`);
    expect(await config.json()).toEqual({ issuer: stack.addresses.issuer });
  });

  it("does not let API Gateway invoke a function without a permission of the template", async () => {
    const reported = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const response = await fetch(`${stack.addresses.portal}/notes`);
    expect(response.status).toBe(500);
    expect(reported).toHaveBeenCalledWith(expect.stringContaining("No AWS::Lambda::Permission lets apigateway"));
    reported.mockRestore();
  });

  it("keeps the bucket policy's rule that nothing is written over", async () => {
    const bucket = String(stack.outputs["Data"]?.["Ledger"]);
    const put = (key: string, headers = {}) =>
      putObject(stack.addresses.s3, { bucket, key, body: "x", headers }, "Somebody");
    await expect(put("tile")).rejects.toThrow("403");
    await put("tile", { "if-none-match": "*" });
    await put("checkpoint");
    await put("checkpoint");
  });

  it("writes down who made which call on which resource", async () => {
    const made = calls().filter(({ principal }) => principal === "NoteFunction");
    const resource = "arn:aws:dynamodb:us-east-1:000000000000:table/Data-NotesTable";
    expect(made).toContainEqual(expect.objectContaining({ action: "dynamodb:PutItem", resource, status: 200 }));
    expect(made).toContainEqual(expect.objectContaining({ action: "events:PutEvents", status: 200 }));
    expect(made).toContainEqual(
      expect.objectContaining({ action: "dynamodb:GetRecords", resource: expect.stringMatching(/\/stream\//) }),
    );
  });

  it("keeps a second stack off its directory", async () => {
    await expect(start()).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("after a restart in the same directory", () => {
  it("everything is where it was, at the same addresses", async () => {
    const { addresses, outputs } = stack;
    await stack.close();
    expect(existsSync(join(stateDirectory, "lock"))).toBe(false);
    stack = await start();
    expect(stack.addresses).toEqual(addresses);
    expect(stack.outputs).toEqual(outputs);
    expect(await note("NOTE#a")).toMatchObject({ item: { text: { S: "text" } } });
  });
});

describe("a template that cannot run here", () => {
  it("stops the start with a sentence and leaves nothing behind", async () => {
    const cdkOut = writeAssembly(join(folder, "other"), { Instance: { Type: "AWS::EC2::Instance", Properties: {} } });
    const other = join(folder, "other-state");
    await expect(start({ cdkOut, stateDirectory: other })).rejects.toThrow("Service.Instance (AWS::EC2::Instance)");
    expect(existsSync(join(other, "lock"))).toBe(false);
  });

  it("is missed where nobody synthesized it", async () => {
    const missing = { cdkOut: join(folder, "nowhere"), stateDirectory: join(folder, "third") };
    await expect(start(missing)).rejects.toThrow('Run "npx cdk synth" first.');
  });
});
