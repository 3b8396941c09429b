"use strict";
(async () => {
  const PAGE = 50;
  const find = (id) => document.getElementById(id);
  const legend = JSON.parse(find("legend").textContent);
  const words = JSON.parse(find("words").textContent);
  const number = new Intl.NumberFormat(words.lang);
  const tell = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => number.format(values[name]));

  if (typeof DecompressionStream === "undefined") {
    find("count").textContent = words.too_old;
    return;
  }

  const unpack = async (element) => {
    const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    element.remove();
    return JSON.parse(await new Response(unpacked).text());
  };
  const columns = {};
  await Promise.all(
    [...document.querySelectorAll("[data-column]")].map(async (element) => {
      columns[element.dataset.column] = await unpack(element);
    }),
  );
  for (let row = 1; row < legend.count; row++) columns.time[row] += columns.time[row - 1];

  const reasonsOf = (row) => legend.sets[columns.reasons[row]].map((each) => legend.reasons[each]);
  const beijing = (seconds) => {
    const moment = new Date((seconds + 8 * 3600) * 1000);
    return Number.isNaN(moment.valueOf()) ? "" : moment.toISOString().slice(0, 19).replace("T", " ");
  };
  const setTexts = legend.sets.map((set) => set.map((each) => legend.reasons[each].slice(0, 2).join(" ")).join(" "));
  let texts = null; // made when somebody first searches
  const searchable = () =>
    (texts ??= columns.key.map((key, row) =>
      [
        key, columns.version[row], columns.bundle[row], columns.mini[row], columns.template[row],
        columns.trace[row], setTexts[columns.reasons[row]],
      ].join("\n").toLowerCase(),
    ));

  const collator = new Intl.Collator(words.lang, { numeric: true });
  const sortValues = {
    key: () => columns.key,
    version: () => columns.version,
    state: () => columns.state,
    reason: () => columns.reasons.map((set) => setTexts[set]),
    mini: () => columns.mini,
    attempts: () => columns.attempts,
    time: () => columns.time,
  };
  const ranks = {}; // column -> the place of each row, found once
  const rankOf = (name) => {
    if (ranks[name]) return ranks[name];
    const values = sortValues[name]();
    const different = [...new Set(values)];
    different.sort(typeof values[0] === "number" ? (a, b) => a - b : collator.compare);
    const places = new Map(different.map((value, place) => [value, place]));
    return (ranks[name] = values.map((value) => places.get(value)));
  };

  const controls = document.querySelector(".controls");
  const [search, state, reason, sort, reverse] = ["search", "state", "reason", "sort", "reverse"].map(find);
  let page = 0;
  let rows = [];

  const select = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const stateNumber = state.value === "" ? -1 : legend.states.findIndex(([name]) => name === state.value);
    const sets = reason.value === "" ? null : legend.sets.map((set) => set.includes(Number(reason.value)));
    const found = wanted.length ? searchable() : null;
    rows = [];
    for (let row = 0; row < legend.count; row++) {
      if (stateNumber >= 0 && columns.state[row] !== stateNumber) continue;
      if (sets && !sets[columns.reasons[row]]) continue;
      if (found && !wanted.every((word) => found[row].includes(word))) continue;
      rows.push(row);
    }
    const direction = reverse.checked ? -1 : 1;
    if (sort.value) {
      const rank = rankOf(sort.value);
      rows.sort((a, b) => direction * (rank[a] - rank[b]) || a - b);
    } else if (reverse.checked) rows.reverse();
    page = 0;
    show();
  };

  const cell = (line, name, text) => {
    const made = line.insertCell();
    made.className = name;
    made.dir = "auto";
    made.textContent = text;
    return made;
  };
  const add = (parent, tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const draw = (row) => {
    const line = document.createElement("tr");
    const [stateName, stateLabel] = legend.states[columns.state[row]];
    add(cell(line, "state", ""), "span", stateLabel).className = `badge ${stateName}`;
    cell(line, "key", columns.key[row]);
    cell(line, "version", [columns.version[row], columns.bundle[row]].filter(Boolean).join(" "));
    const why = cell(line, "reason", "");
    for (const [code, meaning] of reasonsOf(row)) {
      add(why, "div", meaning);
      if (code && code !== meaning) add(why, "code", code);
    }
    const whose = cell(line, "mini", "");
    for (const text of [columns.mini[row], columns.template[row]].filter(Boolean)) add(whose, "div", text).title = text;
    cell(line, "attempts", number.format(columns.attempts[row]));
    cell(line, "time", beijing(columns.time[row]));
    cell(line, "trace", columns.trace[row]).title = columns.trace[row];
    return line;
  };

  const show = () => {
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    const from = page * PAGE;
    const shown = rows.slice(from, from + PAGE);
    find("rows").replaceChildren(...shown.map(draw));
    const values = { from: from + 1, to: from + shown.length, count: rows.length, total: legend.count };
    const text = rows.length === legend.count ? words.shown : words.filtered;
    find("count").textContent = rows.length ? tell(text, values) : words.none;
    find("place").textContent = `${number.format(page + 1)} / ${number.format(pages)}`;
    find("previous").disabled = page === 0;
    find("next").disabled = page >= pages - 1;
    for (const tile of document.querySelectorAll("[data-state]"))
      tile.setAttribute("aria-pressed", String(tile.dataset.state === state.value));
    for (const head of document.querySelectorAll("[data-sort]")) {
      const is = head.dataset.sort === sort.value;
      head.parentElement.setAttribute("aria-sort", is ? (reverse.checked ? "descending" : "ascending") : "none");
    }
  };

  const option = (value, label) => new Option(label, value);
  const counts = new Map();
  for (const each of columns.state) counts.set(each, (counts.get(each) ?? 0) + 1);
  legend.states.forEach(([name, label], place) => {
    if (counts.has(place)) state.append(option(name, `${label} (${number.format(counts.get(place))})`));
  });
  const labels = Object.fromEntries(legend.states);
  legend.reasons.forEach(([code, meaning, stateName], place) =>
    reason.append(option(place, [meaning, code && code !== meaning ? code : "", labels[stateName]].filter(Boolean).join(" · "))),
  );

  const choose = (values) => {
    for (const field of [search, state, reason, sort]) field.value = values[field.id] ?? "";
    reverse.checked = false;
    select();
  };
  const goTo = (values) => {
    choose(values);
    find("entries").scrollIntoView();
  };
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("input", select);
  find("clear").addEventListener("click", () => choose({}));
  find("previous").addEventListener("click", () => { page--; show(); });
  find("next").addEventListener("click", () => { page++; show(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-state], button[data-reason], button[data-sort]");
    if (!button) return;
    if (button.dataset.sort !== undefined) {
      reverse.checked = sort.value === button.dataset.sort && !reverse.checked;
      sort.value = button.dataset.sort;
      select();
    } else if (button.dataset.reason !== undefined) goTo({ reason: button.dataset.reason });
    else goTo({ state: button.dataset.state });
  });

  controls.hidden = document.querySelector("table").hidden = document.querySelector(".pager").hidden = false;
  select();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
