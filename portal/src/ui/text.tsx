import { Fragment } from "preact";
import { messages } from "../messages/catalogue.ts";
import { withoutTurns } from "./readable.ts";

const shownAtOnce = 400;

/** Text that somebody else wrote, or has words in: kept apart, so that it turns no direction, around it or within. */
export function Apart({ text }: { readonly text: string }) {
  return <bdi>{withoutTurns(text)}</bdi>;
}

/** The same, broken wherever it must be. */
export function Foreign({ text }: { readonly text: string }) {
  return <bdi class="foreign">{withoutTurns(text)}</bdi>;
}

/** The name of a file, or a place in one: broken, where it must be, behind what parts it and not in the midst of a word. */
export function FileName({ name }: { readonly name: string }) {
  const parts = withoutTurns(name).split(/(?<=[./#_-])(?=[^./#_-])/);
  return (
    <bdi class="foreign">
      {parts.map((part, at) => (
        <Fragment key={`${at} ${part}`}>
          {at > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </bdi>
  );
}

/** Foreign text that may be very long: its beginning, and the rest on demand. */
export function LongForeign({ text }: { readonly text: string }) {
  if (text.length <= shownAtOnce) return <Foreign text={text} />;
  return (
    <>
      <Foreign text={`${text.slice(0, shownAtOnce).toWellFormed()}…`} />
      <details class="long">
        <summary>{messages.showAll}</summary>
        <Foreign text={text} />
      </details>
    </>
  );
}

/** A digest in full: somebody may want to compare it. */
export function Digest({ value }: { readonly value: string }) {
  return <code class="digest">{value}</code>;
}
