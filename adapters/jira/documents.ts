import { cutText } from "../../core/encoding/cut-text.ts";
import type { Message } from "../../core/notification/message.ts";

// Atlassian Document Format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/

/** The label by which an issue is found again. */
export function label({ id }: Message): string {
  return `countersign-${id}`;
}

/** The body of `POST /rest/api/3/issue`; `dated` where it has a day by which it is due. */
export function issueOf(message: Message, project: string, issueType: string, dated: boolean) {
  const { deadline } = message.about;
  return {
    fields: {
      project: { key: project },
      issuetype: { name: issueType },
      // Jira refuses a summary of more than 255 characters.
      summary: cutText(message.subject, 255),
      description: documentOf(message),
      labels: ["countersign", label(message)],
      ...(deadline === undefined || !dated ? {} : { duedate: deadline.slice(0, 10) }),
    },
  };
}

/** The body of `POST /rest/api/3/issue/{key}/comment`. The property tells it from what people write. */
export function commentOf(message: Message) {
  return { body: documentOf(message), properties: [{ key: "countersign", value: { id: message.id } }] };
}

function documentOf({ note, button, link }: Message) {
  const paragraphs = note.split("\n").filter((line) => line.trim() !== "");
  return {
    type: "doc",
    version: 1,
    content: [
      ...paragraphs.map((text) => ({ type: "paragraph", content: [{ type: "text", text }] })),
      {
        type: "paragraph",
        content: [{ type: "text", text: button, marks: [{ type: "link", attrs: { href: link } }] }],
      },
    ],
  };
}
