import type { Promotion } from "../../../core/promotion/promotion.ts";

/** A letter: plain text first, the same in HTML. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Asks one person to review. The link locates; it decides nothing. */
export function requestLetter(
  promotion: Promotion,
  to: { readonly name: string; readonly address: string; readonly roles: readonly string[] },
  link: string,
): Letter {
  const { model, target } = promotion.manifest;
  const deadline = promotion.stage?.deadline ?? promotion.expiresAt;
  const subject = line(`Please review ${model.name} ${model.version} for ${target.name}`);
  const text = [
    `Hello ${line(to.name)},`,
    "",
    `${model.name} ${model.version} is waiting for your sign-off as ${to.roles.join(" or ")} before it may run in ${target.name}.`,
    `Stage: ${promotion.stage?.name ?? ""}. Please decide before ${utcText(deadline)}.`,
    "",
    "All automated gates have passed. Read the summary and decide here:",
    link,
    "",
    "The link only leads to the page. Deciding needs your own sign-in, so forwarding this letter gives nothing away.",
    "",
  ].join("\n");
  return { to: to.address, subject, text, html: htmlOf(text, link) };
}

/** Tells one person how a review ended. */
export function outcomeLetter(
  promotion: Promotion,
  to: { readonly name: string; readonly address: string },
  link: string,
): Letter {
  const { model, target } = promotion.manifest;
  const subject = line(`${model.name} ${model.version} for ${target.name}: ${promotion.status}`);
  const text = [
    `Hello ${line(to.name)},`,
    "",
    `${model.name} ${model.version} for ${target.name} is ${promotion.status}. ${rest(promotion)}`,
    ...(promotion.reason === undefined ? [] : ["", `Reason: ${promotion.reason}`]),
    "",
    link,
    "",
  ].join("\n");
  return { to: to.address, subject, text, html: htmlOf(text, link) };
}

function rest({ status }: Promotion): string {
  return status === "restricted"
    ? "If it has to be approved again, you will be asked in a letter of its own."
    : "There is nothing left for you to do.";
}

/** One line: whatever a name holds, it must not begin another header or paragraph. */
function line(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, 200);
}

function utcText(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

function htmlOf(text: string, link: string): string {
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
