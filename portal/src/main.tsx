import { render } from "preact";
import { App } from "./app.tsx";
import { messages } from "./messages/catalogue.ts";
import { arrivalAt } from "./session/arrival.ts";

const arrival = arrivalAt(new URL(location.href), sessionStorage, (fragment) => {
  history.replaceState(null, "", `/${fragment}`);
});
document.documentElement.lang = messages.language;
const root = document.getElementById("portal");
if (root !== null) render(<App arrival={arrival} />, root);
