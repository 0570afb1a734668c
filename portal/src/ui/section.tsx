import { Component, type ComponentChildren } from "preact";
import { messages } from "../messages/catalogue.ts";

/** A part of the page with its heading. What cannot be shown says so and leaves the rest standing. */
export function Section(props: {
  readonly id: string;
  readonly heading: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card" aria-labelledby={props.id}>
      <h2 id={props.id} tabIndex={-1}>
        {props.heading}
      </h2>
      <Fallback>{props.children}</Fallback>
    </section>
  );
}

class Fallback extends Component<{ readonly children: ComponentChildren }, { readonly failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <p class="notice bad">{messages.problem.section}</p> : this.props.children;
  }
}
