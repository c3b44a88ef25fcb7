// Which sequence of the batch a widget shows: the same menu everywhere, moved by the one cursor.

import { h } from "../page/dom";
import type { Cursor } from "../page/shared_cursor";

/** A menu of the sequences; it hides where there is no choice, and a choice moves the cursor. */
export function makeSequencePicker(cursor: Cursor, sequences: number): HTMLSelectElement {
  const picker = h("select", { "aria-label": "Sequence", hidden: sequences < 2 });
  for (let k = 0; k < sequences; k++) picker.append(h("option", { value: k }, `sequence ${k}`));
  picker.addEventListener("change", () => cursor.move({ sequence: Number(picker.value) }));
  return picker;
}
