import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";

const programs = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"];
// Without Chromium's own sandbox, which needs rights that containers and root lack: it sees our own pages only.
const options = { headless: true, chromiumSandbox: false };
const cache = fileURLToPath(new URL("../node_modules/.cache/countersign/", import.meta.url));

/**
 * Starts a Chromium without a window: the one that `CHROME_PATH` names, one that is installed, or the one that comes
 * with the npm package, unpacked into node_modules. Close it when done.
 */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env["CHROME_PATH"] ?? installedProgram();
  if (installed !== undefined) return chromium.launch({ ...options, executablePath: installed });
  if (process.platform !== "linux") return chromium.launch({ ...options, channel: "chrome" });
  return launchPackaged(existsSync("/etc/fonts/fonts.conf") ? "the machine's" : "the package's");
}

/** The Chromium of the npm package, which brings a font for machines that have none. */
export async function launchPackaged(fonts: "the machine's" | "the package's"): Promise<Browser> {
  const folder = await unpacked();
  return chromium.launch({
    ...options,
    executablePath: join(folder, "chromium"),
    args: ["--headless=shell", "--no-zygote", "--disable-gpu"],
    env: {
      ...(process.env as Record<string, string>),
      FONTCONFIG_PATH: fonts === "the machine's" ? "/etc/fonts" : join(folder, "fonts"),
    },
  });
}

function installedProgram(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return programs.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** The folder of the package's Chromium, unpacked once; several test files may want it at the same time. */
async function unpacked(): Promise<string> {
  const about = new URL("../node_modules/@sparticuz/chromium/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(about, "utf8")) as { readonly version: string };
  const folder = join(cache, `browser-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "unpacking-"));
  const { TMPDIR: before } = process.env;
  try {
    // The package unpacks into the system's folder for temporary files, and takes whatever lies there already.
    process.env["TMPDIR"] = fresh;
    const { default: packaged } = await import("@sparticuz/chromium");
    await packaged.executablePath();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
  writeFileSync(join(fresh, "fonts", "fonts.conf"), fontsIn(join(folder, "fonts")));
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another test file was quicker.
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

/** The package's own file names folders of AWS Lambda; a Chromium that finds no font at all ends with the first text it shows. */
const fontsIn = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <cachedir>${join(folder, "cache")}</cachedir>
</fontconfig>
`;
