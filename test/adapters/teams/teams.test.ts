import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { teams } from "../../../adapters/teams/teams.ts";
import { link, message, otherEnd } from "../message.ts";

// https://adaptivecards.io/explorer/RichTextBlock.html: unlike a TextBlock it knows no Markdown.
const text = v.strictObject({
  type: v.literal("RichTextBlock"),
  inlines: v.tuple([
    v.strictObject({
      type: v.literal("TextRun"),
      text: v.pipe(v.string(), v.nonEmpty()),
      weight: v.optional(v.literal("Bolder")),
      size: v.optional(v.literal("Medium")),
    }),
  ]),
});
/** What a workflow with the trigger 'when a Teams webhook request is received' takes. */
const posted = v.strictObject({
  type: v.literal("message"),
  attachments: v.tuple([
    v.strictObject({
      contentType: v.literal("application/vnd.microsoft.card.adaptive"),
      contentUrl: v.null(),
      content: v.strictObject({
        $schema: v.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
        type: v.literal("AdaptiveCard"),
        version: v.literal("1.4"),
        body: v.array(text),
        actions: v.tuple([
          v.strictObject({ type: v.literal("Action.OpenUrl"), title: v.string(), url: v.pipe(v.string(), v.url()) }),
        ]),
      }),
    }),
  ]),
});
const address = "https://prod-1.westeurope.logic.azure.example/workflows/1/triggers/manual/paths/invoke?sig=key";

describe("a Teams message", () => {
  it("is an Adaptive Card whose button leads to the page", async () => {
    const { exchange, requests, last } = otherEnd(() => ({ status: 202, body: "" }));
    expect(await teams(exchange).open({}).post(message(), address)).toMatchObject({ kind: "sent" });
    expect(requests[0]).toMatchObject({ method: "POST", url: address });
    const [{ content }] = v.parse(posted, last()).attachments;
    expect(content.body.map(({ inlines: [run] }) => run.text)).toEqual([
      "Please review credit-scoring 1.4.0 for production",
      "credit-scoring 1.4.0 is waiting.",
      "Stage: compliance.",
    ]);
    expect(content.actions[0]).toEqual({ type: "Action.OpenUrl", title: "Read and decide", url: link });
  });

  it.each(["[click](https://evil.example)", "- **1** _a_ \\* # <b>"])(
    "shows %s, which a name may hold, as it is: nothing in it reads Markdown",
    async (note) => {
      const { exchange, last } = otherEnd(() => ({ status: 202 }));
      await teams(exchange).open({}).post(message({ note }), address);
      expect(v.parse(posted, last()).attachments[0].content.body[1]?.inlines[0].text).toBe(note);
    },
  );

  it.each(["", "http://plain.example/hook", "not an address"])("is not sent to %j", async (bad) => {
    const { exchange, requests } = otherEnd(() => ({ status: 202 }));
    expect(await teams(exchange).open({}).post(message(), bad)).toEqual({ kind: "refused", code: "secret-invalid" });
    expect(requests).toEqual([]);
  });
});
