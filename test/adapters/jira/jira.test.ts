import { describe, expect, it } from "vitest";
import { jira } from "../../../adapters/jira/jira.ts";
import type { Message } from "../../../core/notification/message.ts";
import { link, message } from "../message.ts";
import { JiraSite } from "./jira-site.ts";

const secret = "bot@example.org:token";
const settings = { site: "https://example.atlassian.net", project: "MODEL", issueType: "Task", done: "Done" };
const outcome: Partial<Message> = {
  id: "f".repeat(32),
  purpose: "told",
  note: "It is deployed.",
  earlier: ["MODEL-1"],
};

function scene() {
  const site = new JiraSite();
  return { site, sender: jira(site.exchange).open(settings) };
}

describe("Jira", () => {
  it("gets an issue for the stage, with its day and a link back", async () => {
    const { site, sender } = scene();
    expect(await sender.post(message(), secret)).toEqual({ kind: "sent", messageId: "MODEL-1" });
    expect(site.issues[0]?.fields).toMatchObject({ duedate: "2026-11-24", summary: message().subject });
    expect(JSON.stringify(site.issues[0]?.fields)).toContain(`"marks":[{"type":"link","attrs":{"href":"${link}"}}]`);
  });

  it("gets the outcome as a comment on it, and the issue is moved, once", async () => {
    const { site, sender } = scene();
    await sender.post(message(), secret);
    expect(await sender.post(message(outcome), secret)).toEqual({ kind: "sent", messageId: "MODEL-1" });
    await sender.post(message({ ...outcome, id: "e".repeat(32) }), secret);
    expect(site.issues).toMatchObject([{ status: "Done", comments: [{}, {}] }]);
  });

  it("keeps an issue where it is while people are only reminded", async () => {
    const { site, sender } = scene();
    await sender.post(message(), secret);
    await sender.post(message({ ...outcome, purpose: "reminded" }), secret);
    expect(site.issues).toMatchObject([{ status: "To Do", comments: [{}] }]);
  });

  it.each([
    ["issue", {}],
    ["comment", outcome],
  ])("has one %s after an answer that was lost on its way", async (_, over) => {
    const { site, sender } = scene();
    if (over.earlier !== undefined) await sender.post(message(), secret);
    site.losesAnswers = true;
    await expect(sender.post(message(over), secret)).rejects.toThrow("broken off");
    site.losesAnswers = false;
    expect(await sender.postAgain?.(message(over), secret)).toEqual({ kind: "sent", messageId: "MODEL-1" });
    const comments = over.earlier === undefined ? 0 : 1;
    // The first try broke off at the transition already, before the comment: the second made both.
    expect(site.issues.map((issue) => issue.comments.length)).toEqual([comments]);
  });

  it("gets again what never arrived", async () => {
    const { site, sender } = scene();
    await sender.postAgain?.(message(), secret);
    expect(site.issues).toHaveLength(1);
  });

  it("that refuses the token has taken nothing", async () => {
    const { sender } = scene();
    expect(await sender.post(message(), "somebody:else")).toEqual({ kind: "refused", code: "http-401" });
  });
});
