// Keys of the review of conflicts, as the pages say at their foot. Nothing here is needed: every key is a link or a
// button too. A number only goes to its choice; Enter makes it.
(() => {
  "use strict";

  const typing = (target) => target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");

  function follow(selector) {
    document.querySelector(selector)?.click();
  }

  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return follow(by > 0 ? "a[rel=next]" : "a[rel=prev]");
    const at = rows.findIndex((row) => row.classList.contains("cf-here"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    rows.forEach((row) => row.classList.toggle("cf-here", row === next));
    next.querySelector("[data-open]").focus();
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    p: () => follow("button[name=preview]"),
    u: () => follow("[data-up]"),
  };

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const choice = /^[1-9]$/.test(event.key) && document.querySelector(`button[data-key="${event.key}"]:not([disabled])`);
    if (choice) {
      choice.focus();
      choice.scrollIntoView({ block: "nearest" });
    } else if (KEYS[event.key]) {
      KEYS[event.key]();
    } else {
      return;
    }
    event.preventDefault();
  }

  // Writing a value of one's own chooses it.
  function chooses(event) {
    const own = event.target.closest(".cf-own");
    const radio = own && own.querySelector("input[type=radio]");
    if (radio && event.target !== radio) radio.checked = true;
  }

  document.addEventListener("keydown", pressed);
  document.addEventListener("input", chooses);
})();
