#!/usr/bin/env node
// Plain JavaScript, so that a Node which cannot run the rest can still say so.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `countersign needs Node 22.18 or later, and this is ${process.version}. In the checkout 'npx countersign' brings its own.\n`,
  );
  process.exitCode = 1;
} else {
  const { beginAgainToVerify } = await import("./begin-again.ts");
  beginAgainToVerify(process);
  await import("./main.ts");
}
