import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { openJsonLines } from "../json-lines.ts";
import { listenOnLoopback, readBody } from "../loopback-server.ts";
import { outsideHeader } from "../outside.ts";
import { channelSecrets } from "./channel-secrets.ts";
import { type ReceivedMessage, showChannels } from "./channels-page.ts";

interface Outgoing {
  readonly method: string;
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Received {
  readonly status: number;
  readonly body: JsonObject;
  readonly message?: Omit<ReceivedMessage, "id" | "at">;
}

const largestBody = 1024 * 1024;
const notHere: Received = { status: 404, body: { error: "Nobody is at this address on this machine." } };

/**
 * The other ends of local/channels.yaml: Slack, Teams, Jira and a webhook's receiver, which check what the real ones check
 * of a request's authorization and answer as they do. `/channels` shows what came, `/channels.json` the same for programs.
 */
export async function startChannelReceivers(options: { readonly file: string; readonly port: number }) {
  const { documents, file } = openJsonLines(options.file);
  const messages = [...documents] as ReceivedMessage[];
  const keep = (message: ReceivedMessage): void => {
    file.append(message);
    messages.push(message);
  };
  const server = await listenOnLoopback(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== "/outside") return showChannels(messages, pathname, response);
    await take(request, response, keep);
  }, options.port);
  return {
    url: server.url,
    close: async () => {
      await server.close();
      file.close();
    },
  };
}

async function take(request: IncomingMessage, response: ServerResponse, keep: (message: ReceivedMessage) => void) {
  const body = (await readBody(request, largestBody))?.toString("utf8") ?? "";
  const headers = request.headers as Record<string, string>;
  const address = new URL(headers[outsideHeader] ?? "https://nowhere.example/");
  const { status, body: answer, message } = receive({ method: request.method ?? "GET", address, headers, body });
  if (message !== undefined) keep({ id: randomUUID(), at: new Date().toISOString(), ...message });
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}

function receive(outgoing: Outgoing): Received {
  switch (outgoing.address.hostname) {
    case "slack.com":
      return slack(outgoing);
    case "teams.example":
      return teams(outgoing);
    case "jira.example":
      return jira(outgoing);
    case "hooks.example":
      return webhook(outgoing);
    default:
      return notHere;
  }
}

function slack({ address, headers, body }: Outgoing): Received {
  if (headers["authorization"] !== `Bearer ${channelSecrets.slack}`)
    return { status: 200, body: { ok: false, error: "invalid_auth" } };
  const method = address.pathname.replace("/api/", "");
  if (method === "users.lookupByEmail") return { status: 200, body: { ok: true, user: { id: "U0LOCAL00" } } };
  if (method === "views.open") return { status: 200, body: { ok: true } };
  if (method !== "chat.postMessage") return { status: 200, body: { ok: false, error: "unknown_method" } };
  const { channel, blocks = [] } = JSON.parse(body) as {
    readonly channel: string;
    readonly blocks?: readonly SlackBlock[];
  };
  const buttons = blocks.flatMap(({ elements = [] }) => elements);
  if (![...blocks, ...buttons].every(isTaken)) return { status: 200, body: { ok: false, error: "invalid_blocks" } };
  const texts = blocks.flatMap(({ text }) => text?.text ?? []);
  return {
    status: 200,
    body: { ok: true, ts: String(Date.now() / 1000) },
    message: {
      service: "Slack",
      to: channel,
      subject: texts[0] ?? "",
      text: texts.slice(1).join("\n"),
      links: buttons.map(({ text, url = "" }) => ({ text: text.text, address: url })),
    },
  };
}

interface SlackBlock {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly {
    readonly type: string;
    readonly text: { readonly text: string };
    readonly url?: string;
  }[];
}

/** How many characters each may have; none is taken without a text. https://docs.slack.dev/reference/block-kit/blocks */
const longestTexts: Readonly<Record<string, number>> = { header: 150, section: 3000, button: 75 };

function isTaken({ type, text }: Pick<SlackBlock, "type" | "text">): boolean {
  const longest = longestTexts[type];
  return longest === undefined || (text !== undefined && text.text.length > 0 && text.text.length <= longest);
}

function teams({ address, body }: Outgoing): Received {
  if (address.href !== channelSecrets.teams) return { status: 401, body: {} };
  const [{ content }] = (JSON.parse(body) as { readonly attachments: readonly [{ readonly content: Card }] })
    .attachments;
  const [subject = "", ...lines] = content.body.flatMap(({ inlines }) => inlines.map(({ text }) => text));
  const links = content.actions.map(({ title, url }) => ({ text: title, address: url }));
  const message = { service: "Teams", to: "the workflow", subject, text: lines.join("\n"), links } as const;
  return { status: 202, body: {}, message };
}

interface Card {
  readonly body: readonly { readonly inlines: readonly { readonly text: string }[] }[];
  readonly actions: readonly { readonly title: string; readonly url: string }[];
}

function jira({ method, address, headers, body }: Outgoing): Received {
  const basic = Buffer.from(channelSecrets.jira).toString("base64");
  if (headers["authorization"] !== `Basic ${basic}`) return { status: 401, body: {} };
  const path = address.pathname.replace("/rest/api/3/", "");
  if (method === "GET")
    return {
      status: 200,
      body: path.endsWith("/transitions") ? { transitions: [{ id: "31", name: "Done" }] } : { issues: [] },
    };
  const [, issue, part] = /^issue\/([A-Z]+-\d+)\/(comment|transitions)$/.exec(path) ?? [];
  const given = JSON.parse(body) as { readonly fields?: JsonObject; readonly body?: unknown };
  if (path === "issue") {
    const key = `MODEL-${Date.now() % 100_000}`;
    const { summary, description } = given.fields ?? {};
    const message = {
      service: "Jira",
      to: key,
      subject: String(summary),
      text: textIn(description),
      links: [],
    } as const;
    return { status: 201, body: { id: "1", key, self: "" }, message };
  }
  if (issue === undefined) return { status: 404, body: {} };
  const said = part === "comment" ? textIn(given.body) : "Moved to Done.";
  const message = { service: "Jira", to: issue, subject: `A comment on ${issue}`, text: said, links: [] } as const;
  return part === "comment" ? { status: 201, body: { id: "1" }, message } : { status: 204, body: {}, message };
}

/** The words of an Atlassian document. */
function textIn(node: unknown): string {
  if (!isRecord(node as JsonObject)) return "";
  const { text, content, type } = node as {
    readonly text?: string;
    readonly content?: unknown[];
    readonly type?: string;
  };
  const inner = (content ?? []).map(textIn).join("");
  return `${text ?? ""}${inner}${type === "paragraph" ? "\n" : ""}`;
}

/** Verified by the library of Standard Webhooks, as a receiver would. */
function webhook({ headers, body }: Outgoing): Received {
  try {
    new Webhook(channelSecrets.audit).verify(body, headers);
  } catch {
    return { status: 401, body: { error: "The signature does not fit." } };
  }
  const { type, data } = JSON.parse(body) as { readonly type: string; readonly data: { readonly url?: string } };
  const links = data.url === undefined ? [] : [{ text: "url", address: data.url }];
  const text = `Signature verified. ${JSON.stringify(data, null, 2)}`;
  return { status: 200, body: {}, message: { service: "Webhook", to: "the receiver", subject: type, text, links } };
}
