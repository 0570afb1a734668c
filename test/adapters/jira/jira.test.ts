import { describe, expect, it } from "vitest";
import { jira } from "../../../adapters/jira/jira.ts";
import type { Exchange } from "../../../core/notification/channel.ts";
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

  it("gets an issue without its day where the project has none for it", async () => {
    const { site, sender } = scene();
    site.hasDueDates = false;
    expect(await sender.post(message(), secret)).toEqual({ kind: "sent", messageId: "MODEL-1" });
    expect(site.issues).toMatchObject([{ fields: { summary: message().subject } }]);
    expect(site.issues[0]?.fields).not.toHaveProperty("duedate");
  });

  it("that refuses an issue for something else, as its type, is asked without the day, and then no more", async () => {
    const { site } = scene();
    const asked: string[] = [];
    const exchange: Exchange = async (request) => {
      asked.push(request.url);
      return await site.exchange(request);
    };
    const sender = jira(exchange).open({ ...settings, issueType: "Story" });
    expect(await sender.post(message(), secret)).toEqual({ kind: "refused", code: "http-400" });
    expect(asked).toHaveLength(2);
  });

  it("is reached by Atlassian's gateway, where tokens with scopes are taken and the site takes none", async () => {
    const asked: string[] = [];
    const exchange: Exchange = async ({ url }) => {
      asked.push(url);
      return { status: 201, body: JSON.stringify({ key: "MODEL-7" }) };
    };
    const kind = jira(exchange);
    const site = "https://api.atlassian.com/ex/jira/35273b54-3f06-40d2-880f-dd28cf8daafa";
    expect(kind.settings["site"]?.pattern.test(site)).toBe(true);
    expect(await kind.open({ ...settings, site }).post(message(), secret)).toMatchObject({ messageId: "MODEL-7" });
    expect(asked).toEqual([`${site}/rest/api/3/issue`]);
  });

  it.each([
    "https://example.atlassian.net/",
    "https://example.atlassian.net/ex/jira/..",
    "https://api.atlassian.com/ex/jira/x?y",
    "http://example.atlassian.net",
  ])("is no site %s", (site) => {
    expect(jira(scene().site.exchange).settings["site"]?.pattern.test(site)).toBe(false);
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

  it.each([
    ["the ways that an issue may go", "GET", /transitions$/],
    ["that it goes one of them", "POST", /transitions$/],
  ] as const)(
    "that has no time for %s says when it has, and is told nothing of the outcome before",
    async (_, method, path) => {
      const { site, sender } = scene();
      await sender.post(message(), secret);
      const busy = jira(site.busyFor(method, path)).open(settings);
      expect(await busy.post(message(outcome), secret)).toEqual({ kind: "refused", code: "http-429", afterSeconds: 7 });
      expect(site.issues).toMatchObject([{ status: "To Do", comments: [] }]);
      await sender.post(message(outcome), secret);
      expect(site.issues).toMatchObject([{ status: "Done", comments: [{}] }]);
    },
  );

  it.each([
    ["an issue", {}, /search/],
    ["a comment", outcome, /comment/],
  ] as const)(
    "that has no time to say whether there is %s already says when it has, and makes none",
    async (_, over, path) => {
      const { site, sender } = scene();
      if (over !== outcome) site.losesAnswers = true;
      const made = sender.post(message(), secret);
      await (over === outcome ? made : expect(made).rejects.toThrow("broken off"));
      const busy = jira(site.busyFor("GET", path)).open(settings);
      expect(await busy.postAgain?.(message(over), secret)).toEqual({ kind: "not-known", afterSeconds: 7 });
      expect(site.issues).toMatchObject([{ comments: [] }]);
      const unsaid = jira(site.busyFor("GET", path, "")).open(settings);
      await expect(unsaid.postAgain?.(message(over), secret)).rejects.toThrow("Jira could not be asked for the");
    },
  );
});
