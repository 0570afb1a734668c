import { useEffect, useRef } from "preact/hooks";
import { messages } from "../messages/catalogue.ts";
import { Apart } from "./text.tsx";

/** The page's heading: names the document, and takes the focus when the page changes, so that a screen reader says where one is. */
export function PageHeading({ text, focus = true }: { readonly text: string; readonly focus?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = messages.titled(text);
    if (focus) heading.current?.focus({ preventScroll: true });
  }, [text, focus]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      <Apart text={text} />
    </h1>
  );
}
