// The controls of a widget by the names that its reader sees, so that what was set can be kept and set again.

const CONTROLS =
  "input:not([type=file], [type=search], [type=hidden]), select, textarea, button[aria-pressed]";
/** What only saves, is not there, or is kept by its widget; of a slider, the field beside it says more. */
const LEFT_OUT = ".rv-save, [role=menu], [hidden], [data-kept], .rv-slider > [type=range]";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement;

/** A name for an address: small letters, digits of words, hyphens. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    // A label may show the value that it sets: that is no part of its name.
    .replace(/[-−+]?\d+([.,]\d+)?%?/g, " ")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");

/** The slider that a field stands beside: both are one setting, called as the slider is. */
const sliderOf = (control: Element) =>
  control.parentElement?.querySelector(".rv-slider > [type=range]") ?? null;

/** The control that is kept for this one. */
export const keptFor = (control: Element): Element =>
  (control.matches(".rv-slider > [type=range]") && control.parentElement!.querySelector(".rv-typed")) ||
  control;

function titleOf(control: Control): string {
  const slider = control.matches(".rv-typed") ? sliderOf(control) : null;
  if (slider) return slider.getAttribute("aria-label") ?? "";
  const labelled = control.getAttribute("aria-label") ?? control.title;
  if (labelled) return labelled;
  if (control instanceof HTMLButtonElement) return control.textContent ?? "";
  const label = control.labels?.[0]?.cloneNode(true) as HTMLElement | undefined;
  for (const inner of label?.querySelectorAll("input, select, textarea, output, button") ?? [])
    inner.remove();
  return label?.textContent ?? control.name;
}

/**
 * A widget's own controls by name; those of a widget inside it are that widget's. Where the page keeps its cursor, what
 * moves that is left out.
 */
export function nameControls(root: HTMLElement, keepsCursor = false): Map<string, Control> {
  const named = new Map<string, Control>();
  for (const control of root.querySelectorAll<Control>(CONTROLS)) {
    if (control.closest(".rnnviz") !== root || control.closest(LEFT_OUT)) continue;
    if (control.closest(".rv-transport") && (keepsCursor || !control.matches("[type=range]"))) continue;
    const radio = control instanceof HTMLInputElement && control.type === "radio";
    const name = slug(radio ? `${groupOf(control)} ${titleOf(control)}` : titleOf(control)) || "control";
    let free = name;
    for (let count = 2; named.has(free); count++) free = `${name}-${count}`;
    named.set(free, control);
  }
  return named;
}

const groupOf = (control: Element) =>
  control.closest("[role=radiogroup], fieldset, [role=group]")?.getAttribute("aria-label") ?? "";

const isTicked = (control: Control): control is HTMLInputElement =>
  control instanceof HTMLInputElement && (control.type === "checkbox" || control.type === "radio");

export function readControl(control: Control): string {
  if (control instanceof HTMLButtonElement)
    return control.getAttribute("aria-pressed") === "true" ? "1" : "0";
  if (isTicked(control)) return control.checked ? "1" : "0";
  return control.value;
}

/** Sets a control as a hand does, so that its widget hears of it; whether anything was to be set. */
export function setControl(control: Control, value: string): boolean {
  if (control.disabled || readControl(control) === value) return false;
  if (control instanceof HTMLButtonElement || isTicked(control)) {
    // A radio button is let go of by choosing another.
    if (isTicked(control) && control.type === "radio" && value === "0") return false;
    control.click();
    return true;
  }
  if (control instanceof HTMLSelectElement && ![...control.options].some((option) => option.value === value))
    return false;
  control.value = value;
  for (const event of ["input", "change"]) control.dispatchEvent(new Event(event, { bubbles: true }));
  return true;
}
