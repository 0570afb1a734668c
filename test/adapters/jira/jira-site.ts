import type { Exchange } from "../../../core/notification/channel.ts";

interface Issue {
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>> & { readonly labels: readonly string[] };
  readonly comments: { readonly body: unknown; readonly properties: unknown }[];
  status: string;
}

// As Jira says it: https://github.com/lesstif/php-jira-rest-client/issues/423
const noDueDate = {
  errorMessages: [],
  errors: { duedate: "Field 'duedate' cannot be set. It is not on the appropriate screen, or unknown." },
};

/** A Jira site with what the adapter asks of it, as its REST API v3 documents it. Refuses everything else. */
export class JiraSite {
  readonly issues: Issue[] = [];
  /** Set, it does what it is asked, and breaks off before it answers. */
  losesAnswers = false;
  /** Whether the screen on which issues of the project are made has a due date: in many it does not. */
  hasDueDates = true;

  readonly exchange: Exchange = async ({ method, url, headers, body }) => {
    const answer = this.#answer(method, new URL(url), headers, body === undefined ? undefined : JSON.parse(body));
    if (this.losesAnswers && method === "POST") throw new Error("broken off");
    return { status: answer.status, body: JSON.stringify(answer.body ?? {}) };
  };

  /** The same site, which has no time for some requests, and says for how long. */
  busyFor(method: string, path: RegExp, retryAfter = "7"): Exchange {
    return async (request) =>
      request.method === method && path.test(new URL(request.url).pathname)
        ? { status: 429, body: "", retryAfter }
        : this.exchange(request);
  }

  #answer(
    method: string,
    { origin, pathname, searchParams }: URL,
    headers: Readonly<Record<string, string>>,
    body: unknown,
  ): { readonly status: number; readonly body?: unknown } {
    if (origin !== "https://example.atlassian.net") throw new Error("This is another site.");
    const basic = Buffer.from("bot@example.org:token").toString("base64");
    if (headers["authorization"] !== `Basic ${basic}`) return { status: 401 };
    if (method === "POST" && headers["content-type"] !== "application/json") return { status: 415 };
    const [, key = "", part] = /^\/rest\/api\/3\/issue\/([A-Z]+-\d+)\/(comment|transitions)$/.exec(pathname) ?? [];
    const issue = this.issues.find((each) => each.key === key);
    if (method === "POST" && pathname === "/rest/api/3/issue") {
      const { fields } = body as Pick<Issue, "fields">;
      const { project, issuetype, summary, description } = fields as Record<string, Record<string, unknown>>;
      const valid = project?.["key"] === "MODEL" && issuetype?.["name"] === "Task" && isDocument(description);
      if (!valid || String(summary).length > 255 || fields.labels.some((label) => /\s/.test(label)))
        return { status: 400 };
      if ("duedate" in fields && !this.hasDueDates) return { status: 400, body: noDueDate };
      this.issues.push({ key: `MODEL-${this.issues.length + 1}`, fields, comments: [], status: "To Do" });
      return { status: 201, body: { id: "10000", key: this.issues.at(-1)?.key, self: "" } };
    }
    if (method === "GET" && pathname === "/rest/api/3/search/jql") {
      const [, label = ""] = /^project = "MODEL" AND labels = "([^"]+)"$/.exec(searchParams.get("jql") ?? "") ?? [];
      return {
        status: 200,
        body: { issues: this.issues.filter(({ fields }) => fields.labels.includes(label)), isLast: true },
      };
    }
    if (issue === undefined) return { status: 404 };
    if (part === "comment" && method === "POST") {
      const comment = body as Issue["comments"][number];
      if (!isDocument(comment.body)) return { status: 400 };
      issue.comments.push(comment);
      return { status: 201, body: { id: "1" } };
    }
    if (part === "comment") return { status: 200, body: { comments: issue.comments } };
    if (method === "GET")
      return { status: 200, body: { transitions: issue.status === "Done" ? [] : [{ id: "31", name: "Done" }] } };
    if ((body as { transition: { id: string } }).transition.id !== "31") return { status: 400 };
    issue.status = "Done";
    return { status: 204 };
  }
}

/** Atlassian Document Format, as far as it is used: paragraphs of text that is not empty. */
function isDocument(value: unknown): boolean {
  const { type, version, content } = value as {
    type: string;
    version: number;
    content: { type: string; content: { text: string }[] }[];
  };
  const texts = content.flatMap((paragraph) => (paragraph.type === "paragraph" ? paragraph.content : [{ text: "" }]));
  return type === "doc" && version === 1 && texts.every(({ text }) => text !== "");
}
