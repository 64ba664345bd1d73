// Choosing participants: find by typing, tick everyone, and say how much was chosen.
(() => {
  const form = document.querySelector("[data-chooser]");
  if (!form) return;
  const everyone = form.querySelector("[data-everyone]");
  const boxes = [...form.querySelectorAll("input[name=participants]")];
  const search = form.querySelector("[data-search]");
  const chosen = form.querySelector("[data-chosen]");
  const counted = (number, noun) => `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;

  const say = () => {
    const ticked = boxes.filter((box) => box.checked);
    const images = ticked.reduce((sum, box) => sum + Number(box.dataset.images), 0);
    chosen.textContent = ticked.length
      ? `Chosen: ${counted(ticked.length, "participant")}, ${counted(images, "image")}.`
      : "Nobody is chosen yet.";
    everyone.checked = ticked.length === boxes.length;
    everyone.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
  };

  everyone.addEventListener("change", () => {
    for (const box of boxes) box.checked = everyone.checked;
    say();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "participants") say();
  });

  const field = search.querySelector("input");
  field.addEventListener("input", () => {
    const words = field.value.trim().toLowerCase();
    for (const box of boxes) {
      const line = box.closest("li");
      line.hidden = !line.querySelector("span").textContent.toLowerCase().includes(words);
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would send the form
  });
  search.hidden = false;
  if (everyone.checked) for (const box of boxes) box.checked = true;
  say();
})();
