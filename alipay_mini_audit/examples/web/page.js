"use strict";
const at = (id) => document.getElementById(id);
const words = JSON.parse(at("words").textContent);
const language = navigator.languages.find((each) => each.startsWith(words.language)) || words.language;
const form = at("form"), button = at("submit"), told = at("told");
const pickers = [...form.querySelectorAll("[data-parts]")];
const rows = new Map();
const tones = {
  WAIT_RELEASE: "good", RELEASE: "good", GRAY: "good", BASE_AUDIT_PASS: "good",
  AUDIT_REJECT: "bad", PROMOTE_AUDIT_REJECT: "bad", AUDIT_OFFLINE: "bad", unknown: "doubt", asking: "doubt",
};
const ways = {  // on from a state: path, button, reason
  unknown: ["versions/ask", "ask", "ask_first"],
  AUDIT_REJECT: ["versions/take-back", "take_back", "take_back_first"],
};
let isBusy = false;  // the second click of a double click finds it set

function make(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;  // never as HTML: names and reasons come from outside
  if (className) made.className = className;
  return made;
}

const filled = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const joined = (one, other) => (one + (/[。！？]$/.test(one) ? "" : " ") + other).trim();
const percent = (sent, total) => (total ? Math.floor((100 * sent) / total) : 0);
const megabytes = (bytes) => (bytes / 1e6).toLocaleString(language, { maximumFractionDigits: 1 });

function chosenFiles() {
  return pickers.flatMap((picker) => {
    const parts = picker.dataset.parts.split(" ");
    return [...picker.files].map((file, place) => ({ picker, file, part: parts[place] }));
  });
}

const sizeOf = (files) => files.reduce((sum, each) => sum + each.file.size, 0);

function showChosen() {
  const files = chosenFiles(), size = sizeOf(files);
  at("chosen").textContent = files.length ? filled(words.chosen, { count: files.length, size: megabytes(size) }) : "";
}

function nameOf(path) {  // attachments.screen_shots[1] -> Screenshots 2 (shop.png)
  const [, field, place] = path.match(/^(?:attachments\.)?(\w+)(?:\[(\d+)\])?/) || [];
  const input = field && at(field);
  if (!input || !form.contains(input)) return path;
  input.setAttribute("aria-invalid", "true");
  const file = input.files && input.files[place || 0];
  return words[field] + (place ? ` ${+place + 1}` : "") + (file ? filled(words.of_file, { file: file.name }) : "");
}

function tell(tone, text, details = [], small = "") {
  told.className = tone;
  told.replaceChildren(make("strong", text));
  if (details.length) {
    const list = make("ul", "");
    list.append(...details.map((each) => make("li", each)));
    told.append(list);
  }
  if (small) told.append(make("p", small, "faint"));
  told.hidden = false;
  told.scrollIntoView({ block: "nearest" });
}

function tellAnswer(answer, version) {
  const tone = {
    accepted: "good", taken_back: "good", unknown: "doubt", back_unknown: "doubt", nobody_knows: "doubt",
    not_asked: "doubt", ask_first: "doubt", under_way: "calm",
  };
  const details = (answer.problems || []).map(
    ({ path, message, advice }) => nameOf(path) + words.colon + joined(message, advice));
  if (answer.code) details.push(`${answer.code}${words.colon}${answer.said}`);
  for (const text of [answer.meaning, answer.advice]) if (text && !details.includes(text)) details.push(text);
  const small = answer.trace_id && answer.outcome !== "accepted" ? filled(words.trace, answer) : "";
  const text = words.outcomes[answer.outcome] || words.outcomes.broken;
  tell(tone[answer.outcome] || "bad", filled(text, { version }), details, small);
  if (answer.outcome === "accepted") {
    form.reset();
    showChosen();
  }
}

function post(path, version, body, progress = () => {}) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();  // fetch tells nothing of an upload
    request.open("POST", `${path}?app_version=${encodeURIComponent(version)}`);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.onprogress = ({ loaded, total }) => progress(loaded, total);
    request.onloadend = () => {
      try { done(JSON.parse(request.responseText)); } catch { done({ outcome: "no_answer" }); }
    };
    request.send(body);
  });
}

async function submit() {
  const files = chosenFiles(), version = form.elements.app_version.value.trim();
  const spare = files.find((each) => !each.part);
  form.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
  if (!version) return tell("bad", `${nameOf("app_version")}${words.colon}${words.no_version}`);
  if (spare) return tell("bad", `${nameOf(spare.picker.id)}${words.colon}${words.too_many}`);
  // The server would not read it, and a browser that is still sending does not hear why.
  if (sizeOf(files) + 1e6 > form.dataset.mostBytes) return tell("bad", words.outcomes.too_large);
  const body = new FormData();
  body.append("version_desc", form.elements.version_desc.value.trim());
  for (const { part, file } of files) body.append(part, file, file.name);
  told.hidden = true;
  tellAnswer(await post("versions", version, body, (sent, total) => {
    button.textContent = filled(sent < total ? words.uploading : words.working, { percent: percent(sent, total) });
  }), version);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isBusy) return;
  isBusy = button.disabled = true;
  try { await submit(); } finally {
    isBusy = button.disabled = false;
    button.textContent = words.submit;
  }
});
form.addEventListener("change", showChosen);

function draw(row) {
  const shown = rows.get(row.version) || make("li", "");
  const text = JSON.stringify(row);
  if (shown.dataset.row === text) return shown;
  rows.set(row.version, shown);
  Object.assign(shown.dataset, { row: text, version: row.version, state: row.state });
  shown.className = tones[row.state] || "calm";
  const facts = { percent: percent(row.sent, row.total) };
  const badge = make("span", filled(words.states[row.state] || row.state, facts), "badge");
  shown.replaceChildren(make("h3", row.version), badge, make("p", row.description));
  if (row.state === "sending") {
    const bar = document.createElement("progress");
    bar.max = row.total || 1;
    bar.value = row.sent;
    bar.setAttribute("aria-label", badge.textContent);
    shown.append(bar);
  }
  if (row.reason) shown.append(make("p", `${words.reason}${words.colon}${row.reason}`));
  const [path, say, why] = ways[row.state] || [];
  if (path) {
    const go = make("button", words[say]);
    go.type = "button";
    go.onclick = async () => {
      go.disabled = true;
      tellAnswer(await post(path, row.version), row.version);
      go.disabled = false;
    };
    shown.append(make("p", words[why]), go);
  }
  const time = make("time", new Date(row.since).toLocaleString(language));
  time.dateTime = row.since;
  shown.append(time);
  return shown;
}

const events = new EventSource("events");
events.onopen = () => { at("line").hidden = true; };
events.onerror = () => { at("line").hidden = false; };  // the browser connects again by itself
events.onmessage = ({ data }) => {
  const told = JSON.parse(data);
  const kept = new Set(told.map((row) => row.version));
  for (const version of rows.keys()) if (!kept.has(version)) rows.delete(version);
  const shown = told.map(draw);
  const list = at("rows");
  if (list.children.length !== shown.length || shown.some((each, place) => list.children[place] !== each)) {
    list.replaceChildren(...shown);
  }
  at("none").hidden = told.length > 0;
};
showChosen();
