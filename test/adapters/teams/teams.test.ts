import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { teams } from "../../../adapters/teams/teams.ts";
import { link, message, otherEnd } from "../message.ts";

const text = v.strictObject({
  type: v.literal("TextBlock"),
  text: v.string(),
  wrap: v.literal(true),
  weight: v.optional(v.literal("Bolder")),
  size: v.optional(v.literal("Medium")),
  style: v.optional(v.literal("heading")),
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
    expect(content.body.map((block) => block.text)).toEqual([
      "Please review credit\\-scoring 1.4.0 for production",
      "credit\\-scoring 1.4.0 is waiting.",
      "Stage: compliance.",
    ]);
    expect(content.actions[0]).toEqual({ type: "Action.OpenUrl", title: "Read and decide", url: link });
  });

  it("makes no link of what a name holds", async () => {
    const { exchange, last } = otherEnd(() => ({ status: 202 }));
    await teams(exchange)
      .open({})
      .post(message({ note: "[click](https://evil.example)" }), address);
    expect(v.parse(posted, last()).attachments[0].content.body[1]?.text).toBe("\\[click\\]\\(https://evil.example\\)");
  });

  it.each(["", "http://plain.example/hook", "not an address"])("is not sent to %j", async (bad) => {
    const { exchange, requests } = otherEnd(() => ({ status: 202 }));
    expect(await teams(exchange).open({}).post(message(), bad)).toEqual({ kind: "refused", code: "secret-invalid" });
    expect(requests).toEqual([]);
  });
});
