import { Component, type ComponentChildren } from "preact";
import { messages } from "../messages/catalogue.ts";
import { TryAgain } from "./try-again.tsx";

/** What is shown where the page itself broke: a sentence and a way on, instead of nothing. */
export class LastResort extends Component<{ readonly children: ComponentChildren }, { readonly broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main>
        <h1>{messages.product}</h1>
        <div class="notice bad" role="alert">
          <p>{messages.load.broken}</p>
          <TryAgain onTry={() => location.reload()} />
        </div>
      </main>
    );
  }
}
