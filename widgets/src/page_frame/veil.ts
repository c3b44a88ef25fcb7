// What tells how a prediction came out stays out of sight until the reader has committed to one.

import { h } from "../lib/page/dom";
import { openShelf, PREFIX, pageStorage } from "../lib/page/progress";

/** Cells that follow each other and wait for the same prediction. */
export function groupCells(cells: HTMLElement[]): { name: string; cells: HTMLElement[] }[] {
  const groups: { name: string; cells: HTMLElement[] }[] = [];
  for (const cell of cells) {
    const name = cell.dataset.after!;
    const last = groups.at(-1);
    if (last?.name === name && last.cells.at(-1)!.nextElementSibling === cell) last.cells.push(cell);
    else groups.push({ name, cells: [cell] });
  }
  return groups;
}

/** Covers `cells` until the prediction `name` is committed to, or until the reader wants them all the same. */
function veil(lesson: string, name: string, cells: HTMLElement[]): () => void {
  const shelf = openShelf("predict", lesson, name);
  let wanted = false;
  const button = h("button", { type: "button", class: "page-veil-lift" }, "Show it all the same");
  const note = h(
    "p",
    { class: "page-veil" },
    "This part opens once you have committed to your prediction. ",
    button,
  );
  button.addEventListener("click", () => {
    wanted = true;
    show();
    cells[0].tabIndex = -1;
    cells[0].focus({ preventScroll: true });
  });
  function show(): void {
    const covered = !wanted && shelf.read() === null;
    note.hidden = !covered;
    for (const cell of cells) cell.classList.toggle("page-veiled", covered);
  }
  cells[0].before(note);
  show();
  return show;
}

export function startVeils(): void {
  const lesson = document.body.dataset.lessonNumber;
  // Where nothing can be kept, nobody could ever commit.
  if (!lesson || pageStorage() === null) return;
  const cells = [...document.querySelectorAll<HTMLElement>("[data-after]")];
  const shows = groupCells(cells).map(({ name, cells }) => veil(lesson, name, cells));
  const showAll = () => {
    for (const show of shows) show();
  };
  window.addEventListener("rnnviz:progress", showAll);
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith(PREFIX)) showAll();
  });
}
