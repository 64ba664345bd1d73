// Light or dark as the system has it, until somebody says otherwise on this machine.
// Loaded before the page is drawn, so that it does not flash.
(() => {
  const root = document.documentElement;
  const remembered = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = remembered();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  const isDark = () => (root.dataset.theme ?? (systemIsDark.matches ? "dark" : "light")) === "dark";

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-button]")) {
      const say = () => { button.textContent = isDark() ? "Use light colours" : "Use dark colours"; };
      button.hidden = false;
      say();
      systemIsDark.addEventListener("change", say);
      button.addEventListener("click", () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not remembered */ }
        say();
      });
    }
  });
})();
