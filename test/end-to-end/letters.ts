import type { Mail } from "../../local/channels/mailbox.ts";
import type { RunningStack } from "../../local/stack.ts";

/** The letters with this subject, oldest first. */
export async function letters(stack: RunningStack, subject: string): Promise<readonly Mail[]> {
  return (await stack.mails()).filter((mail) => mail.subject === subject);
}

/** The review link in a letter. */
export function reviewLinkIn(letter: Mail | undefined): string {
  const found = letter?.links.find((each) => new URL(each).pathname.startsWith("/r/"));
  if (found === undefined) throw new Error("There is no letter with a review link.");
  return found;
}
