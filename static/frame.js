// What every page can use: menus that close, copy buttons, tables that follow the arrow keys,
// and a sentence when a request that htmx made did not come back.
(() => {
  // a menu closes when somebody presses Escape or turns elsewhere
  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // <button data-copy="text">Copy</button>
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    setTimeout(() => { button.textContent = before; }, 1500);
  });

  // <button data-fill="pseudonym" data-value="BICAM_0007"> puts its value into that field
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    const form = button?.closest("form") ?? document;
    const field = button && form.querySelector(`[name="${button.dataset.fill}"]`);
    if (!field) return;
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  // <table data-keys>: up and down go from row to row, enter opens the row's first link
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("table[data-keys] tbody tr[tabindex]");
    if (!row || event.target !== row) return;
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) {
      event.preventDefault();
      row[step]?.focus();
    } else if (event.key === "Enter") {
      (row.querySelector("a") ?? row.querySelector("button"))?.click();
    }
  });

  // <input type="checkbox" data-check-all="element"> ticks all boxes of that name, or none
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.checkAll;
    if (!name) return;
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${name}"]`)) box.checked = event.target.checked;
  });

  // <form data-once>: sent once, however often it is clicked
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-once]");
    if (!form) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // on a narrow screen the project's list scrolls: show where one is
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  const say = (sentence) => {
    const place = document.getElementById("said");
    if (place) place.textContent = sentence;
  };
  document.addEventListener("htmx:sendError", () => say("The portal does not answer. What you see may be old; nothing was changed."));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    say(status === 403 ? "You may not do that. Nothing was changed."
      : status === 404 ? "That is not there any more. Load the page again."
      : `The portal could not answer (${status}). Nothing was changed; load the page again.`);
  });
  document.addEventListener("htmx:afterOnLoad", () => say(""));

  // <div data-late="pseudonym">: an answer about an older text of that field comes too late; what
  // has been typed since stays, and is asked about in its turn
  document.addEventListener("htmx:beforeSwap", (event) => {
    const asking = event.detail.requestConfig?.elt;
    const field = asking?.dataset.late && asking.querySelector(`[name="${asking.dataset.late}"]`);
    if (field && field.value !== event.detail.requestConfig.formData.get(field.name)) event.detail.shouldSwap = false;
  });
})();
