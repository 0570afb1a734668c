import { describe, expect, it, onTestFinished } from "vitest";
import { machineTokenSource } from "../../cli/machine-token.ts";
import { listenOnLoopback } from "../../local/loopback-server.ts";
import { freePort } from "../../local/ports.ts";
import { refused } from "../core/refusal.ts";
import { recordedSurroundings } from "./recorded-surroundings.ts";

function tokenFrom(url: string): Promise<string> {
  const environment = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner-secret" };
  const source = machineTokenSource(
    { variable: "COUNTERSIGN_TOKEN", audience: "countersign" },
    recordedSurroundings({ environment }),
  );
  return source?.() ?? expect.unreachable();
}

describe("GitHub's token service", () => {
  it("that is not reached is told with the machine's own words, and may be asked again", async () => {
    expect(await refused(tokenFrom(`http://127.0.0.1:${await freePort()}/token`))).toEqual({
      code: "unavailable",
      sentence: "GitHub's token service gave no token for this job: nothing listens there (ECONNREFUSED).",
    });
  });

  it("that refuses is told with its status", async () => {
    const github = await listenOnLoopback((_, response) => void response.writeHead(403).end('{"value":"eyJ"}'));
    onTestFinished(() => github.close());
    expect(await refused(tokenFrom(`${github.url}/token`))).toEqual({
      code: "unavailable",
      sentence: "GitHub's token service gave no token for this job: it answered 403.",
    });
  });

  it("that answers something else is not quoted: it may be a token", async () => {
    const github = await listenOnLoopback((_, response) => void response.end("eyJhbGciOiJSUzI1NiJ9.of-somebody"));
    onTestFinished(() => github.close());
    expect(await refused(tokenFrom(`${github.url}/token`))).toEqual({
      code: "unavailable",
      sentence: "GitHub's token service gave no token for this job.",
    });
  });
});
