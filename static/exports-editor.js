// The editor of a specification: rows show the fields that their choice needs, a format its own
// choices, and a field of the table goes into the template where the cursor was.
(() => {
  const editor = document.querySelector("[data-editor]");
  if (!editor) return;

  const tidy = () => {
    for (const choice of editor.querySelectorAll("select[data-takes]")) {
      const columns = (choice.selectedOptions[0]?.dataset.columns ?? "").split(" ");
      for (const field of choice.closest(".export-row").querySelectorAll("[data-column]"))
        field.hidden = !columns.includes(field.dataset.column);
    }
    const format = editor.querySelector("input[name=format]:checked")?.value;
    for (const group of editor.querySelectorAll("[data-for-format]")) group.hidden = group.dataset.forFormat !== format;
  };
  editor.addEventListener("change", (event) => {
    if (event.target.matches("select[data-takes]")) event.target.closest(".export-row").querySelector("p.help.whole")?.remove();
    tidy();
  });
  document.addEventListener("htmx:afterSettle", tidy);

  let last = editor.querySelector("#folders");
  editor.addEventListener("focusin", (event) => {
    if (event.target.matches("#folders, #file")) last = event.target;
  });
  editor.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
    last.focus();
  });
  tidy();
})();
