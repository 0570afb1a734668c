import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import * as v from "valibot";

import { type AwsCallLog, type LocalService, localAccount, localRegion, principalOf } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { blob } from "../aws/aws-operations.ts";
import type { ServiceEvent } from "../eventbridge/eventbridge.ts";
import { listenOnLoopback, readBody } from "../loopback-server.ts";
import { addressesIn, type Mail, Mailbox, showMailbox } from "./mailbox.ts";
import { mimeMessage } from "./mime-message.ts";
import { reportsOf } from "./ses-reports.ts";

export interface SesOptions {
  /** The mails lie in `mailbox/` below it. */
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  /** Verified addresses and domains; without the list every sender is taken for verified. */
  readonly identities?: readonly string[];
  readonly clock?: () => number;
}

export interface LocalSes extends LocalService {
  /** Every mail that was sent, oldest first. */
  mails(): Promise<readonly Mail[]>;
  /** From now on, letters may be sent with these configuration sets, and `emit` gets what is reported of them. */
  report(sets: ConfigurationSets, emit: (event: ServiceEvent) => void): void;
}

/** By name, the types of events that a configuration set reports to EventBridge, as `MatchingEventTypes` names them. */
type ConfigurationSets = ReadonlyMap<string, ReadonlySet<string>>;

interface Reporting {
  sets: ConfigurationSets;
  emit: (event: ServiceEvent) => void;
}

/** SES v2 takes no larger message: https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const largestMessage = 40 * 1024 * 1024;
const mostRecipients = 50;

// SES wants ASCII addresses, a name in them encoded by the caller.
const address = v.pipe(
  v.string(),
  v.regex(/^[\x20-\x7e]*$/, "must be ASCII without control characters"),
  v.check((text) => addressOf(text) !== undefined, "must be an e-mail address"),
);
const addresses = v.optional(v.array(address), []);
const content = v.strictObject({ Data: v.string(), Charset: v.optional(v.literal("UTF-8")) });
const header = v.strictObject({
  Name: v.pipe(v.string(), v.regex(/^[\x21-\x39\x3b-\x7e]{1,126}$/, "must be a header name")),
  Value: v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,870}$/, "must be printable ASCII")),
});
const tag = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,256}$/, "must be letters, digits, - and _"));
const email = v.strictObject({
  FromEmailAddress: v.optional(address),
  Destination: v.optional(
    v.strictObject({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses }),
    {},
  ),
  ReplyToAddresses: addresses,
  ConfigurationSetName: v.optional(v.string()),
  EmailTags: v.optional(v.array(v.strictObject({ Name: tag, Value: tag })), []),
  Content: v.union([
    v.strictObject({
      Simple: v.strictObject({
        Subject: content,
        Body: v.strictObject({ Text: v.optional(content), Html: v.optional(content) }),
        Headers: v.optional(v.array(header), []),
      }),
    }),
    v.strictObject({ Raw: v.strictObject({ Data: blob(1, largestMessage) }) }),
  ]),
});

/** Starts the stand-in for SES v2: SendEmail into a mailbox that a person reads at `{url}/mailbox`. */
export async function startSes(options: SesOptions): Promise<LocalSes> {
  const mailbox = new Mailbox(join(options.directory, "mailbox"));
  const reporting: Reporting = { sets: new Map(), emit: () => {} };
  const server = await listenOnLoopback(async (request, response) => {
    if (/^\/mailbox(\/|\.json$|$)/.test(new URL(request.url ?? "/", "http://localhost").pathname)) {
      return showMailbox(mailbox, request, response);
    }
    await answer(mailbox, { ...options, reporting }, request, response);
  }, options.port);
  return {
    url: server.url,
    close: server.close,
    mails: () => mailbox.mails(),
    report: (sets, emit) => void Object.assign(reporting, { sets, emit }),
  };
}

type Sending = SesOptions & { readonly reporting: Reporting };

async function answer(mailbox: Mailbox, options: Sending, request: IncomingMessage, response: ServerResponse) {
  const send = (status: number, document: object, headers: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(document));
  };
  try {
    send(200, { MessageId: await sendEmail(mailbox, options, request) });
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    send(error.status, { message: error.message }, { "x-amzn-errortype": error.code });
  }
}

