// Where a lesson is to be found from the page the reader is on: a dashboard beside this one, a notebook in Lab, or a page
// that `rnnviz export` has saved beside this one.

type Place = Pick<Location, "pathname">;

const DASHBOARD = /^(.*\/)voila\/render\/(.*\/)?[^/]*$/;
/** JupyterLab keeps the open notebook in its address. */
const NOTEBOOK = /\/tree\/(.*\/)?[^/]*$/;

/** The address of another lesson in the same folder; `saved` where this page is one that was saved without Python. */
export function lessonAddress(name: string, { pathname }: Place, saved = false): string {
  if (saved) return `${encodeURIComponent(name)}.html`;
  const file = `${encodeURIComponent(name)}.ipynb`;
  if (DASHBOARD.test(pathname) || NOTEBOOK.test(pathname)) return file;
  return `${labRoot(pathname)}lab/tree/${file}`;
}

/** The address of a lesson's picture where a server of dashboards or the saved page's folder has it, else null. */
export function pictureAddress(
  name: string,
  dark: boolean,
  { pathname }: Place,
  saved = false,
): string | null {
  const file = `pictures/${encodeURIComponent(name)}${dark ? ".dark" : ""}.png`;
  if (saved) return file;
  const dashboard = DASHBOARD.exec(pathname);
  return dashboard ? `${dashboard[1]}rnnviz/${file}` : null;
}

const labRoot = (pathname: string): string => /^(.*?\/)lab(\/|$)/.exec(pathname)?.[1] ?? "/";

const OPEN = "docmanager:open";

interface LabWindow {
  jupyterapp?: {
    commands: {
      hasCommand(command: string): boolean;
      execute(command: string, what: { path: string }): Promise<unknown>;
    };
  };
}

/** Opens the lesson as another tab of this JupyterLab, where it lets itself be asked; else the link does it. */
export function openInLab(name: string, event: MouseEvent): boolean {
  const app = (window as LabWindow).jupyterapp;
  // Voilà lets itself be asked too, and has no tabs to open anything in.
  if (
    !app?.commands.hasCommand(OPEN) ||
    event.button !== 0 ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey
  )
    return false;
  const folder = decodeURIComponent(NOTEBOOK.exec(window.location.pathname)?.[1] ?? "");
  void app.commands.execute(OPEN, { path: `${folder}${name}.ipynb` });
  return true;
}
