// Loaded by itself, importing nothing and waiting for nothing, so that it can say when the rest of the page does not
// come. Its words are in index.html, which is all that is there then.

const patienceMs = 8_000;
const late = document.getElementById("loading-late");
const say = (): void => {
  late?.removeAttribute("hidden");
};

// The address as it is, with the place in the page that it asks for.
document.getElementById("loading-again")?.addEventListener("click", (event) => {
  event.preventDefault();
  location.reload();
});
setTimeout(say, patienceMs);
// What cannot be loaded is told to its element and to nobody else: such an event does not bubble. What breaks before
// anything is shown is told to the window.
addEventListener(
  "error",
  ({ target }) => {
    if (target === window || target instanceof HTMLScriptElement || target instanceof HTMLLinkElement) say();
  },
  { capture: true },
);
