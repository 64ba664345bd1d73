// An address that is shown once: one click selects all of it.
(() => {
  for (const field of document.querySelectorAll("[data-copied]")) {
    field.addEventListener("focus", () => field.select());
    field.focus();
  }
})();
