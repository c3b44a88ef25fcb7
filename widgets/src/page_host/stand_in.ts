// One cell's outputs, drawn from a snapshot, until what the kernel sends takes their place.
import type { RenderProps } from "@anywidget/types";
import { h } from "../lib/page/dom";
import { layOutputs, type Output, type PageHost } from "./host";

/** How long a widget's own state may take after the widget. */
const LATE = 2000;

export interface Arrival {
  props: RenderProps;
  draw: () => Promise<void>;
}

interface View {
  id: string;
  el: HTMLElement;
  /** Ends what was drawn from the snapshot: each widget by itself, since its neighbours may stay. */
  life: AbortController;
}

export class StandIn {
  readonly element: HTMLElement;
  private readonly views: View[];
  private arrived: Arrival[] = [];
  private drawn: Promise<unknown> = Promise.resolve();
  private over = false;
  private stopWaiting = () => {};

  constructor(
    readonly cell: HTMLElement,
    outputs: Output[],
    private readonly page: PageHost,
  ) {
    const { element, views } = layOutputs(outputs);
    this.views = views.map((view) => ({ ...view, life: new AbortController() }));
    this.element = h("div", { class: "page-stand-in" }, element);
    cell.classList.add("page-stands-in");
    // In front of what Voilà fills, which is the cell's last element.
    cell.insertBefore(this.element, cell.querySelector(":scope > .jp-Cell"));
    if (views.length === 0) this.waitForText(outputs.length);
  }

  draw(): Promise<unknown> {
    this.drawn = Promise.all(this.views.map(({ id, el, life }) => this.page.draw(id, el, life.signal)));
    return this.drawn;
  }

  arrive(arrival: Arrival): void {
    if (this.over) return void arrival.draw();
    // Drawn once, whether it is found to differ or waited for in vain, or both.
    let drawn: Promise<void> | undefined;
    const mine = { ...arrival, draw: () => (drawn ??= arrival.draw()) };
    this.arrived = [...this.arrived, mine];
    // One that Jupyter takes away again is followed by another.
    arrival.props.signal.addEventListener("abort", () => {
      this.arrived = this.arrived.filter((one) => one !== mine);
    });
    if (this.arrived.length === this.views.length) void this.handOver(this.arrived);
  }

  private async handOver(arrived: Arrival[]): Promise<void> {
    const follows = Node.DOCUMENT_POSITION_FOLLOWING;
    arrived.sort((a, b) => (a.props.el.compareDocumentPosition(b.props.el) & follows ? -1 : 1));
    // Outputs and widgets' messages come over two sockets: a widget may be there before the last of what it shows.
    let adopt = await this.compare(arrived);
    for (let waited = 0; waited < LATE && !adopt.every(Boolean); waited += 100) {
      await sleep(100);
      adopt = await this.compare(arrived);
    }
    // What is drawn afresh is drawn behind the curtain.
    await Promise.all(arrived.map(({ draw }, at) => (adopt[at] ? undefined : draw())));
    await this.drawn;
    await handsOff();
    if (this.over || arrived !== this.arrived) return;
    for (const [at, { props }] of arrived.entries()) {
      const { el, life } = this.views[at];
      if (!adopt[at]) continue;
      for (const node of [...el.childNodes]) move(node, props.el);
      props.el.removeAttribute("aria-busy");
      props.signal.addEventListener("abort", () => life.abort());
    }
    if (adopt.some((same) => !same)) this.keepFocus();
    this.over = true;
    this.leave(adopt);
  }

  private compare(arrived: Arrival[]): Promise<boolean[]> {
    return Promise.all(
      arrived.map(({ props: { model, host, signal } }, at) =>
        this.page.match(this.views[at].id, model, host, signal),
      ),
    );
  }

  /** The keyboard stays where it is, also where a widget was drawn afresh. */
  private keepFocus(): void {
    const focused = document.activeElement;
    if (!focused || !this.element.contains(focused)) return;
    const places = (root: Element) => [...root.querySelectorAll<HTMLElement>(focused.localName)];
    const wrapper = this.cell.querySelector(":scope > .jp-Cell");
    const at = places(this.element).indexOf(focused as HTMLElement);
    this.cell.classList.remove("page-stands-in");
    if (wrapper) places(wrapper)[at]?.focus({ preventScroll: true });
  }

  private waitForText(count: number): void {
    const look = () => {
      const outputs = [...this.cell.querySelectorAll(":scope > .jp-Cell .jp-OutputArea-output")];
      if (outputs.length < count || outputs.some((output) => !output.hasChildNodes())) return;
      void this.giveUp();
    };
    const observer = new MutationObserver(look);
    this.stopWaiting = () => observer.disconnect();
    observer.observe(this.cell, { childList: true, subtree: true });
    look();
  }

  /** Shows what the kernel has sent, whatever it is. */
  async giveUp(): Promise<void> {
    if (this.over) return;
    this.over = true;
    this.stopWaiting();
    for (const { draw } of this.arrived) void draw();
    await handsOff();
    this.leave([]);
  }

  /** Lets the cell be seen; of the widgets of the snapshot those live on that were adopted. */
  private leave(adopted: boolean[]): void {
    this.element.remove();
    this.cell.classList.remove("page-stands-in");
    for (const [at, { life }] of this.views.entries()) if (!adopted[at]) life.abort();
    performance.mark("rnnviz:handed-over");
  }
}

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Resolves when nothing is being dragged: an element that moves in the tree loses its pointer. */
function handsOff(): Promise<void> {
  if (!pressed) return Promise.resolve();
  return new Promise((done) => {
    const look = () => {
      if (pressed) return;
      for (const name of ["pointerup", "pointercancel"]) document.removeEventListener(name, look, true);
      // The click that follows belongs to what was pressed.
      setTimeout(() => void handsOff().then(done), 0);
    };
    for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, look, true);
  });
}
let pressed = false;
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const name of ["pointerup", "pointercancel"])
  document.addEventListener(name, () => (pressed = false), true);

/** Moves a node with its focus, its scroll position and its animations, where the browser can. */
function move(node: ChildNode, to: HTMLElement): void {
  const target = to as HTMLElement & { moveBefore?: (node: Node, before: Node | null) => void };
  const focused = document.activeElement;
  if (target.moveBefore) target.moveBefore(node, null);
  else {
    target.append(node);
    if (focused instanceof HTMLElement && node.contains(focused)) focused.focus({ preventScroll: true });
  }
}
