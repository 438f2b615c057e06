// The mapping editor: rows can be added and taken away, fields dragged or picked one after the other, and every
// change is tried on the samples. Without it the rows are a plain form with a button to try them.
(() => {
  "use strict";

  const WAIT = 500;
  const ENUMS = ["enum", "enumMapping"];
  const PLAIN = ["string", "number", "boolean", "date", "datetime", "tags", "json"];
  const form = document.getElementById("mapping");
  const rules = document.getElementById("rules");
  if (!form || !rules) return;

  const count = form.elements.rows;
  let picked = null;
  let timer = 0;

  function addRule() {
    const number = Number(count.value);
    const html = document.getElementById("blank-rule").innerHTML.replaceAll("row-N-", `row-${number}-`);
    rules.insertAdjacentHTML("beforeend", html);
    count.value = String(number + 1);
    return rules.lastElementChild;
  }

  function input(rule, side) {
    return rule.querySelector(`[data-side="${side}"]`);
  }

  function emptyRule() {
    const rows = [...rules.querySelectorAll("[data-rule]")];
    return rows.find((one) => !input(one, "external").value && !input(one, "internal").value) || addRule();
  }

  function join(external, internal) {
    const rule = emptyRule();
    input(rule, "external").value = external;
    input(rule, "internal").value = internal;
    input(rule, "external").focus();
    later();
  }

  function pick(item) {
    if (picked && picked.dataset.column !== item.dataset.column) {
      const pair = { [picked.dataset.column]: picked.dataset.path, [item.dataset.column]: item.dataset.path };
      unpick();
      join(pair.external, pair.internal);
      return;
    }
    unpick();
    picked = item;
    item.classList.add("ls-picked");
  }

  function unpick() {
    if (picked) picked.classList.remove("ls-picked");
    picked = null;
  }

  function showDetails(select) {
    const rule = select.closest("[data-rule]");
    const enumerated = ENUMS.includes(select.value);
    rule.querySelector('[data-for="enum"]').hidden = !enumerated;
    rule.querySelector('[data-for="other"]').hidden = enumerated || PLAIN.includes(select.value);
    if (enumerated || !PLAIN.includes(select.value)) rule.querySelector("details").open = true;
  }

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(tryOut, WAIT);
  }

  async function tryOut() {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true" },
    });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("preview-content");
    if (found) document.getElementById("preview").replaceChildren(found);
  }

  rules.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    button.closest("[data-rule]").remove();
    later();
  });
  form.addEventListener("input", later);
  form.addEventListener("change", (event) => event.target.matches("[data-kind]") && showDetails(event.target));
  form.addEventListener("click", (event) => {
    const item = event.target.closest("[data-path]");
    if (item) pick(item);
  });
  form.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-path]");
    if (!item || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    pick(item);
  });
  form.addEventListener("dragstart", (event) => {
    const item = event.target.closest("[data-path]");
    if (item) event.dataTransfer.setData("text/plain", JSON.stringify({ ...item.dataset }));
  });
  form.addEventListener("dragover", (event) => {
    if (event.target.closest("[data-path], [data-side]")) event.preventDefault();
  });
  form.addEventListener("drop", (event) => {
    const item = event.target.closest("[data-path]");
    const box = event.target.closest("[data-side]");
    let dragged;
    try {
      dragged = JSON.parse(event.dataTransfer.getData("text/plain"));
    } catch {
      return;
    }
    event.preventDefault();
    if (box && box.dataset.side === dragged.column) {
      box.value = dragged.path;
      later();
    } else if (item && item.dataset.column !== dragged.column) {
      const pair = { [dragged.column]: dragged.path, [item.dataset.column]: item.dataset.path };
      join(pair.external, pair.internal);
    }
  });
  for (const item of form.querySelectorAll("[data-path]")) {
    item.tabIndex = 0;
    item.setAttribute("role", "button");
  }
  const add = document.getElementById("add-rule");
  add.hidden = false;
  add.addEventListener("click", () => input(addRule(), "external").focus());
  tryOut();
})();
