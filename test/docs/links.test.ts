import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";

const documents = ["*.md", "{core,docs,examples,infra,policies,bench,test}/**/*.md"].flatMap((pattern) =>
  globSync(pattern, { exclude: ["**/node_modules/**"] }),
);
const textOf = (path: string) => readFileSync(path, "utf8");

/** The anchors that GitHub gives to headings, and those that a document gives itself. */
function anchorsOf(text: string): ReadonlySet<string> {
  const own = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = ""]) => id);
  const seen = new Map<string, number>();
  const headings = withoutCode(text).matchAll(/^#{1,6} +(.+?) *#*$/gm);
  const slugs = [...headings].map(([, heading = ""]) => {
    const shown = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = shown
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set([...own, ...slugs]);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```/gm, "");
}

function leadsNowhere(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const to = path === "" ? from : normalize(join(dirname(from), decodeURIComponent(path)));
  if (globSync(to).length === 0) return true;
  return anchor !== undefined && to.endsWith(".md") && !anchorsOf(textOf(to)).has(anchor);
}

it("every link within the documents leads to a file, and to a heading of it", () => {
  const links = documents.flatMap((from) =>
    [...withoutCode(textOf(from)).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, link = ""]) => ({
      from,
      link,
    })),
  );
  const within = links.filter(({ link }) => !/^[a-z]+:/.test(link));
  expect(within.length).toBeGreaterThan(500);
  expect(within.filter(({ from, link }) => leadsNowhere(from, link))).toEqual([]);
});
