// Comfort only: every page works without this file. Keys, choosing all, copying a letter.
(() => {
  "use strict";
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const SWITCH = "linkwatch-keys";
  const keysAreOn = () => {
    try { return localStorage.getItem(SWITCH) !== "off"; } catch { return true; }
  };

  // ---- where the reader is among the cards or rows
  let here = null;
  const items = () => all("[data-item]").filter((item) => item.offsetParent !== null);
  const go = (item) => {
    if (here) here.classList.remove("is-here");
    here = item;
    item.classList.add("is-here");
    focusOn(item);
    item.scrollIntoView({ block: "nearest" });
  };
  const focusOn = (item) => {
    const first = item.matches("[data-item]") && one("h3 a, th a, p a, [tabindex], button", item);
    (first || item).focus({ preventScroll: true });
  };
  const step = (by) => {
    const list = items();
    if (!list.length) return;
    const at = here && here.isConnected ? list.indexOf(here) : -1;
    go(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)]);
  };
  const present = () => (here && here.isConnected ? here : document.activeElement && document.activeElement.closest("[data-item]"));
  const press = (selector, fallback) => {
    const item = present();
    const button = (item && one(selector, item)) || (fallback && one(fallback));
    if (button) button.click();
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    o: () => { const item = present(); const link = item && one("h3 a, th a, li[data-item] p a", item); if (link) link.click(); },
    a: () => press("button[data-acknowledge]"),
    u: () => press("button[data-undo]", ".flash .as-link, .card.done .as-link"),
    "/": () => { const field = one("[data-search]"); if (field) { field.focus(); field.select(); } },
    "?": () => { const help = one("#help"); if (help && !help.open) help.showModal(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keysAreOn()) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    const help = event.target.closest("[data-help]");
    if (help && one("#help")) {
      event.preventDefault();
      keys["?"]();
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const field = document.getElementById(copy.dataset.copy);
      field.select();
      navigator.clipboard.writeText(field.value).then(() => { copy.textContent = copy.dataset.copied; });
    }
  });

  // An address to share says only what was chosen.
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches(".filters, .search")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      all("input[name=id]", event.target.closest("form")).forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-keys-on]")) {
      try { localStorage.setItem(SWITCH, event.target.checked ? "on" : "off"); } catch { /* private window: for now only */ }
      all("[data-keys-on]").forEach((box) => { box.checked = event.target.checked; });
    }
  });

  // ---- what comes in the place of a card is where the reader is: the next "j", and the next Tab, go on from there
  let followed = false;
  const isWriting = (within) => all("input, textarea", within).some((field) => field.value !== field.defaultValue);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    if (xhr.status >= 400) {  // why not, in the place of the page, as without a script
      Object.assign(event.detail, { shouldSwap: true, isError: false, target: one("#content"), selectOverride: "#content", swapOverride: "outerHTML" });
      followed = true;
      return;
    }
    if (requestConfig.verb === "get" && isWriting(target)) event.detail.shouldSwap = false;  // asked again soon
    if (event.detail.shouldSwap) followed = target.contains(document.activeElement);
  });
  document.addEventListener("htmx:sendError", () => {
    const unreached = one("#unreached");
    if (unreached) unreached.hidden = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const unreached = one("#unreached");
    if (unreached && event.detail.xhr.status > 0) unreached.hidden = true;
  });
  document.addEventListener("htmx:load", (event) => {
    const came = event.detail.elt;
    if (!came.matches("[data-item], #content")) return;
    if (here && !here.isConnected) {
      here = came.matches("[data-item]") ? came : null;
      if (here) here.classList.add("is-here");
    }
    if (followed && !came.contains(document.activeElement)) focusOn(came);
    followed = false;
  });

  all("[data-comfort]").forEach((shown) => { shown.hidden = false; });
  all("[data-keys-on]").forEach((box) => { box.checked = keysAreOn(); });
  const flash = one("#flash");
  if (flash) flash.focus({ preventScroll: true });
})();
