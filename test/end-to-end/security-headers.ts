import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openApi } from "../api/answer-matches.ts";
import type { Trial } from "./trial.ts";

/** Where somebody else's page would have the reader's browser send things. */
const elsewhere = { origin: "https://evil.example", referer: "https://evil.example/", cookie: "session=x" };
/** Whom the service answers without knowing who they are. */
const open = [
  "GET /v1/audit/checkpoint",
  "GET /v1/passports/.well-known/openid-configuration",
  "GET /v1/passports/jwks.json",
  "GET /v1/service",
];
const operations = Object.entries(openApi.paths).flatMap(([path, item]) =>
  (["get", "head", "post"] as const)
    .filter((method) => item[method] !== undefined)
    .map((method) => ({ method: method.toUpperCase(), path })),
);

/** What every answer tells a browser, whatever it answers, and that none sets a cookie or lets another site read it. */
function expectHeaders({ headers }: Response, what: string): void {
  const told = Object.fromEntries(headers);
  expect(told, what).toMatchObject({
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
  });
  expect(told["content-security-policy"], what).toMatch(/^default-src 'none'; script-src 'self'/);
  expect(told["content-security-policy"], what).not.toMatch(/'unsafe-|\*/);
  const others = ["set-cookie", "access-control-allow-origin", "access-control-allow-credentials"];
  expect(
    Object.keys(told).filter((name) => others.includes(name)),
    what,
  ).toEqual([]);
}

/** What the service tells browsers with every answer, and what it takes from other sites' pages: nothing. */
export function describeSecurityHeaders(trial: Trial): void {
  const at = (path: string, request: RequestInit = {}) =>
    fetch(`${trial.stack.addresses.portal}${path}`, { redirect: "manual", ...request });

  describe("what a browser is told", () => {
    it("by every route of the API: nothing is kept, embedded, guessed or handed on, and there are no cookies", async () => {
      expect(operations.length).toBeGreaterThan(35);
      const answered: string[] = [];
      for (const { method, path } of operations) {
        const what = `${method} ${path}`;
        // From another site's page, which sends no token and can send no JSON without asking first.
        const body = method === "POST" ? { body: "{}" } : {};
        const type = method === "POST" ? { "content-type": "text/plain" } : {};
        const answer = await at(path.replaceAll(/\{[^}]+\}/g, "x"), {
          method,
          headers: { ...elsewhere, ...type },
          ...body,
        });
        expectHeaders(answer, what);
        expect(answer.headers.get("cache-control"), what).toMatch(/no-store|^public, max-age=/);
        if (answer.status < 400) answered.push(what);
      }
      // No decision, question or loan of another site's page: whoever sends no token of their own is refused.
      expect(answered.toSorted()).toEqual(open);
    });

    it("by the portal where it has nothing: a page of ours, 404, and nothing of the address in it", async () => {
      const paths = [
        "/nowhere",
        "/favicon.ico",
        "/assets/typed.js",
        "//evil.example/",
        "/%3Cscript%3E?to=//evil.example",
        "/not-found.html",
      ];
      const texts = new Set<string>();
      for (const path of paths) {
        const page = await at(path);
        expect([page.status, page.headers.get("content-type"), page.headers.get("cache-control")], path).toEqual([
          404,
          "text/html",
          "no-store",
        ]);
        expectHeaders(page, path);
        texts.add(await page.text());
      }
      const [text, other] = texts;
      expect(text).toContain('<a href="/">Go to the inbox</a>');
      expect(other).toBeUndefined();
      expect((await at("/nowhere", { method: "HEAD" })).status).toBe(404);
    });

    it("by the portal: its page is not kept, and its files, which have their digests in their names, are", async () => {
      const page = await at("/");
      const files = [...(await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
        ([, path]) => path ?? "",
      );
      expectHeaders(page, "/");
      expect(page.headers.get("cache-control")).toBe("no-store");
      expect(files.length).toBeGreaterThan(2);
      for (const path of files) {
        const file = await at(path);
        await file.bytes();
        expectHeaders(file, path);
        expect([file.status, file.headers.get("cache-control")], path).toEqual([
          200,
          "public, max-age=31536000, s-maxage=86400, immutable",
        ]);
      }
    });

    it("by the command line's package: it is not kept, and its digest stands beside it", async () => {
      const [archive, sums] = [await at("/cli/countersign.tgz"), await at("/cli/SHA256SUMS")];
      for (const file of [archive, sums]) {
        expectHeaders(file, file.url);
        expect([file.status, file.headers.get("cache-control")], file.url).toEqual([200, "no-store"]);
      }
      const digest = createHash("sha256")
        .update(await archive.bytes())
        .digest("hex");
      expect(await sums.text()).toBe(`${digest}  countersign.tgz\n`);
      expect((await at("/cli/")).status).toBe(404);
    });

    it("to ask before another site's page may send a token: and that is never answered with leave", async () => {
      const headers = {
        ...elsewhere,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      };
      const answer = await at("/v1/promotions/x/sign-offs", { method: "OPTIONS", headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expectHeaders(answer, "OPTIONS");
    });
  });
}
