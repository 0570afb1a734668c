import { render } from "preact";
import { App } from "./app.tsx";
import { takeHandedReason } from "./decision/handed-reason.ts";
import { LastResort } from "./loading/last-resort.tsx";
import { messages } from "./messages/catalogue.ts";
import { arrivalAt } from "./session/arrival.ts";

const replace = (fragment: string): void => history.replaceState(null, "", `/${fragment}`);
const arrival = arrivalAt(new URL(location.href), sessionStorage, replace);
takeHandedReason(location.hash, sessionStorage, replace);
document.documentElement.lang = messages.language;
const root = document.getElementById("portal");
if (root !== null) {
  render(
    <LastResort>
      <App arrival={arrival} />
    </LastResort>,
    root,
  );
  // What stood here until now. Where anything above failed, it stays, and leads to another try.
  document.getElementById("loading")?.remove();
}
