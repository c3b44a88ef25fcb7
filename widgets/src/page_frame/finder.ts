// The search of a page: a field over the page, and below it what was found in all lessons and the glossary.
import { h } from "../lib/page/dom";
import { type CourseIndex, type Found, makeSearch } from "./index_search";

declare global {
  interface Window {
    /** The index is a script that calls this: a page from a file may load a script, and nothing else. */
    rnnvizSearch?: { fill(index: CourseIndex): void };
  }
}

export function startFinder(index: string): void {
  const open = document.querySelector<HTMLButtonElement>(".page-search-open");
  if (!open) return;
  const field = h("input", {
    type: "search",
    class: "page-search-field",
    "aria-label": "Search all lessons and the glossary",
    placeholder: "Search all lessons and the glossary",
    autocomplete: "off",
    spellcheck: false,
  }) as HTMLInputElement;
  const said = h("p", { class: "page-search-said", role: "status" });
  const list = h("ul", { class: "page-search-found" });
  const close = h(
    "button",
    { type: "button", class: "page-button page-drawer-close", "aria-label": "Close the search" },
    "×",
  );
  const dialog = h(
    "dialog",
    { class: "page-search", "aria-label": "Search" },
    h("div", { class: "page-search-head", role: "search" }, field, close),
    said,
    list,
  ) as HTMLDialogElement;
  document.body.append(dialog);

  let search: ((query: string) => Found[]) | null = null;
  let loading: Promise<void> | null = null;
  const load = () => {
    loading ??= loadIndex(index).then(
      (found) => {
        search = makeSearch(found);
      },
      () => {
        loading = null;
        said.textContent = "The index of the lessons could not be loaded. Reload the page to try again.";
      },
    );
    return loading;
  };
  const look = async () => {
    await load();
    if (!search) return;
    const query = field.value.trim();
    const found = query ? search(query) : [];
    list.replaceChildren(...found.map(layFound));
    if (!query) said.textContent = "";
    else if (found.length === 0) said.textContent = `Nothing in the course says “${query}”.`;
    else said.textContent = `${found.length} ${found.length === 1 ? "place" : "places"}`;
  };
  const show = () => {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    void look();
  };

  open.addEventListener("click", show);
  field.addEventListener("input", () => void look());
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || (event.target as Element).closest("a")) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => walk(event, field, list));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target))
      return;
    event.preventDefault();
    show();
  });
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || target.matches("input, textarea, select") || target.closest("dialog") !== null
  );
}

function layFound({ address, title, where, excerpt }: Found): HTMLElement {
  const text = excerpt.map((piece) => (piece.hit ? h("mark", {}, piece.text) : piece.text));
  return h(
    "li",
    {},
    h(
      "a",
      { href: address },
      h("span", { class: "page-found-where" }, where),
      h("strong", {}, title),
      h("span", { class: "page-found-text" }, ...text),
    ),
  );
}

/** Arrows lead through what was found, and Enter in the field opens the first. */
function walk(event: KeyboardEvent, field: HTMLInputElement, list: HTMLElement): void {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (event.key === "Enter" && document.activeElement === field) links[0]?.click();
  else if (event.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "ArrowUp") (at > 0 ? links[at - 1] : field).focus();
  else return;
  event.preventDefault();
}

function loadIndex(address: string): Promise<CourseIndex> {
  return new Promise((resolve, reject) => {
    window.rnnvizSearch = { fill: resolve };
    const script = h("script", { src: address });
    script.onerror = () => reject(new Error(`${address} is not there.`));
    document.head.append(script);
  });
}
