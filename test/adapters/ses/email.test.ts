import type { SESv2Client } from "@aws-sdk/client-sesv2";
import { SESv2ServiceException } from "@aws-sdk/client-sesv2";
import { describe, expect, it } from "vitest";
import { email } from "../../../adapters/ses/email.ts";
import { letterHtml } from "../../../adapters/ses/letter-html.ts";
import { link, message } from "../message.ts";

const cora = { name: "Cora", address: "cora@example.org" };

interface Sent {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly EmailTags: readonly { readonly Name: string; readonly Value: string }[];
  readonly Content: {
    readonly Simple: { readonly Headers?: readonly { readonly Name: string; readonly Value: string }[] };
  };
}

function scene(answer: () => unknown = () => ({ MessageId: "m-1" })) {
  const sent: Sent[] = [];
  const send = async ({ input }: { readonly input: Sent }) => {
    sent.push(input);
    return answer();
  };
  const client = { send } as unknown as SESv2Client;
  const paused: number[] = [];
  const pause = async (milliseconds: number) => paused.push(milliseconds);
  return { sent, paused, sender: email(client, "Countersign <countersign@example.org>", "letters", pause).open({}) };
}

describe("a letter", () => {
  it("goes to one person, with the tags that SES reports with", async () => {
    const { sent, sender } = scene();
    expect(await sender.post(message({ to: cora }), "")).toEqual({ kind: "sent", messageId: "m-1" });
    expect(sent[0]?.Destination).toEqual({ ToAddresses: ["cora@example.org"] });
    expect(sent[0]?.EmailTags.map(({ Name }) => Name)).toEqual(["promotion", "notification"]);
  });

  it.each([
    ["cora@bücher.example", "cora@xn--bcher-kva.example"],
    ["Cora+x@Example.org", "Cora+x@example.org"],
    ["cora", "cora"],
    ["cora@not a domain", "cora@not a domain"],
  ])("to %s goes to %s: SES takes a domain in Punycode only", async (address, taken) => {
    const { sent, sender } = scene();
    await sender.post(message({ to: { name: "Cora", address } }), "");
    expect(sent[0]?.Destination.ToAddresses).toEqual([taken]);
  });

  it("offers to be left alone where it reminds, and nowhere else", async () => {
    const { sent, sender } = scene();
    await sender.post(message({ to: cora, purpose: "reminded" }), "");
    await sender.post(message({ to: cora }), "");
    expect(sent.map(({ Content }) => Content.Simple.Headers)).toEqual([
      [{ Name: "List-Unsubscribe", Value: "<mailto:countersign@example.org?subject=no%20reminders>" }],
      undefined,
    ]);
  });

  it.each([
    ["a room", message()],
    ["somebody of whom the directory knows no address", message({ to: { name: "Cora", address: "" } })],
  ])("is not sent to %s, and SES is not asked", async (_, to) => {
    const { sent, sender } = scene();
    expect(await sender.post(to, "")).toEqual({ kind: "refused", code: "no-address" });
    expect(sent).toEqual([]);
  });

  it("that SES did not take was refused; one that broke off is in doubt", async () => {
    const refuse = (fault: "client" | "server") => () => {
      throw new SESv2ServiceException({ name: "MessageRejected", $fault: fault, $metadata: {}, message: "no" });
    };
    expect(await scene(refuse("client")).sender.post(message({ to: cora }), "")).toEqual({
      kind: "refused",
      code: "MessageRejected",
    });
    await expect(scene(refuse("server")).sender.post(message({ to: cora }), "")).rejects.toThrow("no");
    expect(scene().sender.postAgain).toBeUndefined();
  });

  // https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
  describe("while SES takes no more of them in a second", () => {
    const tooMany = { name: "TooManyRequestsException", $fault: "client", $metadata: {}, message: "rate" } as const;
    const busyFor = (times: number) => {
      let left = times;
      return scene(() => {
        left -= 1;
        if (left >= 0) throw new SESv2ServiceException(tooMany);
        return { MessageId: "m-1" };
      });
    };

    it("is given to it again: what it refuses so it has not taken", async () => {
      const { sender, sent, paused } = busyFor(2);
      expect(await sender.post(message({ to: cora }), "")).toEqual({ kind: "sent", messageId: "m-1" });
      expect([sent.length, paused]).toEqual([3, [400, 1200]]);
    });

    it("is refused where that does not help, and the next is not waited for until one is taken", async () => {
      const { sender, sent, paused } = busyFor(4);
      const posted = async () => (await sender.post(message({ to: cora }), "")).kind;
      expect([await posted(), await posted(), await posted()]).toEqual(["refused", "refused", "sent"]);
      expect([sent.length, paused]).toEqual([5, [400, 1200]]);
    });
  });

  it("is the same in HTML, with its own link and nothing else that could be followed or loaded", () => {
    const letter = `Hello <img src="x">,\n\nsoon & well\n\n${link}`;
    const html = letterHtml(message({ letter, subject: "Please <b>review", button: "Read & decide" }));
    expect(html).not.toMatch(/<(?!!doctype|\/?(html|head|meta|title|body|div|p|a|br)\b)|url\(/);
    // As a button, and as it is: everybody sees where it leads.
    expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1])).toEqual([link, link]);
    expect(html).toContain(`>Read &#38; decide</a>`);
    expect(html).toContain(`>${link}</a>`);
    expect(html).toContain("<title>Please &#60;b&#62;review</title>");
    expect(html).toContain("soon &#38; well");
  });
});
