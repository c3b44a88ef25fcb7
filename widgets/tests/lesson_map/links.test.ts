import { afterEach, describe, expect, it, vi } from "vitest";
import { lessonAddress, openInLab, pictureAddress } from "../../src/lesson_map/links";

const at = (pathname: string) => ({ pathname });

describe("links between lessons", () => {
  it.each([
    "/voila/render/00-start-here.ipynb",
    "/lab/tree/00-start-here.ipynb",
    "/user/ada/lab/tree/course/00.ipynb",
  ])("stay beside the page: %s", (pathname) => {
    expect(lessonAddress("05-forecasting", at(pathname))).toBe("05-forecasting.ipynb");
  });

  it("find JupyterLab's folder where the address does not say it", () => {
    expect(lessonAddress("05-forecasting", at("/user/ada/lab"))).toBe(
      "/user/ada/lab/tree/05-forecasting.ipynb",
    );
    expect(lessonAddress("05-forecasting", at("/lab/workspaces/auto-k"))).toBe(
      "/lab/tree/05-forecasting.ipynb",
    );
  });

  it("take pictures from the dashboards' server, and from nowhere else", () => {
    expect(pictureAddress("05-forecasting", true, at("/hub/voila/render/00-start-here.ipynb"))).toBe(
      "/hub/rnnviz/pictures/05-forecasting.dark.png",
    );
    expect(pictureAddress("05-forecasting", false, at("/lab/tree/00-start-here.ipynb"))).toBeNull();
  });

  it("stay among pages saved without Python, wherever those lie", () => {
    for (const pathname of ["/home/ada/pages/00-start-here.html", "/course/00-start-here"]) {
      expect(lessonAddress("05-forecasting", at(pathname), true)).toBe("05-forecasting.html");
      expect(pictureAddress("05-forecasting", true, at(pathname), true)).toBe(
        "pictures/05-forecasting.dark.png",
      );
    }
  });
});

describe("in JupyterLab", () => {
  afterEach(() => vi.unstubAllGlobals());
  const click = (options: Partial<MouseEvent> = {}) =>
    ({ button: 0, ctrlKey: false, metaKey: false, shiftKey: false, ...options }) as MouseEvent;

  it("a click opens a tab, in the notebook's own folder", () => {
    const execute = vi.fn(() => Promise.resolve());
    const location = { pathname: "/lab/tree/my%20course/00-start-here.ipynb" };
    vi.stubGlobal("window", { location, jupyterapp: { commands: { execute, hasCommand: () => true } } });
    expect(openInLab("05-forecasting", click())).toBe(true);
    expect(execute).toHaveBeenCalledWith("docmanager:open", { path: "my course/05-forecasting.ipynb" });
  });

  it("a click that asks for a new window, or a page without tabs, is left to the link", () => {
    const execute = vi.fn();
    const location = { pathname: "/lab" };
    const commands = { execute, hasCommand: () => true };
    vi.stubGlobal("window", { location });
    expect(openInLab("05-forecasting", click())).toBe(false);
    vi.stubGlobal("window", { location, jupyterapp: { commands } });
    expect(openInLab("05-forecasting", click({ ctrlKey: true }))).toBe(false);
    vi.stubGlobal("window", { location, jupyterapp: { commands: { ...commands, hasCommand: () => false } } });
    expect(openInLab("05-forecasting", click())).toBe(false);
    expect(execute).not.toHaveBeenCalled();
  });
});
