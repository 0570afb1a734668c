import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { bundledTexts } from "../../../core/policy/policy-bundle.ts";
import { startOwnChannels } from "../../../local/channels/own-channels.ts";
import { freePort } from "../../../local/ports.ts";

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const policies = pathOf("../../../policies");
const channels = pathOf("../../../local/channels.yaml");

it("writes the policies that a change begins with: the checkout's, with the channels of this machine", async () => {
  const directory = mkdtempSync(join(tmpdir(), "countersign-policies-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  // What lay there before is gone: a file that the checkout has no more would be proposed.
  mkdirSync(join(directory, "policies"));
  writeFileSync(join(directory, "policies", "of-before.yaml"), "");
  const ports = { channels: await freePort() } as Parameters<typeof startOwnChannels>[1]["ports"];
  await startOwnChannels(channels, {
    directory,
    ports,
    started: (service) => {
      onTestFinished(() => service.close());
      return service;
    },
  });
  const textOf = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");
  const written = join(directory, "policies");
  const differing = bundledTexts.filter((name) => textOf(written, name) !== textOf(policies, name));
  expect(differing).toEqual(["channels.yaml"]);
  expect(textOf(written, "channels.yaml")).toBe(readFileSync(channels, "utf8"));
  expect(() => textOf(written, "of-before.yaml")).toThrow("ENOENT");
});