async function sendEmail(mailbox: Mailbox, options: Sending, request: IncomingMessage): Promise<string> {
  const { clock = Date.now, log, identities, reporting } = options;
  const bytes = await readBody(request, 2 * largestMessage);
  if (request.method !== "POST" || request.url?.split("?")[0] !== "/v2/email/outbound-emails") {
    throw new AwsRefusal("UnknownOperationException", `${request.method} is not carried by the local SES here.`, 404);
  }
  const principal = principalOf(request);
  if (principal === undefined)
    throw new AwsRefusal("MissingAuthenticationTokenException", "The request is unsigned.", 403);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), email), bytes?.toString("utf8"));
  if (!parsed.success) throw new AwsRefusal("BadRequestException", reasonOf(parsed.issues));
  const now = new Date(clock());
  const mail = await compose(parsed.output, now);

  const sender = addressOf(mail.from)?.toLowerCase() ?? "";
  const domain = sender.split("@")[1] ?? "";
  const verified = [sender, domain].find((identity) => identities?.some((each) => each.toLowerCase() === identity));
  // IAM judges the identity that SES sends with: the address where it is verified itself, else its domain.
  const resource = `arn:aws:ses:${localRegion}:${localAccount}:identity/${verified ?? domain}`;
  const refused = identities !== undefined && verified === undefined;
  const context = { "ses:ApiVersion": "2", "ses:FromAddress": sender };
  const at = now.toISOString();
  const { ConfigurationSetName: set, EmailTags: tags = [] } = parsed.output;
  const status = refused ? 400 : 200;
  log.record({ at, principal, action: mail.action, resource, context, status });
  if (set !== undefined) {
    // IAM judges the configuration set as a resource of its own.
    const setArn = `arn:aws:ses:${localRegion}:${localAccount}:configuration-set/${set}`;
    log.record({ at, principal, action: mail.action, resource: setArn, context, status });
    if (!reporting.sets.has(set)) {
      throw new AwsRefusal("NotFoundException", `Configuration set <${set}> does not exist.`, 404);
    }
  }
  if (refused) {
    const region = localRegion.toUpperCase();
    const what = `Email address is not verified. The following identities failed the check in region ${region}: ${mail.from}`;
    throw new AwsRefusal("MessageRejected", what);
  }
  mailbox.deliver({ id: mail.id, at, recipients: mail.recipients }, mail.message);
  if (set !== undefined) {
    const { id, from: source, recipients } = mail;
    const named = Object.fromEntries(tags.map(({ Name, Value }) => [Name, Value]));
    for (const { type, ...report } of reportsOf({ id, at, source, recipients, configurationSet: set, tags: named })) {
      if (reporting.sets.get(set)?.has(type) === true) reporting.emit(report);
    }
  }
  return mail.id;
}

async function compose(input: v.InferOutput<typeof email>, date: Date) {
  const id = randomUUID();
  const { ToAddresses: to = [], CcAddresses: cc = [], BccAddresses: bcc = [] } = input.Destination;
  const named = [...to, ...cc, ...bcc];
  if ("Raw" in input.Content) {
    const message = input.Content.Raw.Data;
    const inside = await addressesIn(message);
    const from = input.FromEmailAddress ?? inside.from;
    const recipients = plain(named.length > 0 ? named : inside.to);
    // Since 2016 SES judges raw messages by an action of their own, through the v2 operation too.
    return { id, message, from, recipients, action: "ses:SendRawEmail" };
  }
  const { Subject, Body, Headers } = input.Content.Simple;
  const from = input.FromEmailAddress;
  if (from === undefined) throw new AwsRefusal("BadRequestException", "FromEmailAddress is required.");
  if (Body.Text === undefined && Body.Html === undefined) throw new AwsRefusal("BadRequestException", "Body is empty.");
  const headers = Headers.map(({ Name, Value }) => ({ name: Name, value: Value }));
  const texts = { subject: Subject.Data, text: Body.Text?.Data, html: Body.Html?.Data };
  const message = mimeMessage({ id, date, from, to, cc, replyTo: input.ReplyToAddresses, headers, ...texts });
  if (message.length > largestMessage) throw new AwsRefusal("BadRequestException", "The message is longer than 40 MB.");
  return { id, message, from, recipients: plain(named), action: "ses:SendEmail" };
}

function plain(recipients: readonly string[]): readonly string[] {
  if (recipients.length === 0) throw new AwsRefusal("BadRequestException", "No recipient is named.");
  if (recipients.length > mostRecipients) throw new AwsRefusal("BadRequestException", "Recipient count exceeds 50.");
  return recipients.map((recipient) => addressOf(recipient) ?? recipient);
}

/** `ada@example.test` of `Ada <ada@example.test>`. */
function addressOf(text: string): string | undefined {
  const bare = /^[^<>]*<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return /^[^\s<>@,;"]+@[^\s<>@,;"]+$/.test(bare) ? bare : undefined;
}

function reasonOf([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  return `${v.getDotPath(issue) ?? "The request"}: ${issue.message}`;
}
