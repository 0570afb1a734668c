import { messages } from "./messages/catalogue.ts";
import { PageHeading } from "./ui/page-heading.tsx";

/** A page that says one thing and leads to the inbox. */
export function PlainPage({ heading, text }: { readonly heading: string; readonly text?: string }) {
  return (
    <div class="narrow">
      <PageHeading text={heading} />
      {text !== undefined && <p>{text}</p>}
      <p>
        <a href="#/">{messages.pages.toInbox}</a>
      </p>
    </div>
  );
}
