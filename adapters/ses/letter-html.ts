/** A plain letter in HTML: its paragraphs, and its one link, which leads where it says; nothing counts who follows it. */
export function letterHtml(text: string, link: string): string {
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) => escapeHtml(paragraph.trim()).replaceAll("\n", "<br>"))
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => `<p>${paragraph}</p>`)
    .join("\n");
  const target = escapeHtml(link);
  return `<!doctype html>\n<html lang="en"><body>\n${paragraphs.replaceAll(target, `<a href="${target}">${target}</a>`)}\n</body></html>\n`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
