import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { listenForRedirect, redirectPorts } from "../../cli/sign-in/loopback-redirect.ts";
import { cliCallbacks } from "../../infra/constructs/reviewer-clients.ts";
import { freePort } from "./signed-in-person.ts";

async function listening() {
  const port = Number(await freePort());
  const redirect = await listenForRedirect([port]);
  onTestFinished(() => redirect.close());
  return { port, redirect };
}

describe("the loopback redirect", () => {
  it("listens where the deployment has registered it", () => {
    expect(redirectPorts.map((port) => `http://127.0.0.1:${port}/callback`)).toEqual(cliCallbacks);
  });

  it("hands over the parameters that came back with the state it waits for", async () => {
    const { redirect } = await listening();
    const parameters = redirect.parameters("mine");
    const answer = await fetch(`${redirect.uri}?code=abc&state=mine`);
    expect((await parameters).get("code")).toBe("abc");
    expect(await answer.text()).toContain("You can close this window");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  });

  it.each([
    ["another state", "?code=evil&state=theirs", 400],
    ["no state", "?code=evil", 400],
    ["two states", "?code=evil&state=mine&state=mine", 400],
    ["another path", "/../elsewhere?code=evil&state=mine", 404],
  ])("goes on waiting after a request with %s", async (_, tail, status) => {
    const { redirect } = await listening();
    const parameters = redirect.parameters("mine");
    expect((await fetch(`${redirect.uri}${tail}`)).status).toBe(status);
    expect((await fetch(`${redirect.uri}?code=evil&state=mine`, { method: "POST" })).status).toBe(404);
    await fetch(`${redirect.uri}?code=good&state=mine`);
    expect((await parameters).get("code")).toBe("good");
  });

  it("takes the next port when one is taken, and says which were", async () => {
    const [first, second] = [Number(await freePort()), Number(await freePort())];
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(first, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const redirect = await listenForRedirect([first, second]);
    onTestFinished(() => redirect.close());
    expect(redirect.uri).toBe(`http://127.0.0.1:${second}/callback`);
    await expect(listenForRedirect([first])).rejects.toThrow(`The ports ${first} are taken on this machine`);
  });
});
