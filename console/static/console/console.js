// The console's script. Every page works without it; with it, times are in the viewer's zone from the second page
// on, confirmations open as dialogues, and what a person has unfolded stays so when a live part is fetched again.
(() => {
  "use strict";

  const COOKIE = "lockstep_timezone";
  const YEAR = 365 * 24 * 3600;

  function nameTimeZone() {
    if (document.cookie.split("; ").some((one) => one.startsWith(`${COOKIE}=`))) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone) document.cookie = `${COOKIE}=${zone}; path=/; max-age=${YEAR}; samesite=lax`;
  }

  function opens(event) {
    const opener = event.target.closest("[data-opens]");
    const dialogue = opener && document.getElementById(opener.dataset.opens);
    if (!dialogue) return;
    event.preventDefault();
    dialogue.showModal();
  }

  function closes(event) {
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  }

  // The page of a row opens over the list it was clicked in; opened in a tab of its own it is a page.
  async function opensPage(event) {
    const link = event.target.closest("a[data-modal]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.status === 204) return void (window.location = link.href);
    const dialogue = document.getElementById("ls-modal") || newModal();
    dialogue.querySelector("h2").textContent = link.dataset.modal;
    dialogue.querySelector(".ls-modal-body").innerHTML = await answer.text();
    dialogue.showModal();
  }

  function newModal() {
    const dialogue = document.createElement("dialog");
    dialogue.id = "ls-modal";
    dialogue.className = "ls-dialogue ls-wide ls-page-parts";
    dialogue.setAttribute("aria-labelledby", "ls-modal-title");
    dialogue.innerHTML =
      '<div class="ls-dialogue-head"><h2 id="ls-modal-title"></h2>' +
      '<button type="button" class="ls-close" data-closes aria-label="×">×</button></div><div class="ls-modal-body ls-page"></div>';
    document.getElementById("content").append(dialogue);
    return dialogue;
  }

  // A form is sent once: a second click on a slow line must not start a second run.
  function sendsOnce(event) {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
  }

  // Filters apply as soon as a choice is made; typing is applied by the button or Enter.
  function appliesFilter(event) {
    const form = event.target.closest("form[data-applies]");
    if (form && event.target.matches("select, input[type=date], input[type=checkbox]")) form.requestSubmit();
  }

  // What the theme opens by click alone is opened by keyboard too, and says what it is.
  function reachesByKeyboard() {
    const label = document.getElementById("ls-page")?.dataset.sidebar;
    document.querySelectorAll("[x-on\\:click]:not(a[href], button, input, select, textarea)").forEach((one) => {
      one.tabIndex = 0;
      one.setAttribute("role", "button");
      if (label && one.matches(".material-symbols-outlined")) one.setAttribute("aria-label", label);
      one.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        one.click();
      });
    });
  }

  function remembersUnfolded() {
    let open = new Set();
    document.body.addEventListener("htmx:beforeSwap", () => {
      open = new Set([...document.querySelectorAll("details[id][open]")].map((one) => one.id));
    });
    document.body.addEventListener("htmx:afterSettle", () => {
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    });
  }

  nameTimeZone();
  document.addEventListener("click", opens);
  document.addEventListener("click", closes);
  document.addEventListener("click", opensPage);
  document.addEventListener("submit", sendsOnce);
  document.addEventListener("change", appliesFilter);
  document.addEventListener("DOMContentLoaded", remembersUnfolded);
  document.addEventListener("DOMContentLoaded", reachesByKeyboard);
})();
