import { copyFileSync, cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalService } from "../aws/aws-call.ts";
import type { Ports } from "../ports.ts";
import { stateFolder, type World } from "../world.ts";
import { startChannelReceivers } from "./channel-receivers.ts";
import { channelSecretArn } from "./channel-secrets.ts";

/** The directory of a function's code, with the channels of this machine in it where it reads any. */
export function codeWithChannels(
  world: Pick<World, "ownChannels" | "stateDirectory">,
  name: string,
  code: string,
): string {
  if (world.ownChannels === undefined || !existsSync(join(code, "policies", "channels.yaml"))) return code;
  const copy = join(stateFolder(world, "code"), name);
  rmSync(copy, { recursive: true, force: true });
  cpSync(code, copy, { recursive: true });
  copyFileSync(world.ownChannels.file, join(copy, "policies", "channels.yaml"));
  return copy;
}

/**
 * The policies as the functions have them, written anew below the stack's state at each start: whoever proposes a change
 * begins with a copy of these, since the checkout's would take away the channels of this machine.
 */
function writeOwnPolicies(channels: string, directory: string): void {
  const written = join(directory, "policies");
  rmSync(written, { recursive: true, force: true });
  cpSync(fileURLToPath(new URL("../../policies/", import.meta.url)), written, { recursive: true });
  copyFileSync(channels, join(written, "channels.yaml"));
}

/** What a function's environment says instead, so that it finds the channels' secrets. */
export function channelVariables(
  { ownChannels }: Pick<World, "ownChannels">,
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return ownChannels === undefined || !("CHANNEL_SECRET_ID" in environment)
    ? {}
    : { CHANNEL_SECRET_ID: channelSecretArn };
}

/** Starts the other ends of the channels in `file`; nothing where no file is named. */
export async function startOwnChannels(
  file: string | undefined,
  own: {
    readonly directory: string;
    readonly ports: Ports;
    readonly started: (service: LocalService) => LocalService;
  },
): Promise<Pick<World, "ownChannels" | "receivers">> {
  if (file === undefined) return {};
  const { directory, ports, started } = own;
  writeOwnPolicies(file, directory);
  const messages = join(directory, "channels", "messages.jsonl");
  const { url: receivers } = started(await startChannelReceivers({ file: messages, port: ports.channels }));
  return { ownChannels: { file }, receivers };
}
