import { Failure } from "../../core/failure.ts";

const mostSteps = 20;

/**
 * Walks through a login as a browser with a person before it would: follows the redirects from `authorizationUrl`,
 * fills the form, and returns the address of the callback with its `code` (or `error`) without calling it.
 *
 * The password goes to the origin of `authorizationUrl` only. Throws `unauthenticated` where the form is shown again
 * and `unavailable` where no callback comes.
 */
export async function logIn(login: {
  readonly authorizationUrl: string;
  readonly username: string;
  readonly password: string;
}): Promise<string> {
  const start = new URL(login.authorizationUrl);
  const callback = new URL(start.searchParams.get("redirect_uri") ?? "about:blank");
  const cookies = new CookieJar();
  let request: { readonly url: URL; readonly form?: URLSearchParams } = { url: start };
  for (let step = 0; step < mostSteps; step++) {
    const { url, form } = request;
    if (url.origin === callback.origin && url.pathname === callback.pathname) return url.href;
    if (url.origin !== start.origin) throw new Failure("unavailable", `The login led away to ${url.origin}.`);
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: cookies.header(url) },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
    cookies.take(response, url);
    const location = response.headers.get("location");
    const page = await response.text();
    if (location !== null) {
      request = { url: new URL(location, url) };
      continue;
    }
    const action = /<form method="post" action="([^"]+)">/.exec(page)?.[1];
    if (action === undefined) {
      const heading = /<p>([^<]*)<\/p>/.exec(page)?.[1] ?? `status ${response.status}`;
      throw new Failure("unavailable", `The login shows no form: ${heading}`);
    }
    if (form !== undefined)
      throw new Failure("unauthenticated", `${login.username} could not sign in with that password.`);
    const filled = new URLSearchParams({ username: login.username, password: login.password });
    request = { url: new URL(action.replaceAll("&amp;", "&"), url), form: filled };
  }
  throw new Failure("unavailable", "The login went round in circles.");
}

/** The few rules of RFC 6265 that one login on one host needs: name, path and removal. */
class CookieJar {
  readonly #cookies = new Map<string, { readonly pair: string; readonly path: string }>();

  take(response: Response, url: URL): void {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split(/;\s*/);
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? url.pathname;
      const expires = attributes.find((each) => /^expires=/i.test(each))?.slice(8);
      const key = `${pair.split("=", 1)[0]};${path}`;
      if (expires !== undefined && Date.parse(expires) <= Date.now()) this.#cookies.delete(key);
      else this.#cookies.set(key, { pair, path });
    }
  }

  header(url: URL): string {
    const fitting = [...this.#cookies.values()].filter(({ path }) => {
      const folder = path.endsWith("/") ? path : `${path}/`;
      return url.pathname === path || url.pathname.startsWith(folder);
    });
    return fitting.map(({ pair }) => pair).join("; ");
  }
}
