import type { ServerResponse } from "node:http";
import { escapeHtml, htmlPage, pageHeaders } from "../html-page.ts";

/** One message as its receiver took it. */
export interface ReceivedMessage {
  readonly id: string;
  /** RFC 3339 time. */
  readonly at: string;
  readonly service: "Slack" | "Teams" | "Jira" | "Webhook";
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Buttons, as far as they lead somewhere. */
  readonly links: readonly { readonly text: string; readonly address: string }[];
}

/**
 * What came by the channels as pages: `/channels` (newest first), and as JSON for programs: `/channels.json`, oldest first.
 * What stands in a message is a stranger's: it is escaped, and links are shown only where they are http or https.
 */
export function showChannels(messages: readonly ReceivedMessage[], path: string, response: ServerResponse): void {
  if (path === "/channels.json") {
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    return void response.end(JSON.stringify(messages));
  }
  if (path !== "/channels")
    return void response.writeHead(404, pageHeaders()).end(htmlPage("Nothing here", "<h1>Nothing here</h1>"));
  response.writeHead(200, pageHeaders()).end(page(messages));
}

function page(messages: readonly ReceivedMessage[]): string {
  const lead = `<h1>Channels</h1><p class="quiet">What left for Slack, Teams, Jira and a webhook's receiver stays on this machine.</p>`;
  const content = messages.length === 0 ? "<p>Nothing yet.</p>" : messages.toReversed().map(article).join("\n");
  return htmlPage("Channels", lead + content);
}

function article({ at, service, to, subject, text, links }: ReceivedMessage): string {
  const buttons = links.map(({ text: words, address }) =>
    /^https?:\/\//.test(address)
      ? `<a href="${escapeHtml(address)}" rel="noopener noreferrer">${escapeHtml(words)}</a>`
      : `<span class="quiet">[${escapeHtml(words)}]</span>`,
  );
  return `<article><h2>${escapeHtml(subject)}</h2>
<p class="quiet">${escapeHtml(`${service}, to ${to}, ${at}`)}</p>
<pre>${escapeHtml(text)}</pre>
<p>${buttons.join(" · ")}</p></article>`;
}
