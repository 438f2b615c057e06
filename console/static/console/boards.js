// Cards are dragged between lanes; the list on each card does the same by keyboard, on a phone and without a script.
// The lanes are fetched again every few seconds, but never under a person's hands.
(() => {
  "use strict";

  let dragged = null;

  const board = () => document.getElementById("board");
  const say = (text) => {
    const place = document.getElementById("board-said");
    place.textContent = text;
    place.hidden = !text;
  };

  window.lockstepBoard = {
    idle: () => !dragged && document.visibilityState === "visible" && !board()?.contains(document.activeElement?.closest("select, input")),
  };

  async function move(card, lane, form) {
    const before = { parent: card.parentElement, next: card.nextElementSibling };
    const body = new FormData(form);
    body.set("status", lane.dataset.lane);
    lane.querySelector("[data-cards]").prepend(card);
    let problem = "";
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) problem = answer.status === 422 ? await answer.text() : board().dataset.failed;
    } catch {
      problem = board().dataset.failed;
    }
    if (problem) before.parent.insertBefore(card, before.next);
    say(problem);
    if (!problem) window.htmx?.trigger(board(), "refresh");
  }

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-card]");
    if (!dragged) return;
    dragged.classList.add("bd-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.card);
    event.dataTransfer.setDragImage(dragged, 20, 20); // also where the link inside was taken hold of
  });

  document.addEventListener("dragover", (event) => {
    const lane = dragged && event.target.closest("[data-lane]");
    document.querySelectorAll(".bd-over").forEach((one) => one !== lane && one.classList.remove("bd-over"));
    if (!lane) return;
    event.preventDefault();
    lane.classList.add("bd-over");
  });

  document.addEventListener("drop", (event) => {
    const lane = dragged && event.target.closest("[data-lane]");
    if (!lane) return;
    event.preventDefault();
    if (dragged.closest("[data-lane]") !== lane) move(dragged, lane, dragged.querySelector("form[data-move]"));
  });

  document.addEventListener("dragend", () => {
    dragged?.classList.remove("bd-dragged");
    document.querySelectorAll(".bd-over").forEach((one) => one.classList.remove("bd-over"));
    dragged = null;
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-move]");
    if (!form) return;
    const lane = [...document.querySelectorAll("[data-lane]")].find((one) => one.dataset.lane === event.target.value);
    event.target.blur();
    if (lane) move(form.closest("[data-card]"), lane, form);
    else form.requestSubmit();
  });
})();
