import { messages } from "./messages/catalogue.ts";
import { PageHeading } from "./ui/page-heading.tsx";
import { Foreign } from "./ui/text.tsx";

/** A page that says one thing and leads to the inbox, and where else there is something to see. */
export function PlainPage(props: {
  readonly heading: string;
  readonly text?: string;
  readonly more?: string;
  readonly leads?: { readonly to: string; readonly text: string };
}) {
  const { heading, text, more, leads } = props;
  return (
    <div class="narrow">
      <PageHeading text={heading} />
      {text !== undefined && (
        <p>
          <Foreign text={text} />
        </p>
      )}
      {more !== undefined && <p>{more}</p>}
      {leads !== undefined && (
        <p>
          <a href={leads.to}>{leads.text}</a>
        </p>
      )}
      <p>
        <a href="#/">{messages.pages.toInbox}</a>
      </p>
    </div>
  );
}
