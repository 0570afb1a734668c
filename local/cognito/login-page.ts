import { escapeHtml, htmlPage } from "../html-page.ts";
import type { Person } from "../people.ts";

/** The page on which a person says who they are. `action` is the address of its form. */
export function loginPage(page: {
  readonly action: string;
  readonly clientName: string;
  readonly people: readonly Person[];
  readonly chosen: string | undefined;
  readonly problem: string | undefined;
}): string {
  const options = page.people
    .filter((person) => person.enabled)
    .map((person) => {
      const groups = person.groups.length === 0 ? "no group" : person.groups.join(", ");
      const selected = person.username === page.chosen ? " selected" : "";
      const label = escapeHtml(`${person.name} (${groups})`);
      return `<option value="${escapeHtml(person.username)}"${selected}>${label}</option>`;
    });
  const problem = page.problem === undefined ? "" : `<p class="alert" role="alert">${escapeHtml(page.problem)}</p>`;
  const action = escapeHtml(page.action);
  return htmlPage(
    "Sign in",
    `<h1>Sign in to ${escapeHtml(page.clientName)}</h1>
<p class="quiet">This is the trial identity provider on this machine.</p>
${problem}
<form method="post" action="${action}">
<label for="username">Who are you?</label>
<select id="username" name="username" autocomplete="username" required>${options.join("")}</select>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button class="main" type="submit">Sign in</button>
</form>
<form method="post" action="${action}/abort"><button class="plain" type="submit">Cancel</button></form>`,
    "narrow",
  );
}

/** The page that asks whether to sign out; `form` is the hidden form of the library. */
export function logoutPage(form: string): string {
  return htmlPage(
    "Sign out",
    `<h1>Sign out?</h1>${form}
<button class="main" type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button class="plain" type="submit" form="op.logoutForm">Stay signed in</button>`,
    "narrow",
  );
}

/** A page that says one thing. */
export function messagePage(title: string, text: string): string {
  return htmlPage(escapeHtml(title), `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`, "narrow");
}
