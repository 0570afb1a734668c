import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GetAccountCommand, SESv2Client, SendEmailCommand, type SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSes } from "../../../local/channels/ses.ts";
import type { ServiceEvent } from "../../../local/eventbridge/eventbridge.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const link = "https://portal.example.test/r/abc.123.def?x=1&y=2";
const letter = {
  FromEmailAddress: "Countersign <noreply@example.test>",
  Destination: { ToAddresses: ["ada@example.test"], BccAddresses: ["hidden@example.test"] },
  Content: {
    Simple: {
      Subject: { Data: "Bitte prüfen: Kreditmodell 7 wartet auf Ihre Entscheidung, und zwar heute noch – 😀" },
      Body: {
        Text: { Data: `Please review:\n${link}.` },
        Html: { Data: `<p>Please <a href="${link.replace("&", "&amp;")}">review</a></p>` },
      },
    },
  },
} satisfies SendEmailCommandInput;

async function open(identities?: readonly string[], directory = scratchDirectory()) {
  const log = new RecordedCalls();
  const local = await startSes({ directory, log, ...(identities === undefined ? {} : { identities }) });
  const ses = new SESv2Client({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
  onTestFinished(() => local.close());
  onTestFinished(() => ses.destroy());
  const send = (more: Partial<SendEmailCommandInput> = {}) => ses.send(new SendEmailCommand({ ...letter, ...more }));
  const page = async (path: string) => {
    const response = await fetch(`${local.url}${path}`);
    return { response, html: await response.text() };
  };
  return { local, ses, log, directory, send, page };
}

describe("a letter", () => {
  it("can be read with its links, by a program", async () => {
    const { send, local } = await open();
    const { MessageId } = await send();
    const mails = await (await fetch(`${local.url}/mailbox.json`)).json();
    expect(mails).toEqual([
      {
        id: MessageId,
        at: expect.any(String),
        from: '"Countersign" <noreply@example.test>',
        to: ["ada@example.test", "hidden@example.test"],
        subject: letter.Content.Simple.Subject.Data,
        text: `Please review:\n${link}.`,
        html: letter.Content.Simple.Body.Html.Data,
        links: [link],
      },
    ]);
  });

  it("can be read by a person, who follows its link", async () => {
    const { send, page } = await open();
    const { MessageId } = await send();
    expect((await page("/mailbox")).html).toContain(`<a href="/mailbox/${MessageId}">Bitte prüfen`);
    const { html } = await page(`/mailbox/${MessageId}`);
    expect(html).toContain(`<a href="${link.replace("&", "&amp;")}" rel="noopener noreferrer">`);
    expect((await page("/mailbox/none")).response.status).toBe(404);
  });

  it("lies on disk as any mail program reads it, without its hidden recipients, over a restart", async () => {
    const { send, directory } = await open();
    const { MessageId } = await send();
    const eml = readFileSync(join(directory, "mailbox", `${MessageId}.eml`), "utf8");
    expect(eml).toContain("To: ada@example.test\r\n");
    expect(eml).not.toContain("hidden@");
    for (const line of eml.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
    const restarted = await open(undefined, directory);
    expect(await restarted.local.mails()).toHaveLength(1);
  });

  it("is reported about as its configuration set asks, with its tags", async () => {
    const { send, local, log } = await open();
    const reports: ServiceEvent[] = [];
    local.report(new Map([["letters", new Set(["DELIVERY", "BOUNCE"])]]), (report) => void reports.push(report));
    const EmailTags = [{ Name: "promotion", Value: "p-1" }];
    const { MessageId } = await send({ ConfigurationSetName: "letters", EmailTags });
    const bouncing = { ToAddresses: ["bounce+x@simulator.amazonses.com"] };
    await send({ ConfigurationSetName: "letters", Destination: bouncing });
    expect(reports.map(({ source, detailType }) => [source, detailType])).toEqual([
      ["aws.ses", "Email Delivered"],
      ["aws.ses", "Email Delivered"],
      ["aws.ses", "Email Bounced"],
    ]);
    expect(reports[0]?.detail).toMatchObject({
      eventType: "Delivery",
      mail: { messageId: MessageId, tags: { "ses:configuration-set": ["letters"], promotion: ["p-1"] } },
    });
    expect(log.calls.map(({ resource }) => resource.split(":").at(-1))).toContain("configuration-set/letters");
    await expect(send({ ConfigurationSetName: "others" })).rejects.toMatchObject({ name: "NotFoundException" });
    expect(await local.mails()).toHaveLength(2);
  });

  it("may come as raw bytes, which IAM judges by another action", async () => {
    const { send, local, log } = await open();
    const raw = "From: noreply@example.test\r\nTo: Ada <ada@example.test>\r\nSubject: Raw\r\n\r\nHello";
    const { FromEmailAddress: _from, Destination: _to, ...bare } = letter;
    await send({
      ...bare,
      FromEmailAddress: undefined,
      Destination: undefined,
      Content: { Raw: { Data: Buffer.from(raw) } },
    });
    expect(await local.mails()).toMatchObject([{ to: ["ada@example.test"], subject: "Raw", text: "Hello" }]);
    expect(log.take()).toEqual(["ses:SendRawEmail arn:aws:ses:us-east-1:000000000000:identity/example.test 200"]);
  });
});

describe("hostile mail", () => {
  const script = "<script>alert(1)</script>";
  const hostile = {
    Simple: {
      Subject: { Data: `${script}\r\nBcc: victim@example.test` },
      Body: {
        Text: { Data: `${script} javascript:alert(1) https://x.test/"onclick=alert(1)` },
        Html: { Data: script },
      },
    },
  };

  it("cannot script the reader's page", async () => {
    const { send, page } = await open();
    const { MessageId } = await send({ Content: hostile });
    for (const path of ["/mailbox", `/mailbox/${MessageId}`]) {
      const { html, response } = await page(path);
      expect(html).not.toContain("<script>");
      expect(html).not.toContain('"onclick');
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
    const framed = await page(`/mailbox/${MessageId}/html`);
    const policy = framed.response.headers.get("content-security-policy");
    expect(policy).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';/);
  });

  it("cannot add a header through its subject", async () => {
    const { send, local, directory } = await open();
    const { MessageId } = await send({ Content: hostile });
    expect(readFileSync(join(directory, "mailbox", `${MessageId}.eml`), "utf8")).not.toMatch(/^Bcc:/m);
    expect((await local.mails())[0]?.to).not.toContain("victim@example.test");
  });
});

describe("SES", () => {
  it("refuses a sender that is not verified", async () => {
    const { send, log } = await open(["other.test"]);
    await expect(send()).rejects.toMatchObject({ name: "MessageRejected" });
    expect(log.take()).toEqual(["ses:SendEmail arn:aws:ses:us-east-1:000000000000:identity/example.test 400"]);
  });

  it("judges the address itself where it is verified", async () => {
    const { send, log } = await open(["example.test", "noreply@example.test"]);
    await send();
    expect(log.calls).toMatchObject([
      {
        resource: "arn:aws:ses:us-east-1:000000000000:identity/noreply@example.test",
        context: { "ses:FromAddress": "noreply@example.test" },
      },
    ]);
  });

  it.each<[string, Partial<SendEmailCommandInput>]>([
    ["a template", { Content: { Template: { TemplateName: "t" } } }],
    ["no recipient", { Destination: {} }],
    ["a recipient with a line break", { Destination: { ToAddresses: ["a@b.test\r\nBcc: c@d.test"] } }],
    ["an empty body", { Content: { Simple: { Subject: { Data: "s" }, Body: {} } } }],
  ])("refuses %s", async (_what, more) => {
    await expect((await open()).send(more)).rejects.toMatchObject({ name: "BadRequestException" });
  });

  it("refuses operations it does not carry", async () => {
    const { ses } = await open();
    await expect(ses.send(new GetAccountCommand({}))).rejects.toMatchObject({ name: "UnknownOperationException" });
  });
});
