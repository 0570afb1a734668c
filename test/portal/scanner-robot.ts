import type { Page, Request } from "playwright-core";

/** Everything that a program can press. */
const pressable = "button:not([disabled]), input[type=submit], input[type=button], summary, [role=button]";
/** A page that keeps making buttons must not keep the robot for ever. */
const mostPresses = 25;

/** What a mail scanner did: addresses that it looked at, and how often it pressed something. */
export interface Scanned {
  readonly addresses: ReadonlySet<string>;
  readonly pressed: readonly string[];
}

/**
 * A mail scanner with a browser: from these addresses it follows every link, fills every field, presses every button and
 * submits every form of every page, of the identity provider's too, and knows no password. It stays on this machine.
 */
export async function scan(page: Page, from: readonly string[]): Promise<Scanned> {
  const quiet = quietOf(page);
  const waiting = [...from];
  const addresses = new Set<string>();
  const pressed: string[] = [];
  for (let address = waiting.shift(); address !== undefined; address = waiting.shift()) {
    const known = placeOf(address);
    if (addresses.has(known)) continue;
    addresses.add(known);
    const done = new Set<string>();
    for (let press = 0; press < mostPresses; press++) {
      await settled(page, address, quiet);
      const found = await steadily(quiet, () => linksOn(page));
      waiting.push(...found.filter((link) => new URL(link).hostname === "localhost"));
      const next = await steadily(quiet, () => pressNext(page, done));
      if (next === undefined) break;
      pressed.push(`${known}: ${next}`);
      await quiet();
      if (placeOf(page.url()) !== known) waiting.push(page.url());
    }
    await submitForms(page, address, quiet);
  }
  return { addresses, pressed };
}

/** Opens the address, in a document of its own even where only the fragment differs. */
async function settled(page: Page, address: string, quiet: () => Promise<void>): Promise<void> {
  if (page.url() === address) return;
  await page.goto("about:blank");
  await page.goto(address);
  await quiet();
}

/** Waits until nothing is on its way any more, and nothing new begins within a few frames. */
function quietOf(page: Page): () => Promise<void> {
  const underWay = new Set<Request>();
  page.on("request", (request) => void underWay.add(request));
  page.on("requestfinished", (request) => void underWay.delete(request));
  page.on("requestfailed", (request) => void underWay.delete(request));
  return async () => {
    for (let frames = 0; frames < 4; frames++) {
      if (underWay.size > 0) frames = 0;
      // Where a navigation takes the frame away, the next one is asked.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve))).catch(() => undefined);
    }
  };
}

/** Does something again where the page went elsewhere meanwhile. */
async function steadily<Value>(quiet: () => Promise<void>, work: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error && /context was destroyed|navigat|detached|not attached/i.test(error.message)))
        throw error;
      await quiet();
    }
  }
}

async function linksOn(page: Page): Promise<readonly string[]> {
  return page.$$eval("a[href], area[href], link[rel~=prefetch]", (links) =>
    links.flatMap((link) => ("href" in link && typeof link.href === "string" ? [link.href] : [])),
  );
}

/** Presses the first thing that was not pressed here before; answers what it says, or nothing. */
async function pressNext(page: Page, done: Set<string>): Promise<string | undefined> {
  for (const element of await page.$$(pressable)) {
    const words = ((await element.textContent()) ?? "").trim();
    if (done.has(words) || !(await element.isVisible())) continue;
    done.add(words);
    await fillEverything(page);
    // Wherever it stands, and whatever lies over it.
    await element.evaluate((each) => (each as HTMLElement).click());
    return words;
  }
  return undefined;
}

async function fillEverything(page: Page): Promise<void> {
  for (const field of await page.$$("input:not([type=hidden]):not([type=file]), textarea")) {
    if (!(await field.isVisible())) continue;
    const type = await field.getAttribute("type");
    if (type === "checkbox" || type === "radio") await field.check({ force: true });
    else if (type === "date" || type === "datetime-local") continue;
    else await field.fill(type === "email" ? "robot@example.org" : "approve", { force: true });
  }
}

/** Past the page's own script: as a form without its handlers would be sent. */
async function submitForms(page: Page, address: string, quiet: () => Promise<void>): Promise<void> {
  await settled(page, address, quiet);
  const count = await page.locator("form").count();
  for (let index = 0; index < count; index++) {
    await settled(page, address, quiet);
    const form = page.locator("form").nth(index);
    if ((await form.count()) === 0) return;
    await fillEverything(page);
    await form.evaluate((element) => HTMLFormElement.prototype.submit.call(element));
    await quiet();
  }
}

/** An address without what differs at each visit: a sign-in's own state, and what a form put behind it. */
function placeOf(address: string): string {
  const { origin, pathname, searchParams, hash } = new URL(address);
  const handed = searchParams.has("reject") ? "?reject" : "";
  return `${origin}${pathname.replace(/\/login\/[^/]+/, "/login")}${handed}${hash}`;
}
