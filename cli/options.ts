import { InvalidArgumentError, Option } from "commander";
import { defaultTokenVariable } from "./machine-token.ts";
import { redirectPorts } from "./sign-in/loopback-redirect.ts";

/** `--url`: every command that talks to a deployment has it. */
export function urlOption(): Option {
  return new Option("--url <url>", "address of the Countersign deployment")
    .env("COUNTERSIGN_URL")
    .argParser(addressOf)
    .makeOptionMandatory();
}

/** A job whose variable is not set gives an empty one. */
function addressOf(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty: is the variable set in this job?");
  return text;
}

/** `--token-env` and `--audience`: how a CI job shows who it is. */
export function tokenOptions(): readonly Option[] {
  return [
    new Option("--token-env <name>", "environment variable that holds the CI job's OIDC token").default(
      defaultTokenVariable,
    ),
    new Option("--audience <audience>", "audience to ask GitHub Actions' token for (default: the origin of --url)"),
  ];
}

/** `--port` and `--open`: how a person signs in. */
export function signInOptions(): readonly Option[] {
  return [
    new Option(
      "--port <port>",
      `port of 127.0.0.1 that the sign-in comes back to (default: ${redirectPorts.join(", ")})`,
    ).argParser(portOf),
    new Option("--open", "open the sign-in page in the browser instead of only printing its address").default(false),
  ];
}

export interface TokenSettings {
  readonly tokenEnv: string;
  readonly audience?: string;
}

export interface SignInSettings {
  readonly port?: number;
  readonly open: boolean;
}

/** Milliseconds of a duration such as `90s`, `30m`, `4h` or `5d`. */
export function durationOf(text: string): number {
  const [, count, unit] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) {
    throw new InvalidArgumentError("Give a whole number with s, m, h or d, such as 90s, 30m or 5d.");
  }
  return Number(count) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as "s" | "m" | "h" | "d"];
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port < 1 || port > 65_535)
    throw new InvalidArgumentError("Give a port from 1 to 65535.");
  return port;
}
