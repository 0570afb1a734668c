import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { jira } from "../../../adapters/jira/jira.ts";
import { slack } from "../../../adapters/slack/slack.ts";
import { teams } from "../../../adapters/teams/teams.ts";
import { webhook } from "../../../adapters/webhooks/webhook.ts";
import type { ChannelKind, Exchange } from "../../../core/notification/channel.ts";
import type { Message } from "../../../core/notification/message.ts";
import { startChannelReceivers } from "../../../local/channels/channel-receivers.ts";
import { channelSecrets } from "../../../local/channels/channel-secrets.ts";
import type { ReceivedMessage } from "../../../local/channels/channels-page.ts";
import { keptInside } from "../../../local/outside.ts";
import { message } from "../../adapters/message.ts";
import { scratchDirectory } from "../recorded-calls.ts";

/** The receivers, and the channels' own kinds that reach them as a function on this machine does. */
async function scene(file = join(scratchDirectory(), "messages.jsonl")) {
  const receivers = await startChannelReceivers({ file, port: 0 });
  let open = true;
  const close = async () => {
    if (open) await receivers.close();
    open = false;
  };
  onTestFinished(close);
  const fetched = keptInside(fetch, receivers.url);
  const exchange: Exchange = async ({ method, url, headers, body }) => {
    const answer = await fetched(url, { method, headers, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, body: await answer.text() };
  };
  const received = async () => (await (await fetch(`${receivers.url}/channels.json`)).json()) as ReceivedMessage[];
  const page = async () => (await fetch(`${receivers.url}/channels`)).text();
  const site = { site: "https://jira.example", project: "MODEL", issueType: "Task", done: "Done" };
  const send = (over: Partial<Message> = {}) => ({
    slack: (token: string = channelSecrets.slack) =>
      slack(exchange).open({ room: "C0123456789", signing: "slack-signing" }).post(message(over), token),
    teams: (address: string = channelSecrets.teams) => teams(exchange).open({}).post(message(over), address),
    jira: (token: string = channelSecrets.jira) => jira(exchange).open(site).post(message(over), token),
    webhook: (secret: string = channelSecrets.audit) =>
      hooks(exchange).open({ url: "https://hooks.example/countersign" }).post(message(over), secret),
  });
  return { file, close, fetched, received, page, send };
}
const hooks = (exchange: Exchange): ChannelKind => webhook(exchange, () => Date.now());

describe("the other ends of the channels on this machine", () => {
  it("take what each channel sends, and show it with its link", async () => {
    const { received, page, send } = await scene();
    const { subject, link, note } = message();
    const to = send();
    for (const sent of [await to.slack(), await to.teams(), await to.jira(), await to.webhook()])
      expect(sent.kind).toBe("sent");
    const messages = await received();
    expect(messages.map(({ service }) => service)).toEqual(["Slack", "Teams", "Jira", "Webhook"]);
    expect(messages[0]?.links.map(({ text }) => text)).toEqual(["Read and decide", "Reject", "Ask a question"]);
    for (const { subject: shown, text } of messages.slice(0, 3)) {
      expect(shown).toBe(subject);
      expect(text).toContain(note.split("\n")[0]);
    }
    expect(messages[3]?.text).toContain("Signature verified.");
    expect(await page()).toContain(`href="${link}"`);
  });

  it("show no Slack message without words in each of its parts", async () => {
    const { received, send } = await scene();
    for (const over of [{ subject: "" }, { note: "" }, { button: "" }])
      expect(await send(over).slack()).toEqual({ kind: "refused", code: "invalid_blocks" });
    expect(await received()).toEqual([]);
  });

  it("refuse what the real ones refuse: another token, address, or signature", async () => {
    const { received, send } = await scene();
    const to = send();
    const other = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
    for (const sent of [
      await to.slack("xoxb-other"),
      await to.teams("https://teams.example/workflows/1?sig=other"),
      await to.jira("bot@example.com:other"),
      await to.webhook(other),
    ])
      expect(sent.kind).toBe("refused");
    expect(await received()).toEqual([]);
  });

  it("go on about an issue in its comments, and move it", async () => {
    const { received, send } = await scene();
    await send({ purpose: "told", earlier: ["MODEL-7"] }).jira();
    expect((await received()).map(({ to, text }) => `${to}: ${text.split("\n")[0]}`)).toEqual([
      "MODEL-7: Moved to Done.",
      "MODEL-7: credit-scoring 1.4.0 is waiting.",
    ]);
  });

  it("show a stranger's words as words, and lead nowhere but to pages", async () => {
    const { page, send } = await scene();
    await send({ subject: "<script>alert(1)</script>", link: "javascript:alert(1)" }).teams();
    const html = await page();
    expect(html).toContain("&lt;script&gt;");
    expect(html).not.toMatch(/<script|href="javascript/);
  });

  it("keep what came over a restart", async () => {
    const { file, close, send } = await scene();
    await send().slack();
    await close();
    expect(await (await scene(file)).received()).toHaveLength(1);
  });

  it("let nothing out: what nobody here receives is refused, and loopback is left alone", async () => {
    const { fetched, received } = await scene();
    expect((await fetched("https://example.org/")).status).toBe(404);
    await expect(fetched("http://127.0.0.1:9/")).rejects.toThrow("fetch failed");
    expect(await received()).toEqual([]);
  });
});
