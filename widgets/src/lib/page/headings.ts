/**
 * A widget's title is of the third level, since it stands in a section. One that opens a page, right below its title,
 * stands in none, and its headings count one level higher, so that none is skipped.
 */
export function nestHeadings(root: HTMLElement): void {
  // Around JupyterLab's notebook stand headings of its panels, which head nothing here.
  const page = root.closest(".jp-Notebook") ?? document;
  const before = (tag: string) =>
    [...page.querySelectorAll(tag)].some(
      (one) => root.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING,
    );
  if (!before("h1") || before("h2")) return;
  for (const heading of root.querySelectorAll("h3, h4"))
    heading.setAttribute("aria-level", String(Number(heading.tagName[1]) - 1));
}
