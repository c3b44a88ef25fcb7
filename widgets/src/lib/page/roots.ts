// Which element a widget is drawn in, for what is shared by all widgets and gets only its model.
import type { AnyModel } from "@anywidget/types";
import type { TellsCursor } from "./shared_cursor";

const roots = new WeakMap<AnyModel, HTMLElement & TellsCursor>();

export const noteRoot = (model: AnyModel, root: HTMLElement): void => void roots.set(model, root);

export const rootOf = (model: AnyModel): (HTMLElement & TellsCursor) | undefined => roots.get(model);
