import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type AddressObject, simpleParser } from "mailparser";
import { compareText } from "../../core/encoding/text-order.ts";

import { escapeHtml, htmlPage, pageHeaders } from "../html-page.ts";

/** One mail as its reader sees it. */
export interface Mail {
  readonly id: string;
  /** RFC 3339 time at which it was sent. */
  readonly at: string;
  readonly from: string;
  /** Everybody who got it, hidden recipients too. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Every http and https address in it, in order, each once. */
  readonly links: readonly string[];
}

/** What the envelope says of a mail, beside its `.eml` file. */
interface Envelope {
  readonly id: string;
  readonly at: string;
  readonly recipients: readonly string[];
}

/** The mails in one folder: `<id>.eml` for any mail program, `<id>.json` for the envelope. */
export class Mailbox {
  readonly #directory: string;
  readonly #read = new Map<string, Mail>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Takes a mail in; it is there for readers once this returns. */
  deliver(envelope: Envelope, message: Uint8Array): void {
    writeFileSync(join(this.#directory, `${envelope.id}.eml`), message, { mode: 0o600 });
    const path = join(this.#directory, `${envelope.id}.json`);
    writeFileSync(`${path}.new`, JSON.stringify(envelope), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** Every mail, oldest first. */
  async mails(): Promise<readonly Mail[]> {
    const ids = readdirSync(this.#directory).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));
    const mails = await Promise.all(ids.map((id) => this.#parse(id)));
    return mails.toSorted((a, b) => compareText(a.at, b.at) || compareText(a.id, b.id));
  }

  message(id: string): Buffer {
    return readFileSync(join(this.#directory, `${id}.eml`));
  }

  async #parse(id: string): Promise<Mail> {
    const known = this.#read.get(id);
    if (known !== undefined) return known;
    const envelope = JSON.parse(readFileSync(join(this.#directory, `${id}.json`), "utf8")) as Envelope;
    const parsed = await simpleParser(this.message(id), { skipTextToHtml: true });
    const text = parsed.text ?? "";
    const html = parsed.html === false ? undefined : parsed.html;
    const mail: Mail = {
      id,
      at: envelope.at,
      from: parsed.from?.text ?? "",
      to: envelope.recipients,
      subject: parsed.subject ?? "",
      text,
      ...(html === undefined ? {} : { html }),
      links: linksIn(text, html ?? ""),
    };
    this.#read.set(id, mail);
    return mail;
  }
}

/** The sender's address and the recipients that a raw message names itself. */
export async function addressesIn(message: Buffer): Promise<{ readonly from: string; readonly to: readonly string[] }> {
  const { from, to, cc, bcc } = await simpleParser(message, { skipTextToHtml: true });
  const list = (field: AddressObject | readonly AddressObject[] | undefined) =>
    [field ?? []]
      .flat()
      .flatMap((each) => each.value.flatMap(({ address }) => (address === undefined ? [] : [address])));
  return { from: from?.text ?? "", to: [...list(to), ...list(cc), ...list(bcc)] };
}

/**
 * The mailbox as pages: `/mailbox` (newest first), `/mailbox/{id}`, `/mailbox/{id}.eml`, and as JSON for programs:
 * `/mailbox.json`, oldest first. What stands in a mail is a stranger's: it is escaped, and its HTML is shown without
 * scripts, forms and remote content in a sandboxed frame of an origin of its own.
 */
export async function showMailbox(mailbox: Mailbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method !== "GET") return void response.writeHead(405, { allow: "GET" }).end();
  const mails = await mailbox.mails();
  if (pathname === "/mailbox.json") {
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    return void response.end(JSON.stringify(mails));
  }
  if (pathname === "/mailbox") return void response.writeHead(200, pageHeaders()).end(listPage(mails));
  const [, id, part] = /^\/mailbox\/([\w-]+)(\.eml|\/html)?$/.exec(pathname) ?? [];
  const mail = mails.find((each) => each.id === id);
  if (mail === undefined) {
    const page = htmlPage("No such mail", '<h1>No such mail</h1><p><a href="/mailbox">Mailbox</a></p>');
    return void response.writeHead(404, pageHeaders()).end(page);
  }
  if (part === ".eml") {
    const disposition = `attachment; filename="${mail.id}.eml"`;
    response.writeHead(200, { "content-type": "message/rfc822", "content-disposition": disposition });
    return void response.end(mailbox.message(mail.id));
  }
  if (part === "/html")
    return void response.writeHead(200, hostileHeaders).end(`<base target="_blank">${mail.html ?? ""}`);
  response.writeHead(200, pageHeaders([], "'self'")).end(mailPage(mail));
}

const sandbox = "allow-popups allow-popups-to-escape-sandbox";
const hostileHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `sandbox ${sandbox}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function listPage(mails: readonly Mail[]): string {
  const rows = mails.toReversed().map((mail) => {
    const subject = escapeHtml(mail.subject === "" ? "(no subject)" : mail.subject);
    const cells = [`<a href="/mailbox/${mail.id}">${subject}</a>`, escapeHtml(mail.to.join(", ")), escapeHtml(mail.at)];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const table = `<table><thead><tr><th scope="col">Subject</th><th scope="col">To</th><th scope="col">Sent</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  const content = rows.length === 0 ? "<p>No mail yet.</p>" : table;
  return htmlPage(
    "Mailbox",
    `<h1>Mailbox</h1><p class="quiet">Mail that left through SES stays on this machine.</p>${content}`,
  );
}

function mailPage(mail: Mail): string {
  const field = (name: string, value: string) => `<tr><th scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`;
  const fields = field("From", mail.from) + field("To", mail.to.join(", ")) + field("Sent", mail.at);
  const frame = `<h2>HTML</h2><iframe title="The mail in HTML" sandbox="${sandbox}" src="/mailbox/${mail.id}/html"></iframe>`;
  return htmlPage(
    escapeHtml(mail.subject),
    `<p><a href="/mailbox">Mailbox</a></p><h1>${escapeHtml(mail.subject)}</h1><table>${fields}</table>
<pre>${linkified(mail.text)}</pre>${mail.html === undefined ? "" : frame}
<p><a href="/mailbox/${mail.id}.eml">Download as .eml</a></p>`,
  );
}

const address = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g;

function linkified(text: string): string {
  let html = "";
  let end = 0;
  for (const match of text.matchAll(address)) {
    const link = escapeHtml(match[0]);
    html += `${escapeHtml(text.slice(end, match.index))}<a href="${link}" rel="noopener noreferrer">${link}</a>`;
    end = match.index + match[0].length;
  }
  return html + escapeHtml(text.slice(end));
}

function linksIn(text: string, html: string): readonly string[] {
  const hrefs = [...html.matchAll(/href="(https?:\/\/[^"]+)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
  return [...new Set([...text.matchAll(address)].map(([link]) => link).concat(hrefs))];
}
