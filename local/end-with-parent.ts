/**
 * Preloaded into a child process (`node --import`): ends it when its standard input closes, which happens however the
 * parent ends, `kill -9` included. So no container outlives the stand-in that started it.
 */
process.stdin.once("close", () => process.exit(0));
process.stdin.resume();
// A program with nothing left to do still ends by itself.
process.stdin.unref();
