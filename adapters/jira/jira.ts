import * as v from "valibot";
import {
  type ChannelKind,
  type Exchange,
  type Exchanged,
  handOver,
  refusedBy,
  type Settings,
} from "../../core/notification/channel.ts";
import type { Message, Posted } from "../../core/notification/message.ts";
import { commentOf, issueOf, label } from "./documents.ts";

const issueSchema = v.object({ key: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*-[0-9]+$/)) });
const foundSchema = v.object({ issues: v.array(issueSchema) });
const commentsSchema = v.object({
  comments: v.array(
    v.object({ properties: v.optional(v.array(v.object({ key: v.string(), value: v.unknown() })), []) }),
  ),
});
const transitionsSchema = v.object({ transitions: v.array(v.object({ id: v.string(), name: v.string() })) });

/**
 * One issue for each stage, through Jira Cloud's REST API v3: made when people are asked, commented on and moved once it is
 * decided. The secret is `address:API token`. Jira knows no idempotency key, so an issue carries its message's id as a
 * label and a comment as a property, and what is in doubt is looked up first.
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/
 */
export function jira(exchange: Exchange): ChannelKind {
  return {
    name: "jira",
    form: "Jira message",
    settings: {
      site: {
        pattern: /^https:\/\/[a-z0-9.-]+(\/ex\/jira\/[0-9a-f-]{36})?$/,
        sentence:
          "This must be the site, such as https://example.atlassian.net, or, for a token with scopes, https://api.atlassian.com/ex/jira/ and the site's cloud id.",
      },
      project: {
        pattern: /^[A-Z][A-Z0-9_]{1,20}$/,
        sentence: "This must be the key of a Jira project, such as MODEL.",
      },
      issueType: { pattern: /^.{1,60}$/, sentence: "This must be the name of an issue type, such as Task." },
      done: {
        pattern: /^.{1,60}$/,
        sentence: "This must be the name of the transition for an issue that is decided, such as Done.",
        optional: true,
      },
    },
    secret: true,
    audience: () => "room",
    follows: true,
    open: (settings) => ({
      post: (message, secret) => begin(settings, secret).post(message),
      postAgain: async (message, secret) => {
        const tracker = begin(settings, secret);
        const found = await tracker.find(message);
        if ("kind" in found) return found;
        return found.key === undefined ? tracker.post(message) : { kind: "sent", messageId: found.key };
      },
    }),
  };

  function begin(settings: Settings, secret: string) {
    const { site = "", project = "", issueType = "", done } = settings;
    const headers = {
      authorization: `Basic ${Buffer.from(secret, "utf8").toString("base64")}`,
      accept: "application/json",
      "content-type": "application/json",
    };
    const request = (method: "GET" | "POST", path: string, body?: unknown) => ({
      method,
      url: `${site}/rest/api/3/${path}`,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { post, find };

    async function post(message: Message): Promise<Posted> {
      const key = message.earlier.at(-1);
      if (key === undefined) {
        const made = await make(issueOf(message, project, issueType, true));
        // Many projects have no due date on their screens, or let nobody but a few set one, and Jira makes no issue then:
        // https://support.atlassian.com/jira/kb/duedate-field-cannot-be-set-in-the-project/
        const fits = made.kind !== "refused" || made.code !== "http-400" || message.about.deadline === undefined;
        return fits ? made : await make(issueOf(message, project, issueType, false));
      }
      const ends = message.purpose === "settled" || message.purpose === "told";
      const busy = ends && done !== undefined ? await move(key, done) : undefined;
      // Nothing is said of it by now: it is moved, and told, once Jira takes more.
      if (busy !== undefined) return busy;
      return handOver(exchange, request("POST", `issue/${key}/comment`, commentOf(message)), () => ({
        kind: "sent",
        messageId: key,
      }));
    }

    async function make(issue: ReturnType<typeof issueOf>): Promise<Posted> {
      return handOver(exchange, request("POST", "issue", issue), (body) => ({
        kind: "sent",
        messageId: v.parse(issueSchema, JSON.parse(body)).key,
      }));
    }

    /** Moves the issue if it may go that way; one that was moved already, or lies elsewhere, stays. The comment says the outcome. */
    async function move(key: string, name: string): Promise<Busy | undefined> {
      const answer = await exchange(request("GET", `issue/${key}/transitions`));
      const busy = busyIn(answer);
      if (busy !== undefined) return busy;
      const way = read(answer, transitionsSchema)?.transitions.find((each) => each.name === name);
      if (way === undefined) return undefined;
      return busyIn(await exchange(request("POST", `issue/${key}/transitions`, { transition: { id: way.id } })));
    }

    /** The issue that has the message already, if there is one; or when that can be asked again. */
    async function find(message: Message): Promise<{ readonly key?: string } | NotKnown> {
      const key = message.earlier.at(-1);
      if (key === undefined) {
        const jql = encodeURIComponent(`project = "${project}" AND labels = "${label(message)}"`);
        const answer = await exchange(request("GET", `search/jql?jql=${jql}&fields=key&maxResults=1`));
        const found = read(answer, foundSchema);
        if (found === undefined) return notKnown(answer, "Jira could not be asked for the issue.");
        return found.issues[0] ?? {};
      }
      const path = `issue/${key}/comment?expand=properties&orderBy=-created&maxResults=100`;
      const answer = await exchange(request("GET", path));
      const found = read(answer, commentsSchema);
      if (found === undefined) return notKnown(answer, "Jira could not be asked for the comment.");
      const ids = found.comments.flatMap(({ properties }) => properties.map(({ value }) => JSON.stringify(value)));
      return ids.includes(JSON.stringify({ id: message.id })) ? { key } : {};
    }
  }
}

type Busy = Extract<Posted, { readonly kind: "refused" }>;
type NotKnown = Extract<Posted, { readonly kind: "not-known" }>;

function read<Schema extends v.GenericSchema>({ status, body }: Exchanged, schema: Schema) {
  return status === 200 ? v.parse(schema, JSON.parse(body)) : undefined;
}

/** The refusal of a Jira that has too much to do, and says when it takes more. https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ */
function busyIn(answer: Exchanged): Busy | undefined {
  const refused = refusedBy(answer);
  return refused.afterSeconds === undefined ? undefined : refused;
}

/** Throws the sentence where Jira does not say when it can be asked again. */
function notKnown(answer: Exchanged, sentence: string): NotKnown {
  const { afterSeconds } = refusedBy(answer);
  if (afterSeconds === undefined) throw new Error(sentence);
  return { kind: "not-known", afterSeconds };
}
