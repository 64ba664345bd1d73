// What is shown once, an address or a token: one click selects all of it.
(() => {
  for (const field of document.querySelectorAll("[data-copied]")) {
    field.addEventListener("focus", () => field.select());
    field.focus();
  }
})();
