// Sets traits at once and tells Python of them once the hand rests.
import type { AnyModel } from "@anywidget/types";

/** How long the hand must rest before Python, which needs it only when asked, hears of it; in milliseconds. */
const REST = 400;

/**
 * Returns what sets some of the traits `names`. Whatever Python's side says of a trait meanwhile is older than the
 * hand: what was sent before comes back as an echo, on a busy machine much later, and would undo what was chosen since.
 */
export function saveAtRest(
  model: AnyModel,
  names: readonly string[],
  signal: AbortSignal,
): (values: Record<string, unknown>) => void {
  const unsaved = new Map<string, unknown>();
  let rest = 0;

  function save(): void {
    clearTimeout(rest);
    if (unsaved.size === 0) return;
    unsaved.clear();
    model.save_changes();
  }
  for (const name of names) {
    const insist = () => {
      if (unsaved.has(name) && model.get(name) !== unsaved.get(name)) model.set(name, unsaved.get(name));
    };
    model.on(`change:${name}`, insist);
    signal.addEventListener("abort", () => model.off(`change:${name}`, insist));
  }
  // Whoever closes a widget has not taken back what was set in it.
  signal.addEventListener("abort", save);

  return (values) => {
    for (const [name, value] of Object.entries(values)) {
      unsaved.set(name, value);
      model.set(name, value);
    }
    clearTimeout(rest);
    rest = window.setTimeout(save, REST);
  };
}
