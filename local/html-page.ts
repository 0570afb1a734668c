import { createHash } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";

const style = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem; }
body.narrow { max-width: 24rem; }
h1 { font-size: 1.375rem; line-height: 1.25; }
label { display: block; font-weight: 600; margin-top: 1rem; }
select, input, button { font: inherit; padding: .5rem .625rem; border: 1px solid GrayText; border-radius: .375rem; }
select, input { width: 100%; box-sizing: border-box; }
button { cursor: pointer; }
button.main { margin-top: 1.5rem; width: 100%; border: 0; background: #0b57a4; color: #fff; font-weight: 600; }
button.plain { margin-top: .75rem; width: 100%; background: none; color: inherit; }
:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px; }
.alert { border-left: .25rem solid #b3261e; padding: .25rem .75rem; }
.quiet { color: light-dark(#57606a, #a4adb8); }
table { border-collapse: collapse; width: 100%; }
td { overflow-wrap: anywhere; }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid GrayText; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
iframe { width: 100%; height: 24rem; border: 1px solid GrayText; background: #fff; }
`;
const styleHash = createHash("sha256").update(style).digest("base64");

/** A whole page of a stand-in: no script, no third party, one style. `title` and `body` are HTML already. */
export function htmlPage(title: string, body: string, kind: "narrow" | "wide" = "wide"): string {
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>` +
    `<body class="${kind}"><main>${body}</main></body></html>\n`
  );
}

/** Headers of such a page; `formTargets` are the origins its forms may lead to, redirects included. */
export function pageHeaders(
  formTargets: readonly string[] = [],
  frames: "'self'" | "'none'" = "'none'",
): OutgoingHttpHeaders {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action ${formTargets.length === 0 ? "'none'" : formTargets.join(" ")}`,
    `frame-src ${frames}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy.join("; "),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

/** `text` as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? "");
}
