import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { logIn } from "../../local/cognito/login-robot.ts";
import { startOidcProvider } from "../../local/cognito/oidc-provider.ts";
import { type Person, writePeople } from "../../local/people.ts";
import { freePort as belowTheSystemsOwn } from "../../local/ports.ts";
import { attestationBase } from "../core/promotion/promotion-in-review.ts";
import { signAsBefore } from "../local/same-signing-key.ts";

export const clientId = "cli-client";

function person(subject: string, name: string, groups: readonly string[]): Person {
  const username = name.toLowerCase();
  return {
    subject,
    username,
    password: `${username} horse`,
    name,
    email: `${username}@example.org`,
    groups: [...groups],
    enabled: true,
  };
}

/** The people of the tests' matrix, as the identity provider knows them. */
export const coraHerself = person("sub-cora", "Cora", ["compliance-officers"]);
export const samHimself = person("sub-sam", "Sam", ["sre"]);

/** The certified provider that the local stack runs, with the command line as its native client. */
export async function identityProvider() {
  const directory = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  const peopleFile = join(directory, "people.json");
  writePeople(peopleFile, [coraHerself, samHimself]);
  signAsBefore(directory);
  const provider = await startOidcProvider({ directory, peopleFile, userPoolId: "us-east-1_local" });
  onTestFinished(async () => {
    await provider.close();
    rmSync(directory, { recursive: true });
  });
  provider.setClient({
    clientId,
    name: "countersign CLI",
    kind: "native",
    redirectUris: ["http://127.0.0.1/callback"],
    logoutUris: [],
  });
  const settings = { issuer: provider.issuer, cliClientId: clientId, attestationBase };
  return { issuer: provider.issuer, settings };
}

/** A browser in which these people sign in, one after the other; keeps the addresses that were opened. */
export function browserOf(...people: readonly Person[]) {
  const opened: URL[] = [];
  const left = [...people];
  const open = (address: URL) => {
    opened.push(address);
    const who = left.length > 1 ? left.shift() : left[0];
    if (who === undefined) throw new Error("Nobody is there to sign in.");
    void logIn({ authorizationUrl: address.href, username: who.username, password: who.password }).then((callback) =>
      fetch(callback),
    );
  };
  return { opened, open };
}

/** A port that is free, and that no test gets which lets the system choose: those come from a range above it. */
export async function freePort(): Promise<string> {
  return String(await belowTheSystemsOwn());
}
