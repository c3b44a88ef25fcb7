// What a widget holds beyond its controls, such as a drawing or a file: our pages keep it over a reload, in this browser.

export interface Kept {
  name: string;
  /** Anything that JSON can hold. */
  value: unknown;
}

/** Fired on a widget's element when there is something new to keep. */
export const KEEP = "rnnviz:keep";
/** Fired on a control that a hand has set by a key of ours, of which the browser tells nobody. */
export const CHOSEN = "rnnviz:chosen";
/** Fired on a widget's element by a page that has kept something of it. */
export const RESTORE = "rnnviz:restore";

export const tellChosen = (control: HTMLElement): void =>
  void control.dispatchEvent(new Event(CHOSEN, { bubbles: true }));

/**
 * Takes part in what the page keeps: `restore` is called with what was kept, and the function returned hands over what
 * there is to keep. Where no page listens, nothing happens.
 */
export function keepState<Value>(
  element: HTMLElement,
  name: string,
  signal: AbortSignal,
  restore: (value: Value) => void,
): (value: Value) => void {
  // On the document, since the element may stand anywhere in its widget.
  const hear = (event: Event) => {
    const { detail, target } = event as CustomEvent<Kept>;
    if (detail.name === name && target instanceof Node && target.contains(element))
      restore(detail.value as Value);
  };
  document.addEventListener(RESTORE, hear, { signal });
  return (value) =>
    void element.dispatchEvent(new CustomEvent<Kept>(KEEP, { bubbles: true, detail: { name, value } }));
}
