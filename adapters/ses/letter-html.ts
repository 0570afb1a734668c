import type { Message } from "../../core/notification/message.ts";

// Mail programs know no stylesheet: every element says how it looks. Colours are those of the portal, and hold on white
// and on what a dark mode makes of it.
const page =
  "margin:0;padding:24px 16px;background:#f4f5f7;color:#1b1f24;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif";
const sheet =
  "max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #c9ced6;border-radius:10px";
const brand = "margin:0 0 20px;font-weight:700;color:#0b57a4";
const paragraphStyle = "margin:0 0 16px";
const action =
  "display:inline-block;margin:12px 0 10px;padding:12px 22px;border-radius:6px;background:#0b57a4;color:#ffffff;font-weight:600;text-decoration:none";
const address = "font-size:12px;line-height:1.4;color:#57606a;word-break:break-all";

/**
 * A plain letter in HTML: its paragraphs, and its one link as a button and as it is, so that everybody sees where it
 * leads; nothing is loaded, and nothing counts who follows it.
 */
export function letterHtml({ letter, link, subject, button }: Pick<Message, "letter" | "link" | "subject" | "button">) {
  const target = escapeHtml(link);
  const way = `<a href="${target}" style="${action}">${escapeHtml(button)}</a><br><a href="${target}" style="${address}">${target}</a>`;
  const paragraphs = letter
    .split(/\n{2,}/)
    .map((paragraph) => escapeHtml(paragraph.trim()).replaceAll("\n", "<br>"))
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => `<p style="${paragraphStyle}">${paragraph.replaceAll(target, () => way)}</p>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="${page}">
<div style="${sheet}">
<p style="${brand}">Countersign</p>
${paragraphs.join("\n")}
</div>
</body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
