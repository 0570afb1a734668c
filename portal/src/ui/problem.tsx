import type { ComponentChildren } from "preact";
import { messages } from "../messages/catalogue.ts";
import { Foreign } from "./text.tsx";

/** Something went wrong, in words; read out at once. */
export function ProblemNotice(props: {
  readonly heading?: string;
  readonly sentence: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{props.heading ?? messages.problem.heading}</strong>
      </p>
      <p>
        <Foreign text={props.sentence} />
      </p>
      {props.children}
    </div>
  );
}
