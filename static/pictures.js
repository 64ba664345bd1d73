// The picture desk: frames change without a new page, keys step and decide, and the portal is told
// which frames were shown. Without this script each frame is a page of its own.
"use strict";

const desk = document.querySelector("[data-picture]");
const AHEAD = 3;
const PLAY_MS = 100;
const TELL_MS = 800;
const MOST_STEPS = 5;

if (desk && desk.querySelector("[data-stage]")) {
  const frames = Number(desk.dataset.frames);
  const part = (name) => desk.querySelector(`[data-${name}]`);
  const stage = part("stage");
  const ready = new Map(); // frame -> its image, kept so that nothing is fetched twice
  let frame = Number(desk.dataset.frame);
  let untold = [];
  let playing = null;

  const address = (number) =>
    `${desk.dataset.frameAddress.replace("/0/", `/${number}/`)}?contrast=${desk.dataset.contrast}`;

  const load = (number) => {
    if (!ready.has(number)) {
      const image = new Image();
      image.src = address(number);
      ready.set(number, image);
    }
    return ready.get(number);
  };

  const say = (name, words) => {
    const place = document.querySelector(`[data-${name}]`);
    if (place) place.textContent = words;
  };

  const tell = async (leaving) => {
    if (!untold.length) return;
    const shown = untold;
    untold = [];
    const data = new FormData();
    data.append("frames", shown.join(","));
    data.append("csrfmiddlewaretoken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
    try {
      const answer = await fetch(desk.dataset.seenAddress, { method: "POST", body: data, keepalive: leaving === true });
      if (!answer.ok) throw new Error("not noted");
      const seen = await answer.json();
      say("frames-seen", seen.frames);
      say("images-seen", seen.images);
    } catch {
      untold = shown.concat(untold); // told again with what comes next
    }
  };

  const show = async (number) => {
    frame = number;
    const image = load(number);
    part("broken").hidden = true;
    if (part("slider")) part("slider").value = number;
    say("frame-words", `Frame ${number} of ${frames}`);
    try {
      await image.decode();
    } catch {
      ready.delete(number);
      if (frame === number) part("broken").hidden = false;
      return;
    }
    if (frame !== number) return; // another was asked for meanwhile
    const old = stage.querySelector("img");
    image.alt = old.alt.replace(/^Frame \d+/, `Frame ${number}`);
    if (old !== image) old.replaceWith(image);
    stage.href = address(number);
    await new Promise(requestAnimationFrame); // it counts as shown once it is on the screen
    untold.push(number);
    for (let next = number + 1; next <= Math.min(frames, number + AHEAD); next += 1) load(next);
  };

  const go = (place, last) => {
    if (!place) return;
    tell(true);
    location.assign(last ? `${place}?frame=last&contrast=${desk.dataset.contrast}` : `${place}?contrast=${desk.dataset.contrast}`);
  };

  // steps wait for each other, so that fast fingers skip no frame; a held key does not run ahead
  let steps = Promise.resolve();
  let waiting = 0;
  const step = (by, within) => {
    if (waiting >= MOST_STEPS) return;
    waiting += 1;
    steps = steps.then(async () => {
      const number = frame + by;
      if (number >= 1 && number <= frames) await show(number);
      else if (!within && by > 0) go(desk.dataset.next);
      else if (!within) go(desk.dataset.previous, true);
      waiting -= 1;
    });
  };

  const stop = () => {
    clearInterval(playing);
    playing = null;
    part("play").textContent = "Play";
  };

  setInterval(tell, TELL_MS);
  addEventListener("pagehide", () => tell(true));

  for (const link of desk.querySelectorAll("[data-step]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      step(Number(link.dataset.step), true);
    });
  }
  for (const choice of desk.querySelectorAll("[data-contrast-choice]")) {
    choice.addEventListener("click", () => {
      choice.href = choice.href.replace(/frame=\d+/, `frame=${frame}`);
    });
  }
  if (part("slider")) {
    part("slider").hidden = false;
    part("slider").addEventListener("input", () => show(Number(part("slider").value)));
    part("play").hidden = false;
    part("play").addEventListener("click", () => {
      if (playing) return stop();
      if (frame === frames) show(1);
      part("play").textContent = "Pause";
      // each frame is waited for: what was skipped would not be seen
      playing = setInterval(() => {
        if (frame === frames) stop();
        else if (!waiting) step(1, true);
      }, PLAY_MS);
      return undefined;
    });
  }

  const first = stage.querySelector("img");
  const opened = frame;
  ready.set(opened, first);
  steps = first.decode().then(async () => { // the first step waits for the first frame
    await new Promise(requestAnimationFrame); // a page that is fetched ahead, or hidden, stays here
    if (frame !== opened || "asked" in desk.dataset) return;
    untold.push(opened);
    tell();
  }, () => { part("broken").hidden = false; });
  if (frames > 1) load(Math.min(frames, frame + 1));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const moves = {
      ArrowRight: () => step(1),
      ArrowLeft: () => step(-1),
      ArrowDown: () => go(desk.dataset.next),
      ArrowUp: () => go(desk.dataset.previous),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  });
}

// P and R decide, once a reason is there; before, they lead to its field.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range]), textarea, select")) return;
  const verdict = { p: "pass", r: "reject" }[event.key.toLowerCase()];
  const form = verdict && document.querySelector(`[data-verdict="${verdict}"]`);
  if (!form) return;
  event.preventDefault();
  if (form.elements.reason.value.trim()) form.requestSubmit();
  else form.elements.reason.focus();
});
