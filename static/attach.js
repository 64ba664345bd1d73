// Sends chosen or dropped files in portions and shows how far it is. Without this script the form
// sends everything at once.
"use strict";

const form = document.querySelector("[data-attach]");
const part = (name) => form.querySelector(`[data-${name}]`);
const MOST_FILES = 50;
const MOST_BYTES = 32 * 1024 * 1024;
const TRIES = 3;

let chosen = [];

function show() {
  const bytes = chosen.reduce((sum, file) => sum + file.size, 0);
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  part("chosen").textContent = chosen.length
    ? `${chosen.length} file${chosen.length === 1 ? "" : "s"}, ${size}`
    : "";
}

function fromInputs() {
  chosen = [...form.elements.files.files, ...form.elements.folder.files];
  show();
}

// A dropped folder arrives as an entry that has to be read level by level.
async function filesBelow(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.droppedAs = entry.fullPath.replace(/^\//, "");
    return [file];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await filesBelow(one)));
  }
}

function portions(files) {
  const all = [];
  let portion = [];
  let bytes = 0;
  for (const file of files) {
    if (portion.length && (portion.length >= MOST_FILES || bytes + file.size > MOST_BYTES)) {
      all.push(portion);
      portion = [];
      bytes = 0;
    }
    portion.push(file);
    bytes += file.size;
  }
  if (portion.length) all.push(portion);
  return all;
}

function post(address, data, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.responseType = "json";
    if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status < 300) return resolve(request.response);
      const refusal = new Error((request.response && request.response.problem) ||
        `The portal did not take this upload (answer ${request.status}).`);
      refusal.isFinal = request.status < 500;
      return reject(refusal);
    };
    request.onerror = () => reject(new Error("The connection to the portal was lost."));
    request.send(data);
  });
}

async function persist(work) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (error.isFinal || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * attempt));
    }
  }
}

// What else the form asks, such as with what to compare.
function answers() {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
  return data;
}

async function send() {
  const total = chosen.reduce((sum, file) => sum + file.size, 0) || 1;
  const bar = part("sending").querySelector("progress");
  const words = part("sending-words");
  let sentFiles = 0;
  let sentBytes = 0;
  const tell = (extra) => {
    bar.value = Math.min(100, (100 * (sentBytes + extra)) / total);
    words.textContent = `Sending: ${sentFiles} of ${chosen.length} files`;
  };
  part("sending").hidden = false;
  part("problem").hidden = true;
  part("send").disabled = true;
  tell(0);
  try {
    const upload = await post(form.dataset.begin, answers());
    for (const portion of portions(chosen)) {
      const data = new FormData();
      for (const file of portion) {
        const name = file.webkitRelativePath || file.droppedAs || file.name;
        data.append("files", file, name);
        data.append("names", name); // what comes with the file itself has lost its folders
      }
      await persist(() => post(upload.files, data, tell));
      sentFiles += portion.length;
      sentBytes += portion.reduce((sum, file) => sum + file.size, 0);
      tell(0);
    }
    const { page } = await persist(() => post(upload.close, new FormData()));
    window.location.assign(page);
  } catch (error) {
    part("problem").textContent = `${error.message} Choose the files again to send them once more: ` +
      "what is here already is not kept twice.";
    part("problem").hidden = false;
    part("send").disabled = false;
  }
}

if (form) {
  const drop = part("drop");
  drop.hidden = false;
  form.elements.files.addEventListener("change", fromInputs);
  form.elements.folder.addEventListener("change", fromInputs);
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items]
      .map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry())
      .filter(Boolean);
    const found = [];
    for (const entry of entries) found.push(...(await filesBelow(entry)));
    chosen = found.length ? found : [...event.dataTransfer.files];
    show();
  });
  form.addEventListener("submit", (event) => {
    if (!chosen.length) return; // the portal says in a sentence what is missing
    event.preventDefault();
    send();
  });
}
