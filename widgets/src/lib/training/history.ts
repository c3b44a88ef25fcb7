// What happened during training, in bounded memory: the longer it lasts, the coarser the steps that are kept.

/** Things in the order of their steps; the first and the latest are always there, the others evenly spread. */
export class History<Item extends { step: number }> {
  items: Item[] = [];
  private spacing = 0;

  constructor(readonly capacity: number) {}

  /** Keeps an item; one from an earlier step than the latest means that training has begun anew. */
  add(item: Item): void {
    const { items } = this;
    const last = items.at(-1);
    if (last && item.step < last.step) this.clear();
    const before = this.items.at(-2);
    // The latest is replaced as long as it is too close to the one before it.
    if (last && this.items.length > 0 && item.step === last.step) this.items[this.items.length - 1] = item;
    else if (before && last && last.step - before.step < this.spacing)
      this.items[this.items.length - 1] = item;
    else this.items.push(item);
    if (this.items.length > this.capacity) this.thin();
  }

  clear(): void {
    this.items = [];
    this.spacing = 0;
  }

  /** Index of the item at a step, or the last one before it. */
  indexAt(step: number): number {
    let [low, high] = [0, this.items.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.items[middle].step <= step) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private thin(): void {
    const { items } = this;
    const [first, last] = [items[0], items[items.length - 1]];
    this.spacing = (2 * (last.step - first.step)) / this.capacity;
    let kept = first.step;
    this.items = items.filter((item) => {
      const keep = item === first || item === last || item.step - kept >= this.spacing;
      if (keep) kept = item.step;
      return keep;
    });
  }
}
